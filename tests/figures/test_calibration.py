"""Calibration: each figure draws and says what it is given, and methods and spectra keep their look."""

import json
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest

from core.calibration.results import CalibrationView, Closure, Information, Profile, Shift, Truths
from core.events.table import Column
from core.figures.calibration import closure_figure, profile_figure, shift_figure
from core.figures.calibration_training import calibration_losses_figure, resolution_figure, truths_figure
from core.figures.calibration_words import calibration_sentence, suits_ratio
from core.figures.palette import PALETTES
from core.figures.style import alt_text
from core.figures.words import plain
from core.results import Estimate

NONE, EDGES, X = np.full(2, np.nan), np.array([50.0, 100.0, 200.0]), np.array([60.0, 120.0])
TITLES = {"mse": "Mean squared error", "gaussian_ansatz": "Gaussian Ansatz"}
COLUMNS = {"true_pt": Column("true_pt", "p_T^true", "GeV"), "falling": Column("falling", "steep <1>")}


def closure(method: str, train: str, test: str, bias: float) -> Closure:
    has_sigma = method != "mse"
    sigma = np.array([7.0, 9.0]) if has_sigma else NONE
    pull = np.array([0.95, 1.05]) if has_sigma else NONE
    return Closure(
        method, TITLES[method], train, test, "true_pt", EDGES, np.array([400.0, 300.0]),
        np.array([bias, -bias]), np.array([0.1, 0.2]), np.array([bias / 2, 0.0]),
        np.array([1 + bias / 100, 1.0]), np.array([0.001, 0.002]), np.array([8.0, 9.0]), np.array([0.1, 0.1]),
        pull, pull, pull / 50, sigma, np.array([-bias, bias]), np.array([0.1, 0.2]), np.array([bias + 0.1, -bias]),
        (50.0, 200.0), Estimate(bias, 0.1), Estimate(8.5, 0.1),
        Estimate(float(pull[0]), 0.02), Estimate(1 + bias / 100, 0.001),
    )  # fmt: skip


def shift(method: str, test: str, mean: float) -> Shift:
    return Shift(
        method, TITLES[method], "uniform", "falling", test, "true_pt", EDGES, np.array([mean, mean - 1]),
        np.array([0.1, 0.1]), np.array([mean - 0.2, mean]), (60.0, 180.0), Estimate(mean, 0.04),
    )  # fmt: skip


TRAIN, TEST = ("uniform", "falling"), ("uniform", "falling")
VIEW = CalibrationView(
    ("true_pt",), TRAIN, TEST, 4000,
    tuple(Truths(name, "true_pt", 2000, 1500.0, EDGES, np.array([0.25, 0.75])) for name in TRAIN),
    tuple(
        closure(method, train, test, bias)
        for method, bias in (("mse", 4.0), ("gaussian_ansatz", 0.5)) for train in TRAIN for test in TEST
    ),
    tuple(shift(method, test, mean) for method, mean in (("mse", -6.1), ("gaussian_ansatz", 0.02)) for test in TEST),
    tuple(
        Profile(method, TITLES[method], train, X, X + 3, NONE, X + 2, 1.0, (50.0, 130.0))
        for method in TITLES for train in TRAIN
    ),
    (Information("gaussian_ansatz", "Gaussian Ansatz", "uniform", Estimate(0.88, 0.01), 0.886),),
)  # fmt: skip
HISTORY = [
    {f"loss_{method}_{train}": 1 / epoch + k for k, method in enumerate(TITLES) for train in TRAIN} for epoch in (1, 2)
]
FIGURES: dict[str, Callable[..., go.Figure]] = {
    "profile": lambda mode: profile_figure(VIEW, COLUMNS, mode),
    "closure": lambda mode: closure_figure(VIEW, COLUMNS, "true_pt", "falling", "difference", mode),
    "ratio": lambda mode: closure_figure(VIEW, COLUMNS, "true_pt", "uniform", "ratio", mode),
    "shift": lambda mode: shift_figure(VIEW, COLUMNS, "true_pt", "falling", mode),
    "resolution": lambda mode: resolution_figure(VIEW, COLUMNS, "true_pt", "falling", mode),
    "spectra": lambda mode: truths_figure(VIEW, COLUMNS, "true_pt", mode),
    "losses": lambda mode: calibration_losses_figure([1, 2], HISTORY, list(TITLES), TRAIN, 5, COLUMNS, mode=mode),
}


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("name", list(FIGURES))
def test_every_figure_keeps_the_promises_of_all_figures(name, mode) -> None:
    figure = FIGURES[name](mode=mode)
    assert go.Figure(json.loads(figure.to_json())).data
    assert re.search(r"\d", alt_text(figure)) and alt_text(figure).endswith(".") and "<sub>" not in alt_text(figure)
    title = figure.layout.title
    assert re.search(r"\d events|epoch \d+ of \d+", plain(title.subtitle.text))
    assert all(len(plain(line)) <= 54 for line in title.text.split("<br>"))
    assert all(len(plain(line)) <= 60 for line in title.subtitle.text.split("<br>"))
    assert "<1>" not in title.subtitle.text + title.text
    assert figure.layout.template.layout.paper_bgcolor == PALETTES[mode].paper
    axes = [axis for key, axis in figure.layout.to_plotly_json().items() if re.fullmatch(r"[xy]axis\d*", key)]
    assert all("title" in axis for axis in axes)


def lines(figure: go.Figure, axis: str) -> list[go.Scatter]:
    return [trace for trace in figure.data if (trace.yaxis or "y") == axis]


def test_a_profile_is_what_is_left_after_the_feature_with_its_closed_form_dashed() -> None:
    upper = lines(profile_figure(VIEW, COLUMNS), "y")
    assert [trace.y.tolist() for trace in upper] == [[3, 3], [2, 2]] * 2
    assert [trace.line.dash for trace in upper[:2]] == [None, "5px,3px"]
    unknown = replace(VIEW, closures=tuple(replace(each, exact=NONE) for each in VIEW.closures))
    assert lines(profile_figure(unknown, COLUMNS), "y")[0].y.tolist() == (X + 3).tolist()


@pytest.mark.parametrize(
    ("quantity", "values", "level"), [("difference", [4, -4], 0), ("ratio", [1.04, 1], 1), ("by_estimate", [-4, 4], 0)]
)
def test_a_closure_has_a_panel_a_method_and_a_line_where_nothing_is_wrong(quantity, values, level) -> None:
    figure = closure_figure(VIEW, COLUMNS, "true_pt", "falling", quantity)
    points = [trace for trace in lines(figure, "y") if trace.mode == "markers"]
    assert [trace.name for trace in points] == ["uniform", "steep &lt;1&gt;"]
    assert points[0].y.tolist() == values
    assert {shape.y0 for shape in figure.layout.shapes if shape.type == "line"} == {level}
    dashed = [trace for trace in figure.data if trace.mode == "lines"]
    assert len(dashed) == (4 if quantity == "difference" else 0)
    assert "GeV" in figure.layout.xaxis.title.text and ("GeV" in figure.layout.yaxis.title.text) == (level == 0)


def test_a_shift_stands_beside_its_closed_form_with_the_bulk_left_white() -> None:
    figure = shift_figure(VIEW, COLUMNS, "true_pt", "uniform")
    points, dashed = figure.data[:2]
    assert (points.y.tolist(), dashed.y.tolist()) == ([-6.1, -7.1], [-6.3, -6.1])
    assert points.error_y.array.tolist() == [0.1, 0.1] and points.name == "Mean squared error"
    areas = [(shape.x0, shape.x1) for shape in figure.layout.shapes if shape.type == "rect"]
    assert areas == [(50.0, 60.0), (180.0, 200.0)]
    assert "mean squared error trained on steep <1>: −6.10 ± 0.04 GeV" in alt_text(figure)


def test_only_a_method_with_a_width_has_a_pull() -> None:
    figure = resolution_figure(VIEW, COLUMNS, "true_pt", "uniform")
    assert len(lines(figure, "y2")) == 2
    assert lines(figure, "y2")[0].y.tolist() == [0.95, 1.05]
    assert sum(bool(trace.showlegend) for trace in figure.data) == 2


def test_spectra_are_densities() -> None:
    assert truths_figure(VIEW, COLUMNS, "true_pt").data[0].y.tolist() == [0.005, 0.0075, 0.0075]


def test_losses_before_the_first_epoch_are_an_empty_figure() -> None:
    figure = calibration_losses_figure([], [], list(TITLES), TRAIN, 5, COLUMNS)
    assert "waiting for the first epoch" in alt_text(figure)


def test_the_sentence_says_what_moves_and_what_is_off() -> None:
    said = calibration_sentence(VIEW, COLUMNS, "true_pt", "uniform")
    assert said == (
        "When the training spectrum changes from uniform to steep <1>, mean squared error moves the answer by "
        "−6.10 ± 0.04 GeV, Gaussian Ansatz by 0.02 ± 0.04 GeV. In the bulk of the training spectra, mean squared "
        "error is off by 4.00 % at most, Gaussian Ansatz by 0.500 %."
    )
    alone = calibration_sentence(replace(VIEW, shifts=()), COLUMNS, "true_pt", "uniform")
    assert alone.startswith("In the bulk")


def test_a_ratio_is_not_for_truths_near_zero() -> None:
    assert suits_ratio(VIEW, "true_pt")
    near = tuple(replace(each, bins=np.array([0.01, 4.0, 8.0]), bulk=(0.0, 9.0)) for each in VIEW.closures)
    assert not suits_ratio(replace(VIEW, closures=near), "true_pt")
    assert "off by 4.00 GeV at most" in calibration_sentence(
        replace(VIEW, closures=near), COLUMNS, "true_pt", "uniform"
    )
