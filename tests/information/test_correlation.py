"""Pearson's correlation agrees with numpy, weighted, and with missing values."""

import numpy as np
import pytest

from core.information.correlation import pearson


def correlated(rng, k=5, n=10_000):
    """Make related columns far from zero, where sums of squares lose digits unless they are centred."""
    x = rng.normal(size=(k, n)).cumsum(axis=0) * np.arange(1, k + 1)[:, None]
    return list(1e5 + x)


def test_equals_numpy(rng):
    columns = correlated(rng)
    assert pearson(columns) == pytest.approx(np.corrcoef(columns), abs=1e-10)


def test_weighted_equals_numpy(rng):
    columns, weights = correlated(rng), rng.uniform(0.1, 3.0, 10_000)
    covariance = np.cov(columns, aweights=weights, ddof=0)
    spread = np.sqrt(np.diag(covariance))
    assert pearson(columns, weights) == pytest.approx(covariance / np.outer(spread, spread), abs=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
def test_missing_values_count_pair_by_pair(weighted, rng):
    """Each pair uses the events where both are finite, even where the first block of events has none."""
    columns = correlated(rng, k=3)
    columns[0][:5000] = np.nan
    columns[1][::7] = np.inf
    weights = rng.uniform(0.1, 3.0, 10_000) if weighted else np.ones(10_000)
    found = pearson(columns, weights if weighted else None)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        both = np.isfinite(columns[i]) & np.isfinite(columns[j])
        covariance = np.cov(columns[i][both], columns[j][both], aweights=weights[both], ddof=0)
        expected = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
        assert found[i, j] == pytest.approx(expected, abs=1e-9)
        assert found[j, i] == pytest.approx(found[i, j])


def test_integer_and_boolean_columns_count_as_numbers(rng):
    x = rng.integers(0, 9, 1000)
    found = pearson([x, x > 4, x.astype(np.float32)])
    assert found == pytest.approx(np.corrcoef([x, x > 4, x]), abs=1e-10)


def test_the_largest_numbers_make_no_noise():
    """A sentinel of the largest float leaves the other columns alone."""
    x = np.append(np.arange(99.0), np.finfo(np.float64).max)
    found = pearson([x, -x, np.arange(100.0), np.arange(100.0) ** 2])
    assert found[2, 3] == pytest.approx(np.corrcoef(np.arange(100), np.arange(100) ** 2)[0, 1])
    assert np.isnan(found[0, 1])


def test_a_constant_or_empty_column_has_no_correlation(rng):
    found = pearson([rng.normal(size=100), np.full(100, 3.7), np.full(100, np.nan)])
    assert found[0, 0] == pytest.approx(1.0)
    assert np.isnan(found[0, 1:]).all()
    assert np.isnan(found[1, 1])
