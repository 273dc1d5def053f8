"""Figures of an audit."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from core.audit.audit import audit
from core.audit.audited import VariableAudit
from core.errors import DataError
from core.events.table import Column
from core.events.toys import sculpting_toy
from core.figures.audit import flatness_figure, score_density_figure, spurious_figure
from core.figures.palette import PALETTES

MASS = Column("m", "m_J", "GeV")


@pytest.fixture(scope="module")
def seen() -> VariableAudit:
    events = sculpting_toy(6000, np.random.default_rng(1))
    score = expit(events["clean"] + 0.1 * events["proxy"] - 1)
    return audit(score, events, rng=np.random.default_rng(2), permutations=20).variables[0]


def test_density_draws_both_classes_at_shares_of_their_peaks(seen: VariableAudit) -> None:
    figure = score_density_figure(seen, MASS)
    assert [trace.name for trace in figure.data] == ["background", "signal"]
    assert seen.density is not None
    np.testing.assert_allclose(figure.data[1].z, seen.density.signal.T / seen.density.signal.max())
    low, high = figure.layout.yaxis.range
    assert seen.density.logit[0] <= low < high <= seen.density.logit[-1]


def test_flatness_is_the_efficiency_over_its_mean(seen: VariableAudit) -> None:
    figure = flatness_figure(seen, MASS)
    assert [trace.name for trace in figure.data] == ["30 %", "50 %", "70 %", "90 %"]
    for trace, flat in zip(figure.data, seen.flatness, strict=True):
        np.testing.assert_allclose(trace.y, flat.efficiency / flat.inclusive)
        np.testing.assert_allclose(trace.error_y.array, flat.error / flat.inclusive)
    assert len({trace.marker.symbol for trace in figure.data}) == 4
    low, high = figure.layout.yaxis.range
    assert low < 1 < high


def test_spurious_signal_shows_both_fits_pulls_and_the_window(seen: VariableAudit) -> None:
    figure, fit = spurious_figure(seen, MASS, 0.5), seen.spurious
    assert fit is not None
    points, smooth, peak, pulls = figure.data
    np.testing.assert_array_equal(points.y, fit.selected)
    np.testing.assert_array_equal(smooth.y[::2], fit.smooth)
    np.testing.assert_array_equal(peak.y[::2], fit.with_peak)
    np.testing.assert_allclose(pulls.y, (fit.selected - fit.smooth) / fit.error)
    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].x1) == (fit.low, fit.high)
    assert np.abs(pulls.y).max() < figure.layout.yaxis2.range[1]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_all_say_what_they_show_in_one_look(seen: VariableAudit, mode: str) -> None:
    for figure in (
        score_density_figure(seen, MASS, mode),
        flatness_figure(seen, MASS, mode),
        spurious_figure(seen, MASS, 0.5, mode),
    ):
        assert "m<sub>J</sub>" in figure.layout.title.text
        assert "[GeV]" in figure.layout.xaxis.title.text
        assert "mJ" in figure.layout.meta["alt"]
        assert figure.layout.template.layout.paper_bgcolor == PALETTES[mode].paper


def test_what_was_not_measured_is_not_drawn(seen: VariableAudit) -> None:
    empty = replace(seen, density=None, spurious=None, flatness=(), reasons={"spurious": "it takes few values"})
    with pytest.raises(DataError, match="it takes few values"):
        spurious_figure(empty, MASS, 0.5)
    with pytest.raises(DataError, match="was not measured"):
        score_density_figure(empty, MASS)
    with pytest.raises(DataError, match="too few background events"):
        flatness_figure(empty, MASS)
