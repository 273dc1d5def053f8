"""What makes estimates accurate: ties, ranks, extrapolation and the test for normal scores, each beside an oracle."""

import numpy as np
import pytest
from scipy.special import digamma

from core.errors import DataError
from core.information.estimate import estimate_mi
from core.information.estimators._normality import jointly_normal
from core.information.estimators._sample import make_sample


def normal_pair(rng: np.random.Generator, rho: float, n: int) -> tuple[np.ndarray, np.ndarray]:
    x = rng.normal(size=n)
    return x, rho * x + np.sqrt(1 - rho**2) * rng.normal(size=n)


def truth(rho: float) -> float:
    return float(-0.5 * np.log(1 - rho**2))


def student_pair(rng: np.random.Generator, freedom: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    scale = np.sqrt(rng.chisquare(freedom, n) / freedom)
    x, y = normal_pair(rng, 0.6, n)
    return x / scale, y / scale


@pytest.mark.parametrize("k", [1, 3, 8])
def test_without_ties_mixed_neighbours_are_kraskov_s(k: int, rng: np.random.Generator) -> None:
    x, y = normal_pair(rng, 0.8, 800)
    assert estimate_mi(x, y, "mixed", k=k).value == pytest.approx(estimate_mi(x, y, "ksg1", k=k).value, abs=2e-3)


def test_mixed_neighbours_of_a_table_are_grassberger_s_entropies(rng: np.random.Generator) -> None:
    """<ψ(n_xy) + ψ(n) - ψ(n_x) - ψ(n_y)> from the counts of each cell, however many share it."""
    x = rng.integers(0, 4, 600)
    y = (x + rng.integers(0, 2, 600)) % 4
    counts = np.histogram2d(x, y, bins=(4, 4), range=((-0.5, 3.5), (-0.5, 3.5)))[0]
    rows, columns = counts.sum(axis=1)[:, None], counts.sum(axis=0)[None, :]
    each = digamma(np.where(counts > 0, counts, 1)) + digamma(600) - digamma(rows) - digamma(columns)
    assert estimate_mi(x, y, "mixed").value == pytest.approx((counts * each).sum() / 600, abs=1e-12)


def test_mixed_neighbours_have_no_bias_beside_a_point_mass(rng: np.random.Generator) -> None:
    """Half the events at (0, 0), half normal with ρ = 0.9: the mean of 20 samples, whose scatter is 0.025/√20."""
    found = []
    for _ in range(20):
        x, y = normal_pair(rng, 0.9, 1000)
        there = rng.random(1000) < 0.5
        found.append(estimate_mi(np.where(there, 0.0, x), np.where(there, 0.0, y), "mixed").value)
    assert np.mean(found) == pytest.approx(np.log(2) + truth(0.9) / 2, abs=0.02)


def test_mixed_neighbours_count_what_is_tied_at_the_radius() -> None:
    """Two columns of equal values: of each event the fourth neighbour is one of several at the same distance."""
    x = np.repeat([0.0, 1.0], 30)
    y = np.tile(np.repeat([0.0, 1.0, 2.0], 10), 2)
    y[0] = 1.5
    assert np.isfinite(estimate_mi(x, y, "mixed", k=12).value)
    assert estimate_mi(x, y, "mixed", k=12).value == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize(("rho", "n", "bias"), [(0.9, 300, 0.006), (0.99, 300, 0.02), (0.99, 1000, 0.008)])
def test_the_copula_loses_nothing_by_taking_ranks(rho: float, n: int, bias: float, rng: np.random.Generator) -> None:
    """The mean of 100 samples, beside the correlation of the values themselves: uncorrected, 0.014, 0.06 and 0.02."""
    lost = []
    for _ in range(100):
        x, y = normal_pair(rng, rho, n)
        lost.append(truth(np.corrcoef(x, y)[0, 1]) - 1 / (2 * n) - estimate_mi(x, y, "gaussian_copula").value)
    assert np.mean(lost) == pytest.approx(0.0, abs=bias)


@pytest.mark.parametrize(("shapes", "share"), [((1, 1), 1 / 3), ((2, 2), 1.0), ((3, 3), 1.0), ((2, 1), 1 / 1.5198421)])
def test_extrapolation_adds_a_share_of_what_farther_neighbours_lose(
    shapes: tuple[int, int], share: float, rng: np.random.Generator
) -> None:
    """I_3 + (I_3 - I_12)/(4^(2/d) - 1), at most the fall itself; nothing where I_12 is the larger."""
    n = 500
    common = rng.normal(size=(n, 1))
    x, y = (common + 0.3 * rng.normal(size=(n, d)) for d in shapes)
    near, wide = (estimate_mi(x, y, "ksg1", k=k).value for k in (3, 12))
    expected = near + max(near - wide, 0.0) * share
    assert estimate_mi(x, y, "extrapolated").value == pytest.approx(expected, abs=1e-6)
    with pytest.raises(DataError, match="k = 20 neighbours among 20 events"):
        estimate_mi(x[:20], y[:20], "extrapolated", k=5)


def test_a_spiral_is_estimated_without_what_neighbours_smooth_away(rng: np.random.Generator) -> None:
    """Points turned by an angle that grows with their distance keep I = -log(1 - ρ²); Kraskov's loses 0.08."""

    def turned(values: np.ndarray) -> np.ndarray:
        angle = (values**2).sum(axis=1) / 3
        c, s = np.cos(angle), np.sin(angle)
        return np.column_stack([c * values[:, 0] - s * values[:, 1], s * values[:, 0] + c * values[:, 1]])

    errors = {"extrapolated": [], "ksg1": [], "auto": []}
    for _ in range(8):
        x, noise = rng.normal(size=(2, 1000, 2))
        y = 0.6 * x + 0.8 * noise
        for name, found in errors.items():
            found.append(estimate_mi(turned(x), turned(y), name).value - 2 * truth(0.6))
    assert np.mean(errors["ksg1"]) < -0.05
    assert abs(np.mean(errors["extrapolated"])) < 0.05
    assert abs(np.mean(errors["auto"])) < 0.05


@pytest.mark.parametrize("rho", [0.0, 0.6, 0.99])
def test_normal_variables_pass_in_any_unit_and_either_order(rho: float, rng: np.random.Generator) -> None:
    verdicts = []
    for _ in range(20):
        x, y = normal_pair(rng, rho, 2000)
        found = jointly_normal(make_sample(x, y, None))
        assert jointly_normal(make_sample(y, x, None)) == found
        assert jointly_normal(make_sample(np.exp(x), y**3, None)) == found
        verdicts.append(found)
    assert sum(verdicts) >= 18


def test_what_is_not_normal_is_rejected(rng: np.random.Generator) -> None:
    """Tails that come together, a parabola, a component that follows from another, and too few events to tell."""
    x, y = normal_pair(rng, 0.5, 4000)
    assert jointly_normal(make_sample(x, y, None))
    assert not jointly_normal(make_sample(*student_pair(rng, 3, 4000), None))
    assert not jointly_normal(make_sample(x, x**2 + y, None))
    assert not jointly_normal(make_sample(np.column_stack([x, 2 * x]), y, None))
    assert not jointly_normal(make_sample(x[:40], y[:40], None))
    assert not jointly_normal(make_sample(np.column_stack([x, x**2 + y]), rng.normal(size=4000), None))


def test_the_automatic_choice_is_no_worse_than_neighbours(rng: np.random.Generator) -> None:
    """Mean absolute error over 15 samples of 1000 events, k = 3 as scikit-learn's, of normals and of heavy tails."""
    draws = [
        lambda: normal_pair(rng, 0.3, 1000),
        lambda: normal_pair(rng, 0.99, 1000),
        lambda: student_pair(rng, 3, 1000),
    ]
    truths = [truth(0.3), truth(0.99), 0.26555496]
    errors = dict.fromkeys(("auto", "ksg1"), 0.0)
    for draw, expected in zip(draws, truths, strict=True):
        for _ in range(15):
            x, y = draw()
            for name in errors:
                errors[name] += abs(estimate_mi(x, y, name).value - expected)
    assert errors["auto"] < errors["ksg1"]


@pytest.mark.parametrize(("rho", "n", "bias"), [(0.6, 1000, 0.015), (0.9, 1000, 0.025), (0.99, 1000, 0.075)])
def test_the_adaptive_partition_of_few_events(rho: float, n: int, bias: float, rng: np.random.Generator) -> None:
    """Beside the mean of log p/(p_x p_y) of the same events, of which the scatter is taken out: 20 samples."""
    lost = []
    for _ in range(20):
        x, y = normal_pair(rng, rho, n)
        pointwise = truth(rho) + (x**2 + y**2) / 2 - (x**2 + y**2 - 2 * rho * x * y) / (2 * (1 - rho**2))
        lost.append(estimate_mi(x, y, "adaptive").value - pointwise.mean())
    assert np.mean(lost) == pytest.approx(0.0, abs=bias)
