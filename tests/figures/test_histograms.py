"""One variable, signal beside background."""

import numpy as np
import pytest

from core.events.histograms import class_histogram
from core.events.table import Column, EventTable, Roles
from core.figures.histograms import histogram_figure
from core.figures.palette import PALETTES
from tests.figures.conftest import Results


def test_outlines_are_the_densities_in_their_colours(results: Results) -> None:
    histogram = class_histogram(results.table, "mass")
    outlines = [trace for trace in histogram_figure(histogram).data if trace.mode == "lines"]
    for trace, name in zip(outlines, ("signal", "background"), strict=True):
        np.testing.assert_array_equal(trace.x, np.repeat(histogram.edges, 2))
        np.testing.assert_array_equal(trace.y[1:-1:2], histogram.shapes[name].density)
        assert trace.name == name and trace.line.color == getattr(PALETTES["light"], name)
    assert outlines[0].fillpattern.shape == "/" and not outlines[1].fillpattern.shape


def test_hover_gives_density_error_and_unit(results: Results) -> None:
    histogram = class_histogram(results.table, "mass")
    points = next(trace for trace in histogram_figure(histogram).data if trace.mode == "markers")
    densest = int(np.argmax(histogram.shapes["signal"].density))
    text = points.text[densest]
    assert text.endswith("/GeV")
    value, error = (float(number) for number in text.removesuffix("/GeV").split(" ± "))
    assert value == pytest.approx(histogram.shapes["signal"].density[densest], abs=error)
    assert error == pytest.approx(histogram.shapes["signal"].error[densest], rel=0.3)


def test_title_and_notes(results: Results) -> None:
    title = histogram_figure(class_histogram(results.table, "mass")).layout.title
    assert title.text.startswith("m · separation 0.")
    assert title.subtitle.text.count("1,500 events (N<sub>eff</sub>") == 2


def test_unlabelled_events_have_one_outline() -> None:
    figure = histogram_figure(class_histogram(EventTable("t", {"x": np.arange(10.0) / 3}), "x"))
    assert {trace.name for trace in figure.data} == {"all"}
    assert "separation" not in figure.layout.title.text


def test_whole_numbers_are_shares_with_a_tick_each(rng: np.random.Generator) -> None:
    table = EventTable("t", {"n": rng.integers(0, 5, 100)}, described={"n": Column("n", "N_jets")})
    layout = histogram_figure(class_histogram(table, "n")).layout
    assert layout.xaxis.dtick == 1 and layout.yaxis.title.text == "share of events"


def test_missing_values_are_mentioned() -> None:
    figure = histogram_figure(class_histogram(EventTable("t", {"x": np.array([0.5, np.nan, 1.5])}), "x"))
    assert "1 event without a value" in figure.layout.title.subtitle.text


def test_a_class_without_events_is_drawn_empty() -> None:
    table = EventTable("t", {"x": np.arange(4.0), "label": np.ones(4)}, Roles(label="label"))
    figure = histogram_figure(class_histogram(table, "x"))
    assert "background: 0 events" in figure.layout.title.subtitle.text
