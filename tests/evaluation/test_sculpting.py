"""Sculpting, its statistical limit, and efficiencies."""

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from core.errors import DataError
from core.evaluation.sculpting import (
    efficiency_against,
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


def test_a_constant_variable_is_refused() -> None:
    with pytest.raises(DataError, match=r"constant \(7\) on background"):
        spectrum_edges(np.full(10, 7.0))
