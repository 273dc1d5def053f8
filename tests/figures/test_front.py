"""The front draws what it is given: points with errors, the limit, and where the slider stands."""

from dataclasses import replace

import pytest

from core.figures.front import FrontCurve, front_figure
from core.figures.palette import PALETTES, Mode
from core.results import Estimate

CURVE = FrontCurve(
    "Flat",
    lam=(1.0, 10.0),
    auc=(Estimate(0.88, 0.01), Estimate(0.84)),
    inverse_jsd=(Estimate(5.0, 0.5), Estimate(100.0, 30.0)),
    inverse_limit=(70.0, 150.0),
    ids=("a", "b"),
)


def test_points_carry_their_values_errors_and_ids() -> None:
    figure = front_figure([CURVE])
    points = figure.data[0]
    assert list(points.x) == [0.88, 0.84]
    assert list(points.y) == [5, 100]
    assert list(points.error_x.array) == [0.01, 0]
    assert points.error_y.array[0] > points.error_y.arrayminus[0] > 0
    assert list(points.customdata) == ["a", "b"]
    assert "λ = 10" in points.text[1]
    assert list(figure.data[1].y) == [150, 70]


def test_a_line_of_errors_never_reaches_zero() -> None:
    wide = FrontCurve("x", (1.0,), (Estimate(0.8),), (Estimate(10.0, 100.0),), (50.0,))
    assert front_figure([wide]).data[0].error_y.arrayminus[0] < 10


def test_the_present_place_of_the_slider_is_marked_and_told() -> None:
    figure = front_figure([CURVE], here=(0.85, 60.0))
    assert figure.data[-1].name == "you are here"
    assert (figure.data[-1].x[0], figure.data[-1].y[0]) == (0.85, 60.0)
    assert "slider is at AUC 0.850 and 1/JSD 60.0" in figure.layout.meta["alt"]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_nothing_to_draw_is_an_empty_front(mode: str) -> None:
    figure = front_figure([], mode=mode)  # type: ignore[arg-type]
    assert "no point yet" in figure.layout.meta["alt"]


def test_rejection_may_run_across() -> None:
    curve = FrontCurve(
        "Flat",
        lam=CURVE.lam,
        auc=CURVE.auc,
        inverse_jsd=CURVE.inverse_jsd,
        inverse_limit=CURVE.inverse_limit,
        rejection=(Estimate(25.0, 2.0), Estimate(12.0, 0.5)),
    )
    figure = front_figure([curve], across="rejection")
    assert list(figure.data[0].x) == [25, 12]
    assert list(figure.data[0].error_x.array) == [2, 0.5]
    assert list(figure.data[1].x) == [12, 25]
    assert list(figure.data[1].y) == [150, 70]
    assert "rejection at 50 %" in figure.layout.xaxis.title.text
    assert "rejection 25" in figure.data[0].text[0]
    assert "from rejection 25" in figure.layout.meta["alt"]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_baseline_is_grey_and_takes_no_colour_from_the_others(mode: Mode) -> None:
    baseline = replace(CURVE, name="Baseline", is_baseline=True)
    grey, flat, *_ = front_figure([baseline, CURVE], mode=mode).data
    assert grey.marker.color == PALETTES[mode].muted
    assert flat.marker.color == PALETTES[mode].runs[0] == front_figure([CURVE], mode=mode).data[0].marker.color


def test_an_axis_of_less_than_a_decade_still_has_two_labels() -> None:
    narrow = FrontCurve("x", (1.0, 2.0), CURVE.auc, (Estimate(150.0), Estimate(300.0)), (250.0, 260.0))
    low, high = front_figure([narrow]).layout.yaxis.range
    assert low < 2 and high > 3
    assert front_figure([CURVE]).layout.yaxis.range is None


def test_limits_of_different_samples_are_kept_apart_and_only_the_subjects_points_are_counted() -> None:
    other = replace(CURVE, name="this run", inverse_limit=(430.0, 430.0), sample="9,000 held-out events")
    figure = front_figure([CURVE, other], subject="3,000 events")
    limits = {trace.name: list(trace.y) for trace in figure.data if str(trace.name).startswith("statistical limit")}
    assert limits == {"statistical limit": [150, 70], "statistical limit, 9,000 held-out events": [430, 430]}
    told = figure.to_json()
    assert "2 points" in told and "this run: 9,000 held-out events" in told
