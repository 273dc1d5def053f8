"""A learnt event variable: likeness, slices, bars and objective draw and say what they are given, odd inputs too."""

from dataclasses import replace
from math import nan

import numpy as np
import pytest

from core.event_variables.results import Comparison, EventVariableView, Figure, Slice, Spectrum, Words
from core.figures.event_variables import (
    agreement_figure,
    event_variable_sentence,
    information_bars,
    separation_bars,
    slices_figure,
)
from core.figures.objective import objective_figure
from core.figures.palette import PALETTES
from core.figures.style import alt_text
from core.results import Estimate

V, M, MT2, THETA = Words("v", "v"), Words("m", "m", "GeV"), Words("m_t2", "m_T2", "GeV"), Words("theta", "θ", "GeV")
EDGES = np.array([0.0, 1.0, 2.0])


def compared(known: Words, tau: float) -> Comparison:
    density = np.array([[0.25, 0.0], [0.25, 0.5]])
    return Comparison(
        V, known, Estimate(tau, 0.001), Estimate(1.5, 0.01), Estimate(0.6, 0.01), 8, 100 * EDGES, EDGES, density
    )


def judged(variable: Words, value: float, error: float, *, is_learnt: bool = False) -> Figure:
    return Figure(variable, is_learnt, Estimate(value, error))


SPECTRUM = Spectrum(
    V,
    EDGES,
    (
        Slice(100.0, 120.0, 50, np.array([0.9, 0.1])),
        Slice(300.0, 300.0, 60, np.array([0.2, 0.8])),
        Slice(nan, nan, 70, np.array([0.5, 0.5]), is_background=True),
    ),
)
VIEW = EventVariableView(
    "blueprint_2", "variable", THETA, (V,), 400, 300, Estimate(0.5, 0.01), (compared(M, 0.98), compared(MT2, 0.8)),
    (SPECTRUM,), (judged(V, 2.5, 0.01, is_learnt=True), judged(M, 3.0, 0.02), judged(MT2, 1.0, 0.01)),
    (judged(V, 0.6, 0.3, is_learnt=True), judged(MT2, 0.7, 0.01)),
)  # fmt: skip


def test_the_density_is_drawn_in_per_mille_with_the_known_variable_across() -> None:
    figure = agreement_figure(compared(MT2, 0.8), 300)
    (cells,) = figure.data
    assert cells.z[0][1] == 250 and cells.z[1][1] == 500 and np.isnan(cells.z[1][0])
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("m<sub>T2</sub> [GeV]", "v")
    assert "0.8000 ± 0.0010" in alt_text(figure)


def test_slices_are_named_by_their_theta_and_the_background_is_filled_beneath() -> None:
    figure = slices_figure(SPECTRUM, THETA)
    assert [trace.name for trace in figure.data] == ["background", "100 < θ < 120 GeV", "θ = 300 GeV"]
    assert [trace.fill for trace in figure.data] == ["tozeroy", "none", "none"]
    assert max(figure.data[1].y) == 0.9
    assert "most at 0.500" in alt_text(figure)


def test_one_slice_without_theta_is_the_signal_in_its_colour() -> None:
    one = Slice(nan, nan, 10, np.array([0.5, 0.5]))
    figure = slices_figure(replace(SPECTRUM, slices=(one, replace(one, n_events=0))), None)
    assert [trace.name for trace in figure.data] == ["signal"]
    assert figure.data[0].line.color == PALETTES["light"].signal
    assert "v of signal and background" in figure.layout.title.text


@pytest.mark.parametrize(("edges", "whole"), [([-0.5, 0.5, 1.5], True), ([0.5, 0.75, 1.0], False)])
def test_a_categoriser_has_ticks_at_its_categories(edges: list[float], whole: bool) -> None:
    spectrum = replace(SPECTRUM, edges=np.array(edges))
    comparison = replace(compared(M, 0.5), learnt_edges=np.array(edges))
    found = (slices_figure(spectrum, THETA).layout.xaxis.dtick, agreement_figure(comparison, 9).layout.yaxis.dtick)
    assert found == ((1, 1) if whole else (None, None))


@pytest.mark.parametrize("draw", [information_bars, separation_bars])
def test_error_bars_end_within_the_axis(draw: object) -> None:
    figure = draw(VIEW)  # type: ignore[operator]
    bars = figure.data[0]
    start = bars.base or 0.0
    ends = [start + x + error for x, error in zip(bars.x, bars.error_x.array, strict=True)]
    assert max(ends) <= figure.layout.xaxis.range[1]
    assert list(bars.x) == sorted(bars.x)
    assert "v (learnt)" in bars.y and "m<sub>T2</sub>" in bars.y


def test_bars_without_an_error_or_a_value_are_drawn() -> None:
    odd = replace(VIEW, separation=(judged(V, 0.5, nan, is_learnt=True), judged(M, nan, nan)))
    low, high = separation_bars(odd).layout.xaxis.range
    assert low == 0.5 < high < 0.51


@pytest.mark.parametrize(
    ("tau", "words"),
    [(-0.96, "v is m_T2"), (0.94, "v resembles m_T2"), (0.3, "none of the known variables; the closest is m_T2")],
)
def test_the_sentence_says_how_alike_the_closest_one_is(tau: float, words: str) -> None:
    said = event_variable_sentence(replace(VIEW, comparisons=(compared(M, 0.1), compared(MT2, tau))))
    assert f"{words}: Kendall τ = " in said
    assert "2.500 ± 0.010 nats of θ through v, 3.00 ± 0.02 through m." in said


def test_a_constant_variable_is_said_to_be_one_and_the_same_and_digits_beneath_a_float_are_left_out() -> None:
    rounding = judged(V, 0.5 + 5.6e-16, 1.4e-17, is_learnt=True)
    said = event_variable_sentence(replace(VIEW, comparisons=(compared(M, nan),), separation=(rounding,)))
    assert "v is one and the same for all events" in said
    assert said.endswith("an AUC of 0.500.")


def test_without_anything_to_compare_with_nothing_is_said() -> None:
    assert event_variable_sentence(replace(VIEW, comparisons=(), information=(), separation=())) == ""


def test_the_objective_waits_grows_and_shows_the_dependence_where_there_is_one() -> None:
    assert "waiting for the first epoch" in alt_text(objective_figure([], [], 5))
    rows = [{"objective": 0.1, "validation_objective": 0.2, "dependence": 0.3}]
    figure = objective_figure([1], rows, 5)
    assert [trace.y[0] for trace in figure.data] == [0.1, 0.2, 0.3] and figure.data[0].mode == "lines+markers"
    assert figure.layout.xaxis.range == (0, 5.5)
    assert "0.200 nats" in alt_text(figure)
    assert len(objective_figure([1], [{"objective": 0.1}], 5).data) == 2
