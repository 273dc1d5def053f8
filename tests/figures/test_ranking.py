"""Ranking figures show the numbers of the scoreboard, in order, with the label up and the protected variable down."""

import numpy as np
import pytest

from core.events.table import EventTable
from core.figures.ranking import path_figure, scoreboard_figure
from core.figures.style import alt_text
from core.information.ranking import JointInformation, Scoreboard, greedy, scoreboard
from core.information.relevance import Relevance, relevance

FEATURES = ("noise", "clean", "leaking")


@pytest.fixture(scope="module")
def table(toy_table) -> EventTable:
    return toy_table(6000)


@pytest.fixture(scope="module")
def board(table) -> Scoreboard:
    return scoreboard(table, FEATURES, bins=8)


@pytest.fixture(scope="module")
def leakage(table) -> Relevance:
    return relevance(table, FEATURES, "mass", event_class="background", bins=8)


def joint(n: int, value: float) -> JointInformation:
    return JointInformation(("x",) * n, value, 0.004, float(np.log(2)), 2100)


def test_bars_are_the_relevance_in_decreasing_order(board, leakage) -> None:
    figure = scoreboard_figure(board, leakage)
    label, mass = figure.data
    assert list(figure.layout.xaxis.ticktext) == ["clean", "leaking", "noise"]
    np.testing.assert_allclose(label.y, np.maximum(np.sort(board.relevance)[::-1], 0))
    np.testing.assert_allclose(label.error_y.array[0], board.relevance_error[board.names.index("clean")])
    place = list(figure.layout.xaxis.ticktext).index(leakage.names[0])
    assert mass.y[list(mass.x).index(place)] == pytest.approx(leakage.mi[0])


def test_leakage_hangs_down_below_the_relevance(board, leakage) -> None:
    layout = scoreboard_figure(board, leakage).layout
    low, high = layout.yaxis2.range
    assert low > leakage.mi.max() > high == 0
    assert layout.yaxis.domain[0] >= layout.yaxis2.domain[1]


def test_a_protected_variable_among_the_inputs_has_no_leakage_of_its_own(table) -> None:
    names = (*FEATURES, "mass")
    figure = scoreboard_figure(scoreboard(table, names, bins=8), relevance(table, names, "mass", bins=8))
    assert len(figure.data[0].x) == 4
    assert len(figure.data[1].x) == 3


def test_without_a_protected_variable_there_is_one_plot(board) -> None:
    figure = scoreboard_figure(board)
    assert len(figure.data) == 1
    assert "leak" not in figure.layout.title.text


def test_the_path_stands_under_the_ceiling(board) -> None:
    reached = {1: joint(1, 0.3), 2: joint(2, 0.42)}
    figure = path_figure(greedy(board, "cmim"), reached, joint(3, 0.45), "cmim")
    alone, together = figure.data
    assert len(alone.x) == 3
    assert (list(together.x), list(together.y)) == ([1, 2], [0.3, 0.42])
    assert [shape.y0 for shape in figure.layout.shapes] == [np.log(2), 0.45]
    assert figure.layout.yaxis.range[1] > np.log(2)
    assert "CMIM" in figure.layout.title.text
    assert list(figure.layout.xaxis.ticktext)[1] == "+ leaking"


def test_alternative_texts_hold_the_numbers(board, leakage) -> None:
    assert "clean tells most about the label" in alt_text(scoreboard_figure(board, leakage))
    assert "leaking leaks most of m" in alt_text(scoreboard_figure(board, leakage))
    text = alt_text(path_figure(greedy(board), {1: joint(1, 0.3)}, joint(3, 0.45), "jmi", "dark"))
    assert "the first 1 hold 0.300 ± 0.004 nats together, all 3 hold 0.450 ± 0.004 nats" in text
    assert "together" not in alt_text(path_figure(greedy(board), {}, joint(3, 0.45), "jmi"))


def test_every_bar_has_its_error_and_says_its_null_level(board, leakage) -> None:
    label, mass = scoreboard_figure(board, leakage).data
    alone = path_figure(greedy(board), {1: joint(1, 0.3)}, joint(3, 0.45), "jmi").data[0]
    assert all(len(bars.error_y.array) == len(bars.y) for bars in (label, mass, alone))
    errors = [board.relevance_error[board.names.index(step.name)] for step in greedy(board)]
    np.testing.assert_allclose(alone.error_y.array, errors)
    for bars in (label, mass, alone):
        assert all("the level of independent variables" in text for text in bars.text)
    assert "null level" in str(scoreboard_figure(board).layout.to_plotly_json())
