"""Sets of events: curves, losses, estimates and differences draw and say what they are given."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from math import nan

import numpy as np
import plotly.graph_objects as go
import pytest

from core.ensembles.results import Curve, EnsembleView, InformationCurve, Regressed, RegressionView
from core.evaluation.roc import RocCurve
from core.figures.ensembles import set_symbol, sets_roc_figure, sets_sentence
from core.figures.palette import PALETTES
from core.figures.set_losses import set_losses_figure
from core.figures.style import alt_text
from core.figures.theta import differences_figure, information_figure, theta_figure, theta_sentence
from core.figures.words import plain
from core.results import Estimate

GRID = np.array([0.25, 0.5, 1.0])


def curve(name: str, symbol: str, size: int, auc: float, behind: float, passed: float, error: float = 0.001) -> Curve:
    roc = RocCurve(GRID, np.array([0.0, passed, 1.0]))
    return Curve(name, symbol, name.title(), size, Estimate(auc, 0.002), Estimate(behind, error), roc)


F1, PRODUCT = curve("product", "f_1", 1, 0.967, 0, 0.04), curve("product", "f_1→3", 3, 0.994, 0, 0.02)
SET, LIST = curve("set", "f_3 set", 3, 0.9935, 0.0005, 0.025), curve("list", "f_3 list", 3, 0.99, 0.004, 0.04)
EXACT = curve("exact", "exact", 3, 0.9946, -0.0005, 0.02)
VIEW = EnsembleView(3, 3000, 2500.0, (F1, PRODUCT, LIST, SET), (EXACT,))
HISTORY = [
    {f"{kind}loss_{name}": 1 / epoch + k for kind in ("", "validation_") for k, name in enumerate(("product", "set"))}
    for epoch in (1, 2)
]
NAMES = ("likelihood", "one_step", "exact")
WAYS = RegressionView(
    "theta", 50, 400, np.array([-0.5, 0.5]), np.array([-1.0, 0.0, 1.0]),
    tuple(
        Regressed(name, name.title(), np.array([-0.4, 0.6]), Estimate(0.01, 0.005), Estimate(0.1 + 0.01 * k, 0.001),
                  np.array([0.02, -0.02]), np.array([0.01, 0.01]))
        for k, name in enumerate(NAMES)
    ),
    np.array([[0.0, 0.03, 0.05], [0.03, 0.0, 0.06], [0.05, 0.06, 0.0]]),
)  # fmt: skip
INFORMATION = InformationCurve(
    np.array([0.0, 1.0]), np.array([0.0, 0.34]), np.array([0.01, 0.01]), np.array([0.0, 0.352])
)
FIGURES: dict[str, Callable[..., go.Figure]] = {
    "roc": lambda mode: sets_roc_figure(VIEW, mode),
    "losses": lambda mode: set_losses_figure([1, 2], HISTORY, 5, mode=mode),
    "theta": lambda mode: theta_figure(WAYS, mode),
    "differences": lambda mode: differences_figure(WAYS, mode),
    "information": lambda mode: information_figure(INFORMATION, 20_000, mode),
}


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("name", list(FIGURES))
def test_every_figure_keeps_the_promises_of_all_figures(name, mode) -> None:
    figure = FIGURES[name](mode=mode)
    assert go.Figure(json.loads(figure.to_json())).data
    assert re.search(r"\d", alt_text(figure)) and alt_text(figure).endswith(".") and "<" not in alt_text(figure)
    title = figure.layout.title
    assert re.search(r"\d+ events|epoch \d+ of \d+", plain(title.subtitle.text))
    assert all(len(plain(line)) <= 54 for line in title.text.split("<br>"))
    assert all(len(plain(line)) <= 60 for line in title.subtitle.text.split("<br>"))
    assert figure.layout.template.layout.paper_bgcolor == PALETTES[mode].paper
    axes = [axis for key, axis in figure.layout.to_plotly_json().items() if re.fullmatch(r"[xy]axis\d*", key)]
    assert all("title" in axis for axis in axes)


def test_symbols_have_low_indices() -> None:
    assert [set_symbol(each) for each in ("f_1→3", "f_10 (read back)", "f_3→1")] == ["f₁→₃", "f₁₀ (read back)", "f₃→₁"]


class TestRoc:
    def test_rejections_and_their_ratio_to_the_product(self) -> None:
        drawn = sets_roc_figure(VIEW).data
        upper = {trace.name: trace for trace in drawn if trace.yaxis is None}
        lower = {trace.name: trace for trace in drawn if trace.yaxis == "y2"}
        assert list(upper["f₁→₃"].y[1:]) == [50, 1] and np.isnan(upper["f₁→₃"].y[0])
        assert set(lower) == {"f₃ set", "f₃ list", "exact"}
        assert list(lower["f₃ list"].y[1:]) == [0.5, 1]

    def test_the_ratio_of_a_few_sets_is_not_drawn(self) -> None:
        few = sets_roc_figure(replace(VIEW, n_sets=900)).data
        ratio = next(trace for trace in few if trace.yaxis == "y2" and trace.name == "f₃ list")
        assert np.isnan(ratio.y[:2]).all() and ratio.y[2] == 1

    def test_a_panel_without_a_ratio_says_why(self) -> None:
        """Ten events at once leave so little background that ratios are known at no efficiency below 99 %."""
        said = [
            [plain(each.text) for each in sets_roc_figure(view).layout.annotations]
            for view in (VIEW, replace(VIEW, n_sets=300), replace(VIEW, curves=(F1, PRODUCT), exact=()))
        ]
        few = "no ratio: fewer than 10 sets of backgroundpass at every εs below 99 %"
        assert said == [[], [few], ["no ratio: only the product was trained"]]

    def test_a_construction_has_one_colour_in_all_figures(self) -> None:
        single = curve("readback", "f_3→1", 1, 0.96, 0.007, 0.05)
        whole = curve("readback", "f_3 (read back)", 3, 0.99, 0.004, 0.03)
        drawn = sets_roc_figure(replace(VIEW, curves=(F1, single, PRODUCT, LIST, SET, whole))).data
        history = [{f"loss_{name}": 1.0 for name in ("product", "list", "set", "readback")}]
        losses = {each.name: each.line.color for each in set_losses_figure([1], history, 1).data}
        colours = {each.name: each.line.color for each in drawn}
        assert colours["f₃ list"] == losses["list"] and colours["f₃ set"] == losses["set"]
        assert colours["f₃→₁"] == colours["f₃ (read back)"] == losses["read back"]

    def test_single_events_are_dotted_the_exact_dashed_and_the_product_is_ink(self) -> None:
        upper = {trace.name: trace.line for trace in sets_roc_figure(VIEW).data if trace.yaxis is None}
        assert (upper["f₁"].dash, upper["exact, 3"].dash, upper["f₃ set"].dash) == ("2px,2px", "6px,3px", "solid")
        assert upper["f₁→₃"].color == PALETTES["light"].ink
        assert len({line.color for line in upper.values()}) == 4


class TestSentence:
    def test_the_product_is_the_best_and_the_exact_one_is_near(self) -> None:
        assert sets_sentence(replace(VIEW, curves=(F1, PRODUCT, LIST))) == (
            "3 events at once: AUC 0.967 ± 0.002 → 0.994 ± 0.002 by the product f₁→₃, and no network of whole sets is "
            "better: the best, f₃ list, is 0.0040 ± 0.0010 behind. The exact likelihood ratio reaches 0.995 ± 0.002; "
            "the product is level with it within errors (0.0005 ± 0.0010 behind)."
        )

    def test_of_several_the_best_is_named_and_is_level_within_errors(self) -> None:
        assert "the best, f₃ set, is level with it within errors (0.0005 ± 0.0010 behind)." in sets_sentence(VIEW)

    def test_one_that_is_better_is_said(self) -> None:
        better = curve("set", "f_3 set", 3, 0.997, -0.003, 0.02)
        assert "but f₃ set, a network of whole sets, is 0.0030 ± 0.0010 better: f₁ has not learnt all it can" in (
            sets_sentence(replace(VIEW, curves=(F1, PRODUCT, better)))
        )

    def test_without_errors_nothing_is_concluded(self) -> None:
        live = curve("set", "f_3 set", 3, 0.997, -0.003, 0.02, nan)
        said = sets_sentence(replace(VIEW, curves=(F1, PRODUCT, live), exact=()))
        assert said.endswith("so far; the best network of whole sets, f₃ set, is 0.0030 ahead.")

    def test_the_product_alone_is_compared_with_nothing(self) -> None:
        assert sets_sentence(replace(VIEW, curves=(F1, PRODUCT), exact=())).endswith("by the product f₁→₃.")


class TestLosses:
    def test_single_events_are_above_and_sets_below(self) -> None:
        curves = set_losses_figure([1, 2], HISTORY, 5).data
        assert [(each.name, each.yaxis, each.line.dash) for each in curves] == [
            ("f₁", "y", "solid"), ("f₁", "y", "5px,2px"), ("set", "y2", "solid"), ("set", "y2", "5px,2px"),
        ]  # fmt: skip
        assert list(curves[2].y) == [2, 1.5]

    def test_before_the_first_epoch_it_waits(self) -> None:
        assert "complete yet" in alt_text(set_losses_figure([], [], 5))


class TestTheta:
    def test_points_and_closure_of_each_way(self) -> None:
        points, closure = theta_figure(WAYS).data[:2]
        assert (list(points.x), list(points.y)) == ([-0.5, 0.5], [-0.4, 0.6])
        assert list(closure.y) == [0.02, -0.02] and list(closure.error_y.array) == [0.01, 0.01]
        assert (-1 < closure.x[0] < 0) and (0 < closure.x[1] < 1)

    def test_the_drawn_sets_are_spread_over_all_that_are_kept(self) -> None:
        many = np.linspace(-1, 1, 1000)
        ways = tuple(replace(way, estimates=many) for way in WAYS.ways)
        points = theta_figure(replace(WAYS, drawn=many, ways=ways)).data[0]
        assert 50 <= len(points.x) <= 60 and points.x[-1] > 0.95 and list(points.x) == list(points.y)

    def test_each_pair_is_one_cell(self) -> None:
        (cells,) = differences_figure(WAYS).data
        assert np.nan_to_num(np.array(cells.z, float), nan=-1).tolist() == [[0.03, -1], [0.05, 0.06]]
        assert cells.x == ("max. likelihood", "one step") and cells.y == ("one step", "exact")
        assert cells.text[1][1] == "0.0600" and cells.text[0][1] == ""

    def test_the_sentence_has_resolutions_and_the_largest_difference_of_learnt_ways(self) -> None:
        assert theta_sentence(WAYS) == (
            "From sets of 50 events 2 ways find θ with a resolution of 0.1000 ± 0.0010 (max. likelihood) to "
            "0.1100 ± 0.0010 (one step); max. likelihood and one step differ most, by 0.0300 (root mean square). "
            "The exact maximum likelihood has 0.1200 ± 0.0010."
        )


def test_the_curve_of_information_says_how_far_it_is_from_the_exact_one() -> None:
    figure = information_figure(INFORMATION, 20_000)
    assert list(figure.data[1].error_y.array) == [0.01, 0.01]
    assert "largest difference 0.0120 nats" in plain(figure.layout.title.subtitle.text)


@pytest.mark.parametrize("n_sets", [16_000, 15_000, 20_000, 2_000, 40])
def test_no_label_of_the_rejection_lies_at_the_upper_end_of_its_axis(n_sets: int) -> None:
    """The legend stands there, and would cover it."""
    every = RocCurve(np.linspace(0, 1, 101), np.append(0.0, np.logspace(-6, 0, 100)))
    view = replace(VIEW, n_sets=n_sets, curves=tuple(replace(each, roc=every) for each in VIEW.curves), exact=())
    low, top = sets_roc_figure(view).layout.yaxis.range
    assert low == 0 and abs(top - round(top)) > 0.14
    assert 10**top >= n_sets / 2
