"""Sculpting beside random selections."""

import numpy as np
import pytest
from scipy.stats import kstest

from core.audit.random_selection import sculpting_test
from core.evaluation.sculpting import sculpting, spectrum_edges, split_spectrum, statistical_limit


def test_divergence_and_limit_are_those_of_the_evaluation(rng: np.random.Generator) -> None:
    m, f, w = rng.exponential(60, 4000), rng.random(4000), rng.uniform(0.5, 1.5, 4000)
    passes, edges = f + m / 200 > 0.9, spectrum_edges(m)
    found = sculpting_test(m, passes, w, edges, rng=rng, permutations=100)
    spectrum = split_spectrum(m, passes, w, edges)
    np.testing.assert_allclose(found.spectrum.passed, spectrum.passed)
    np.testing.assert_allclose(found.spectrum.failed_variance, spectrum.failed_variance)
    assert found.jsd_nats.value == pytest.approx(sculpting(spectrum))
    assert found.limit_nats == pytest.approx(statistical_limit(w[passes], w[~passes], 50))
    assert found.p_value < 1e-6


def test_random_selections_reach_what_shuffled_ones_do(rng: np.random.Generator) -> None:
    m = rng.exponential(60, 4000)
    passes, edges = rng.random(4000) < 0.2, spectrum_edges(m)
    found = sculpting_test(m, passes, np.ones(4000), edges, rng=rng, permutations=100)
    shuffled = [sculpting(split_spectrum(m, rng.permutation(passes), np.ones(4000), edges)) for _ in range(200)]
    assert found.random_nats == pytest.approx(np.mean(shuffled), rel=0.05)


@pytest.mark.parametrize(("slope", "alternative"), [(0.0, "two-sided"), (0.01, "greater")])
def test_independent_cuts_get_uniform_p_values_and_never_smaller_ones(
    slope: float, alternative: str, rng: np.random.Generator
) -> None:
    """With few events in 50 bins, negative weights that depend on the score, and (slope) on m."""
    found = []
    for _ in range(100):
        m, f = rng.exponential(60, 1000), rng.random(1000)
        w = np.where(f > 0.7, 4.0, 1.0) * np.exp(-slope * m) * rng.choice([1, -1], 1000, p=[0.95, 0.05])
        test = sculpting_test(m, f > 0.7, w, spectrum_edges(m), rng=rng, permutations=40)
        found.append(test.p_value)
    assert kstest(found, "uniform", alternative=alternative).pvalue > 0.01


def test_bootstrap_error_is_the_scatter_of_repeated_samples(rng: np.random.Generator) -> None:
    edges = np.linspace(50, 250, 11)
    found = []
    for _ in range(40):
        m = 50 + rng.exponential(60, 2000)
        found.append(
            sculpting_test(m, rng.random(2000) + m / 300 > 0.8, np.ones(2000), edges, rng=rng, permutations=1).jsd_nats
        )
    scatter = np.std([each.value for each in found])
    assert np.mean([each.error for each in found]) == pytest.approx(scatter, rel=0.3)


def test_a_cut_that_all_pass_says_nothing(rng: np.random.Generator) -> None:
    m = rng.random(1000)
    found = sculpting_test(m, np.ones(1000, bool), np.ones(1000), spectrum_edges(m), rng=rng, permutations=20)
    assert np.isnan([found.jsd_nats.value, found.p_value, found.limit_nats]).all()
