"""The ABCD count closes for independent scores, fails for dependent ones, and knows its error and its contamination."""

import numpy as np
import pytest

from core.errors import DataError
from core.evaluation.abcd import Closure, ClosureMap, ScorePlane, TwoScores
from core.results import from_json, to_json


def sample(
    rng: np.random.Generator, n: int = 40_000, correlation: float = 0.0, negative: float = 0.05
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return two scores that are Gaussian copulas with a given correlation in background, labels and weights."""
    is_signal = np.arange(n) % 4 == 0
    a, b = rng.normal(size=(2, n))
    x, y = a, correlation * a + np.sqrt(1 - correlation**2) * b
    f, g = (1 / (1 + np.exp(-(each + 1.5 * is_signal))) for each in (x, y))
    signs = rng.choice([1.0, -1.0], n, p=[1 - negative, negative])
    return f, g, is_signal, signs * rng.uniform(0.5, 1.5, n)


def test_independent_scores_close_at_all_cuts(rng: np.random.Generator) -> None:
    found = TwoScores(*sample(rng)).scan((0.2, 0.4, 0.6, 0.8, 0.95))
    pull = (found.ratio - 1) / found.error
    assert np.abs(pull).max() < 4
    assert 0.6 < np.sqrt(np.mean(pull**2)) < 1.5
    assert found.correlation < 1e-3


def test_the_ratio_of_a_known_correlation_is_found(rng: np.random.Generator) -> None:
    """For a Gaussian copula with ρ = sin(π/2 · τ), the quadrant above both medians holds 1/4 + asin(ρ)/2π."""
    f, g, is_signal, _ = sample(rng, 200_000, correlation=0.5)
    found = TwoScores(f, g, is_signal, np.ones(len(f))).closure(0.5, 0.5)
    in_a = 0.25 + np.arcsin(0.5) / (2 * np.pi)
    expected = (0.5 - in_a) ** 2 / in_a**2
    assert abs(found.ratio.value - expected) < 4 * found.ratio.error
    assert found.ratio.value < 0.5


def test_the_error_is_that_of_a_bootstrap(rng: np.random.Generator) -> None:
    f, g, is_signal, w = sample(rng, 12_000, correlation=0.3)
    found = TwoScores(f, g, is_signal, w).closure(0.6, 0.55)
    replicas = [TwoScores(f, g, is_signal, w * rng.poisson(1.0, len(w))).closure(0.6, 0.55) for _ in range(300)]
    assert found.ratio.error == pytest.approx(np.std([r.ratio.value for r in replicas]), rel=0.2)
    assert found.predicted.error == pytest.approx(np.std([r.predicted.value for r in replicas]), rel=0.2)


def test_regions_and_contamination_are_those_of_a_plain_count(rng: np.random.Generator) -> None:
    f, g, is_signal, w = sample(rng, 5000)
    found = TwoScores(f, g, is_signal, w).closure(0.7, 0.4)
    chosen = ((f >= 0.7) & (g >= 0.4), (f >= 0.7) & (g < 0.4), (f < 0.7) & (g >= 0.4), (f < 0.7) & (g < 0.4))
    for region, inside in zip(found.regions, chosen, strict=True):
        assert region.background.value == pytest.approx(w[inside & ~is_signal].sum())
        assert region.background.error == pytest.approx(np.sqrt((w[inside & ~is_signal] ** 2).sum()))
        assert region.signal == pytest.approx(w[inside & is_signal].sum())
    a, b, c, d = (w[inside & is_signal].sum() / w[inside & ~is_signal].sum() for inside in chosen)
    assert found.contamination == pytest.approx((b + c - d) / a)
    assert found.signal_efficiency == pytest.approx(w[chosen[0] & is_signal].sum() / w[is_signal].sum())


def test_contamination_is_the_shift_of_the_prediction_by_a_small_signal(rng: np.random.Generator) -> None:
    """Adding a signal of a share s of A's background to the data changes the prediction by r s, to first order."""
    f, g, is_signal, _ = sample(rng)
    found = TwoScores(f, g, is_signal, np.ones(len(f))).closure(0.6, 0.6)
    share = 1e-4
    scale = share * found.regions[0].background.value / found.regions[0].signal
    b, c, d = (region.background.value + scale * region.signal for region in found.regions[1:])
    assert (b * c / d / found.predicted.value - 1) / share == pytest.approx(found.contamination, rel=1e-3)


def test_the_scan_equals_the_single_cuts(rng: np.random.Generator) -> None:
    scores = TwoScores(*sample(rng, 4000, correlation=0.4))
    found = scores.scan((0.8, 0.3, 0.5))
    for row, cut_g in enumerate(found.cuts_g):
        for column, cut_f in enumerate(found.cuts_f):
            single = scores.closure(cut_f, cut_g)
            assert found.ratio[row, column] == pytest.approx(single.ratio.value)
            assert found.error[row, column] == pytest.approx(single.ratio.error)
            assert found.contamination[row, column] == pytest.approx(single.contamination)
            assert found.signal_efficiency[row, column] == pytest.approx(single.signal_efficiency)


def test_cuts_keep_the_signal_that_was_asked_for(rng: np.random.Generator) -> None:
    f, g, is_signal, _ = sample(rng, 4000)
    cuts_f, cuts_g = TwoScores(f, g, is_signal, np.ones(len(f))).cuts((0.5, 0.9))
    assert [np.mean(f[is_signal] >= cut) for cut in cuts_f] == pytest.approx([0.5, 0.9], abs=1e-3)
    assert [np.mean(g[is_signal] >= cut) for cut in cuts_g] == pytest.approx([0.5, 0.9], abs=1e-3)


def test_an_empty_region_has_no_ratio(rng: np.random.Generator) -> None:
    found = TwoScores(*sample(rng, 400)).closure(2.0, 0.5)
    assert np.isnan(found.ratio.value)
    assert np.isnan(found.contamination)


def test_the_plane_holds_every_event(rng: np.random.Generator) -> None:
    f, g, is_signal, w = sample(rng, 4000)
    plane = TwoScores(f, g, is_signal, w).plane(8)
    assert plane.background.sum() == pytest.approx(w[~is_signal].sum())
    assert plane.signal.sum() == pytest.approx(w[is_signal].sum())
    low = (f < plane.edges_f[1]) & ~is_signal
    assert plane.background[:, 0].sum() == pytest.approx(w[low].sum())
    fine = TwoScores(f, g, is_signal, w).plane(30)
    half = fine.signal_share <= 0.5
    assert fine.signal[half].sum() / fine.signal.sum() == pytest.approx(0.5, abs=0.05)
    assert half.mean() < 0.2


@pytest.mark.parametrize("kind", [Closure, ClosureMap, ScorePlane])
def test_results_go_to_json_and_back(kind: type, rng: np.random.Generator) -> None:
    scores = TwoScores(*sample(rng, 400))
    result = {Closure: scores.closure(0.5, 0.5), ClosureMap: scores.scan((0.5,)), ScorePlane: scores.plane(4)}[kind]
    assert to_json(from_json(kind, to_json(result))) == to_json(result)


def test_scores_that_cannot_be_judged_are_refused(rng: np.random.Generator) -> None:
    f, g, is_signal, w = sample(rng, 100)
    with pytest.raises(DataError, match="one number an event each"):
        TwoScores(f[:50], g, is_signal, w)
    with pytest.raises(DataError, match="only one class"):
        TwoScores(f, g, np.zeros(100, bool), w)
    with pytest.raises(DataError, match="signal efficiency is 2; allowed: more than 0 and at most 1"):
        TwoScores(f, g, is_signal, w).cuts((2.0,))
