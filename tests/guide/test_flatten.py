"""A score made flat by its rank at fixed m: independent of m, and in the same order at each m."""

import numpy as np
import pytest

from core.evaluation.sculpting import sculpting, spectrum_edges, split_spectrum, statistical_limit
from core.guide.flatten import rank_at_mass


def divergences(u: np.ndarray, m: np.ndarray, weights: np.ndarray) -> float:
    """Return JSD of a cut at half of the events, over what statistics alone give."""
    passes = u >= np.quantile(u, 0.5)
    spectrum = split_spectrum(m, passes, weights, spectrum_edges(m))
    return sculpting(spectrum) / statistical_limit(weights[passes], weights[~passes], len(spectrum.edges) - 1)


@pytest.mark.parametrize("sign", ["positive", "both"])
def test_a_flattened_score_sculpts_no_more_than_statistics(rng: np.random.Generator, sign: str) -> None:
    """Eight times JSD over its limit is χ² with 49 degrees of freedom: at most 1.6 in 99.9 % of samples."""
    m = rng.uniform(50, 150, 80_000)
    f = 0.03 * m + rng.normal(size=len(m))
    w = rng.choice([1.0, -1.0], len(m), p=[0.95, 0.05]) if sign == "both" else np.ones(len(m))
    fit, judged = slice(0, 40_000), slice(40_000, None)
    u = rank_at_mass(f[fit], m[fit], w[fit]).transform(f[judged], m[judged], rng)
    assert divergences(f[judged], m[judged], w[judged]) > 50
    assert divergences(u, m[judged], w[judged]) < 1.6


def test_at_one_value_of_m_the_order_of_scores_stays(rng: np.random.Generator) -> None:
    """u is the distribution function of f at that m: Φ(f - m) for f ~ N(m, 1)."""
    from math import erf, sqrt

    m = rng.uniform(-1, 1, 80_000)
    f = m + rng.normal(size=len(m))
    probes = np.linspace(-1.5, 2.0, 8)
    u = rank_at_mass(f, m, np.ones(len(m))).transform(probes, np.full(8, 0.25), rng)
    truth = [(1 + erf((probe - 0.25) / sqrt(2))) / 2 for probe in probes]
    np.testing.assert_allclose(u, truth, atol=0.03)
    assert (np.diff(u) > 0).all()


def test_a_score_of_few_values_becomes_uniform(rng: np.random.Generator) -> None:
    """Ties are broken at random within the share of events that they hold."""
    m = rng.uniform(0, 1, 40_000)
    f = rng.integers(0, 3, len(m)).astype(float)
    u = rank_at_mass(f, m, np.ones(len(m))).transform(f, m, rng)
    np.testing.assert_allclose(np.quantile(u, [0.1, 0.5, 0.9]), [0.1, 0.5, 0.9], atol=0.01)


def test_each_value_of_a_discrete_variable_is_ranked_by_itself(rng: np.random.Generator) -> None:
    year = rng.choice([2016.0, 2017.0, 2018.0], 30_000)
    f = 2 * (year - 2016) + rng.normal(size=len(year))
    u = rank_at_mass(f, year, np.ones(len(year))).transform(f, year, rng)
    assert [round(float(u[year == value].mean()), 2) for value in (2016, 2017, 2018)] == [0.5, 0.5, 0.5]
