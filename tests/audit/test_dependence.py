"""What a score tells about a protected variable, by two estimators and distance correlation."""

import numpy as np
import pytest

from core.audit.dependence import neighbour_information, table_dependence
from core.errors import DataError
from core.information.distance_correlation import distance_correlation

RHO = 0.6
TRUTH = -0.5 * np.log(1 - RHO**2)


def gaussians(n: int, rho: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    f, noise = rng.standard_normal((2, n))
    return f, rho * f + np.sqrt(1 - rho**2) * noise


def measured(f, m, weights=None, *, discrete=False, permutations=40, seed=3):
    return table_dependence(
        f, m, weights, discrete=discrete, rng=np.random.default_rng(seed), permutations=permutations
    )


def test_both_estimators_find_the_information_of_a_gaussian(rng: np.random.Generator) -> None:
    f, m = gaussians(5000, RHO, rng)
    table, _ = measured(f, m)
    neighbours = neighbour_information(f, m, None, rng)
    for found in (table, neighbours):
        assert abs(found.estimate.value - TRUTH) < 4 * found.estimate.error + 0.01
        assert found.p_value < 1e-6


def test_distance_correlation_is_the_exact_one_and_its_test_agrees_with_a_brute_force_one(
    rng: np.random.Generator,
) -> None:
    f, m = gaussians(300, 0.12, rng)
    _, found = measured(f, m, permutations=200)
    assert found.estimate.value == pytest.approx(distance_correlation(f, m))
    brute = np.array([distance_correlation(f, rng.permutation(m)) for _ in range(200)])
    assert found.p_value == pytest.approx(np.mean(brute >= found.estimate.value), abs=0.07)
    assert found.null_level == pytest.approx(brute.mean(), rel=0.15)


def test_a_monotone_function_of_the_score_leaves_the_information(rng: np.random.Generator) -> None:
    f, m = gaussians(4000, RHO, rng)
    first, _ = measured(f, m, permutations=20)
    second, _ = measured(1 / (1 + np.exp(-f)), m, permutations=20)
    assert second.estimate.value == pytest.approx(first.estimate.value)


def test_equal_weights_change_nothing_and_whole_ones_repeat_events(rng: np.random.Generator) -> None:
    """Repetitions are clusters to an estimate of information, but not to a distance correlation."""
    f, m = gaussians(1500, RHO, rng)
    equal, plain = (measured(f, m, w, permutations=20) for w in (np.full(1500, 2.5), None))
    assert [each.estimate.value for each in equal] == pytest.approx([each.estimate.value for each in plain])
    w = rng.integers(1, 4, 1500)
    weighted, repeated = (measured(*each, permutations=20)[1] for each in ((f, m, w * 1.0), (f.repeat(w), m.repeat(w))))
    assert weighted.estimate.value == pytest.approx(repeated.estimate.value)


def test_weights_that_make_the_variables_independent_leave_nothing(rng: np.random.Generator) -> None:
    """Accept-reject by 1/weight makes f and m dependent; the weights take that back."""
    f, m = rng.random((2, 60_000))
    kept = rng.random(60_000) < 0.2 + 0.8 * f * m
    f, m = f[kept], m[kept]
    w = 1 / (0.2 + 0.8 * f * m)
    with_weights, without = measured(f, m, w), measured(f, m)
    assert min(found.p_value for found in with_weights) > 0.01
    assert max(found.p_value for found in without) < 1e-6


def test_negative_weights_are_taken(rng: np.random.Generator) -> None:
    f, m = gaussians(6000, RHO, rng)
    w = rng.choice([1.0, -1.0], 6000, p=[0.93, 0.07])
    information, distance = measured(f, m, w)
    neighbours = neighbour_information(f, m, w, rng)
    assert abs(information.estimate.value - TRUTH) < 0.05
    assert max(information.p_value, distance.p_value) < 1e-4
    assert np.isnan(neighbours.p_value) and "signs ignored" in neighbours.measure


def test_a_discrete_variable_is_counted_value_by_value(rng: np.random.Generator) -> None:
    """A score that names the generator half of the time: I = ½ ln 2 for two equally likely ones."""
    generator = rng.integers(0, 2, 8000).astype(float)
    knows = rng.random(8000) < 0.5
    f = np.where(knows, generator + 2, rng.random(8000))
    found, _ = measured(f, generator, discrete=True)
    assert found.estimate.value == pytest.approx(0.5 * np.log(2), abs=0.02)
    nothing, _ = measured(rng.random(8000), generator, discrete=True)
    assert abs(nothing.estimate.value) < 4 * max(nothing.estimate.error, 1e-3) and nothing.p_value > 0.001


def test_repeated_scores_do_not_disturb_the_neighbours(rng: np.random.Generator) -> None:
    f, m = gaussians(4000, RHO, rng)
    found = neighbour_information(np.round(f, 1), m, None, rng)
    assert found.estimate.value == pytest.approx(TRUTH, abs=0.05)


def test_neighbours_refuse_what_thinning_leaves(rng: np.random.Generator) -> None:
    f, m = gaussians(2000, RHO, rng)
    with pytest.raises(DataError, match="remain when thinned to equal weights"):
        neighbour_information(f, m, np.append(np.full(1999, 1e-3), 1.0), rng)
