"""Sculpting, its statistical limit, and efficiencies."""

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from core.errors import DataError
from core.evaluation.sculpting import (
    efficiency_against,
    few_values,
    sculpting,
    spectrum_edges,
    split_spectrum,
    statistical_limit,
)


def test_jsd_equals_scipy_in_nats(rng: np.random.Generator) -> None:
    m = rng.exponential(50, 5000)
    passes = rng.random(5000) < np.clip(m / 200, 0, 1)
    weights = rng.uniform(0.5, 2, 5000)
    spectrum = split_spectrum(m, passes, weights, spectrum_edges(m))
    assert sculpting(spectrum) == pytest.approx(jensenshannon(spectrum.passed, spectrum.failed) ** 2, rel=1e-9)


def test_jsd_is_ln_2_for_spectra_that_do_not_overlap(rng: np.random.Generator) -> None:
    m = rng.uniform(0, 1, 1000)
    assert sculpting(split_spectrum(m, m > 0.5, np.ones(1000), np.linspace(0, 1, 51))) == pytest.approx(np.log(2))


@pytest.mark.parametrize("weighted", [False, True])
def test_an_independent_score_reaches_the_statistical_limit(rng: np.random.Generator, weighted: bool) -> None:
    """The mean JSD of random selections is the limit, within its own standard error."""
    n, found, limits = 20_000, [], []
    m = rng.uniform(0, 1, n)
    for _ in range(60):
        weights = rng.exponential(1, n) if weighted else np.ones(n)
        passes = rng.random(n) < 0.2
        found.append(sculpting(split_spectrum(m, passes, weights, spectrum_edges(m))))
        limits.append(statistical_limit(weights[passes], weights[~passes]))
    assert np.mean(found) == pytest.approx(np.mean(limits), rel=0.1)


def test_no_passing_event_has_no_jsd() -> None:
    m = np.linspace(0, 1, 100)
    spectrum = split_spectrum(m, np.zeros(100, bool), np.ones(100), np.linspace(0, 1, 11))
    assert np.isnan(sculpting(spectrum))
    assert np.isnan(statistical_limit(np.empty(0), np.ones(100)))


def test_variances_are_the_sums_of_squared_weights() -> None:
    spectrum = split_spectrum(
        np.array([0.1, 0.2, 0.9]), np.array([1, 1, 0], bool), np.array([2.0, -1.0, 3.0]), np.array([0, 0.5, 1])
    )
    assert spectrum.passed.tolist() == [1, 0]
    assert spectrum.passed_variance.tolist() == [5, 0]
    assert spectrum.failed.tolist() == [0, 3]


def test_efficiency_by_hand() -> None:
    m = np.array([0.0, 1.0, 2.0, 3.0])
    found = efficiency_against(m, np.array([0.9, 0.1, 0.9, 0.9]), np.array([1.0, 3.0, 1.0, 1.0]), {0.5: 0.5}, bins=2)
    np.testing.assert_allclose(found.background, [[0.25, 1.0]])
    assert found.inclusive[0] == pytest.approx(0.5)
    n_effective = 16 / 10
    assert found.error[0, 0] == pytest.approx(np.sqrt(0.25 * 0.75 / n_effective))


@pytest.mark.parametrize("weighted", [False, True])
def test_random_selections_by_year_reach_the_limit_of_three_bins(rng: np.random.Generator, weighted: bool) -> None:
    """The mean JSD over 400 random selections is 2/8 (1/N_pass + 1/N_fail): 20 times less than that of 50 bins."""
    n, found, limits = 5000, [], []
    year = rng.choice([2016.0, 2017.0, 2018.0], n, p=[0.2, 0.3, 0.5])
    edges = spectrum_edges(year)
    np.testing.assert_array_equal(edges, [2015.5, 2016.5, 2017.5, 2018.5])
    for _ in range(400):
        weights = rng.exponential(1, n) if weighted else np.ones(n)
        passes = rng.random(n) < 0.2
        found.append(sculpting(split_spectrum(year, passes, weights, edges)))
        limits.append(statistical_limit(weights[passes], weights[~passes], len(edges) - 1))
    assert np.mean(found) == pytest.approx(np.mean(limits), rel=0.12)


def test_spectrum_and_efficiency_of_a_year_by_hand() -> None:
    year = np.repeat([2016.0, 2017.0, 2018.0], [10, 20, 30])
    scores, weights = np.where(np.arange(60) % 2, 0.9, 0.1), np.full(60, 2.0)
    weights[year == 2018] = 0.5
    spectrum = split_spectrum(year, scores > 0.5, weights, spectrum_edges(year), few_values(year))
    assert spectrum.values.tolist() == [2016, 2017, 2018]
    assert spectrum.passed.tolist() == [10, 20, 7.5]
    found = efficiency_against(year, scores, weights, {0.5: 0.5})
    np.testing.assert_array_equal(found.values, spectrum.values)
    np.testing.assert_array_equal(found.edges, spectrum.edges)
    np.testing.assert_allclose(found.background, [[0.5, 0.5, 0.5]])
    np.testing.assert_allclose(found.error, [np.sqrt(0.25 / np.array([10, 20, 30]))])


@pytest.mark.parametrize(("n_values", "n_bins"), [(20, 20), (21, 50)])
def test_a_variable_is_discrete_up_to_20_values(n_values: int, n_bins: int) -> None:
    assert len(spectrum_edges(np.arange(2100.0) % n_values)) == n_bins + 1


def test_a_few_events_of_a_continuous_variable_are_not_discrete() -> None:
    assert len(few_values(np.linspace(0, 1, 15))) == 0
    assert len(few_values(np.array([0.0, 1.0, np.nan] * 10))) == 0


def test_a_constant_variable_is_refused() -> None:
    with pytest.raises(DataError, match=r"constant \(7\) on background"):
        spectrum_edges(np.full(10, 7.0))
