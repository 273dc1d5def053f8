"""Weighted statistics in bins against numpy's own."""

import numpy as np
import pytest

from core.calibration.binned import bin_of, binned, medians, quantiles


def test_statistics_are_those_of_repeated_events(rng: np.random.Generator) -> None:
    """An event of weight k counts as k events of weight 1."""
    y, w, index = rng.normal(size=300), rng.integers(0, 4, 300), rng.integers(0, 3, 300)
    found = binned(y, w.astype(float), index, 3)
    for k in range(3):
        repeated = np.repeat(y[index == k], w[index == k])
        assert found.mean[k] == pytest.approx(repeated.mean())
        assert found.width[k] == pytest.approx(repeated.std())
        assert medians(y, w.astype(float), index, 3)[k] == np.sort(repeated)[(len(repeated) - 1) // 2]


def test_errors_are_the_spread_of_repetitions(rng: np.random.Generator) -> None:
    found = [binned(rng.normal(size=400), rng.uniform(0.5, 1.5, 400), np.zeros(400, int), 1) for _ in range(400)]
    assert np.std([each.mean[0] for each in found]) == pytest.approx(found[0].mean_error[0], rel=0.15)
    assert np.std([each.width[0] for each in found]) == pytest.approx(
        np.mean([each.width_error[0] for each in found]), rel=0.15
    )


def test_a_bin_of_fewer_than_two_events_says_nothing() -> None:
    found = binned(np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4), np.array([0, 2, 2, 2]), 3)
    assert np.isnan(found.mean[:2]).all()
    assert found.mean[2] == 3
    assert np.isnan(medians(np.array([1.0]), np.ones(1), np.array([0]), 2)[1])


def test_bins_close_at_both_ends() -> None:
    assert bin_of(np.array([-1.0, 0.0, 1.0, 2.0, 2.1]), np.array([0.0, 1.0, 2.0])).tolist() == [-1, 0, 1, 1, -1]


def test_quantiles_count_weights() -> None:
    values, weights = np.array([3.0, 1.0, 2.0]), np.array([1.0, 8.0, 1.0])
    assert quantiles(values, weights, (0.5, 0.85, 0.95)) == [1.0, 2.0, 3.0]
