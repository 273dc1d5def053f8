"""The guide's own figures draw what they are given, in both modes, with words for screen readers."""

import numpy as np
import pytest

from core.evaluation.roc import RocCurve
from core.events.table import Column
from core.figures.guide import remaining_figure, sets_gain_figure
from core.figures.palette import Mode
from core.guide.remaining import Remaining
from core.guide.sets import SetCurve, SetsGain
from core.results import Estimate

REMAINING = Remaining(
    ("tau21", "d2"), ("τ_21", "D_2"), np.array([0.15, 0.09]), np.array([0.01, 0.02]), np.array([0.12, -0.001]),
    np.array([0.01, 0.01]), "m", "m_J", Estimate(0.1, 0.01), 16, 1000, 900.0,
)  # fmt: skip
ROC = RocCurve(np.array([0.5, 1.0]), np.array([0.0, 1.0]))
GAIN = SetsGain(
    "z", "z_cut", Estimate(0.05, 0.01), 11, "D_2", Estimate(0.2, 0.01), 500, 600,
    tuple(SetCurve(n, Estimate(0.7 + n / 100, 0.01), Estimate(4.0 * n, 0.2), ROC) for n in (1, 10)),
)  # fmt: skip


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_bars_alone_and_given_stand_beside_each_other(mode: Mode) -> None:
    figure = remaining_figure(REMAINING, mode)
    alone, given = figure.data
    assert (list(alone.x), list(given.x)) == ([0.15, 0.09], [0.12, 0.0])  # an estimate below zero has no bar
    assert list(given.error_x.array) == [0.01, 0.01]
    assert "−0.001 ± 0.010 nats" in given.hovertext[1]
    assert "τ_21 0.150 ± 0.010 alone and 0.120 ± 0.010 given m_J" in figure.layout.meta["alt"]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_each_size_has_its_curve_and_no_rejection_is_infinite(mode: Mode) -> None:
    figure = sets_gain_figure(GAIN, Column("z", "z_cut"), mode)
    curves = figure.data[1:]
    assert [curve.name for curve in curves] == ["N = 1: AUC 0.710 ± 0.010", "N = 10: AUC 0.800 ± 0.010"]
    assert np.isnan(curves[0].y[0]) and curves[0].y[1] == 1.0
    assert "judged on 600 events held out" in figure.layout.title.subtitle.text
