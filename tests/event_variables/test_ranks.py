"""Kendall's τ and the area under the curve against scipy, pair by pair, and bootstraps."""

import numpy as np
import pytest
from scipy.stats import kendalltau, multivariate_normal
from sklearn.metrics import roc_auc_score

from core.event_variables.ranks import kendall_tau, separation


@pytest.mark.parametrize("levels", [None, 7])
def test_tau_is_scipy_s(levels: int | None) -> None:
    rng = np.random.default_rng(1)
    x, y = multivariate_normal([0, 0], [[1, -0.6], [-0.6, 1]]).rvs(500, random_state=rng).T
    if levels:
        x, y = np.round(x * 2).clip(-3, 3), np.round(y)
    assert kendall_tau(x, y, np.ones(500)).value == pytest.approx(kendalltau(x, y).statistic, abs=1e-12)


def test_weighted_tau_is_the_sum_over_pairs() -> None:
    rng = np.random.default_rng(2)
    x, y = np.round(rng.normal(size=60), 1), np.round(rng.normal(size=60), 1)
    w = rng.random(60)
    pairs = w[:, None] * w
    signs_x, signs_y = np.sign(x[:, None] - x), np.sign(y[:, None] - y)
    expected = (pairs * signs_x * signs_y).sum() / np.sqrt((pairs * signs_x**2).sum() * (pairs * signs_y**2).sum())
    assert kendall_tau(x, y, w).value == pytest.approx(expected, abs=1e-12)


def test_weights_count_as_repetitions() -> None:
    rng = np.random.default_rng(3)
    x, y, w = rng.normal(size=40), rng.normal(size=40), rng.integers(1, 4, 40)
    repeated = kendall_tau(np.repeat(x, w), np.repeat(y, w), np.ones(w.sum()))
    assert kendall_tau(x, y, w.astype(float)).value == pytest.approx(repeated.value, abs=1e-12)


def test_the_error_of_tau_is_its_spread() -> None:
    """Of a Gaussian with ρ = 0.7, over 300 samples; τ itself is 2 arcsin(ρ)/π."""
    rng = np.random.default_rng(4)
    found = []
    for _ in range(300):
        x = rng.normal(size=300)
        y = 0.7 * x + np.sqrt(1 - 0.49) * rng.normal(size=300)
        found.append(kendall_tau(x, y, np.ones(300)))
    values, errors = np.array([each.value for each in found]), np.array([each.error for each in found])
    assert values.mean() == pytest.approx(2 * np.arcsin(0.7) / np.pi, abs=0.006)
    assert errors.mean() == pytest.approx(values.std(), rel=0.15)


def test_a_constant_has_no_order() -> None:
    assert np.isnan(kendall_tau(np.ones(5), np.arange(5), np.ones(5)).value)


def test_the_area_is_scikit_learn_s_with_weights_and_ties() -> None:
    rng = np.random.default_rng(5)
    y = rng.random(400) < 0.4
    x, w = np.round(rng.normal(size=400) + y, 1), rng.random(400)
    expected = roc_auc_score(y, x, sample_weight=w)
    assert separation(x, y, w).value == pytest.approx(expected, abs=1e-12)
    assert separation(-x, y, w).value == pytest.approx(expected, abs=1e-12)


def test_the_error_of_the_area_is_its_spread() -> None:
    rng = np.random.default_rng(6)
    y = np.arange(400) < 150
    found = [separation(rng.normal(size=400) + y, y, np.ones(400)) for _ in range(300)]
    errors = np.mean([each.error for each in found])
    assert errors == pytest.approx(np.std([each.value for each in found]), rel=0.15)
