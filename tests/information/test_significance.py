"""Errors cover, p-values are uniform under independence, and discoveries keep the promised rate."""

import numpy as np
import pytest
from scipy.stats import kstest

from core.errors import DataError
from core.events.table import EventTable, Roles
from core.information import estimate_mi, information_matrix
from core.information.significance import significance


def noise(k, n, rng, weights=None):
    columns = {f"x{i}": rng.normal(size=n) for i in range(k)}
    if weights is not None:
        columns["w"] = weights
    return EventTable("noise", columns, Roles(features=tuple(columns)[:k], weight=None if weights is None else "w"))


def upper(matrix):
    return matrix[np.triu_indices(len(matrix), 1)]


def gaussian_pair(rho, n, rng):
    x = rng.normal(size=n)
    return x, rho * x + np.sqrt(1 - rho**2) * rng.normal(size=n)


def test_p_values_are_uniform_under_independence(rng):
    p = upper(significance(noise(24, 3000, rng), bins=8, rng=rng).p_value)
    assert len(p) == 276
    assert kstest(p, "uniform").pvalue > 0.01
    assert 0.02 < np.mean(p < 0.05) < 0.09


def test_p_values_are_uniform_for_weights_of_both_signs(rng):
    """Wrong N_eff would push all of them to one side."""
    weights = rng.choice([1.0, -1.0], 6000, p=[0.93, 0.07]) * rng.exponential(size=6000)
    p = upper(significance(noise(20, 6000, rng, weights), bins=6, rng=rng).p_value)
    assert kstest(p, "uniform").pvalue > 0.01


def test_the_null_is_that_of_shuffled_events(rng):
    x, y = gaussian_pair(0.7, 2000, rng)
    found = significance(EventTable("t", {"x": x, "y": y}), ["x", "y"], bins=10, rng=rng)
    shuffled = [estimate_mi(x, rng.permutation(y), bins=10, correction="none").value for _ in range(300)]
    assert found.null_mean[0, 1] == pytest.approx(np.mean(shuffled), rel=0.05)
    assert found.p_value[0, 1] < 1e-50


def test_q_values_are_those_of_benjamini_and_hochberg(rng):
    columns = dict(noise(8, 2000, rng).columns)
    columns["x1"] = columns["x0"] * 0.12 + columns["x1"]
    columns["x3"] = columns["x2"] * 0.4 + columns["x3"]
    found = significance(EventTable("t", columns), list(columns), bins=6, rng=rng)
    p, q = upper(found.p_value), upper(found.q_value)
    order = np.argsort(p)
    expected = np.empty(len(p))
    smallest = 1.0
    for rank in range(len(p), 0, -1):
        smallest = min(smallest, p[order[rank - 1]] * len(p) / rank)
        expected[order[rank - 1]] = smallest
    np.testing.assert_allclose(q, expected)
    assert found.discoveries()[2, 3]
    assert upper(found.discoveries()).sum() == np.sum(expected <= 0.05) <= 4
    assert not np.diagonal(found.discoveries()).any()


def test_order_turns_every_array(rng):
    found = significance(noise(3, 500, rng), bins=4, rng=rng)
    turned = found.take([2, 0, 1])
    assert turned.names == ("x2", "x0", "x1")
    for name in ("mi", "error", "bias", "null_mean", "p_value", "q_value"):
        assert getattr(turned, name)[0, 1] == getattr(found, name)[2, 0]


def test_the_error_is_the_spread_over_samples(rng):
    """A hundred samples of a bivariate normal scatter as the jackknife of one says."""
    values, errors, covered = [], [], 0
    reference = estimate_mi(*gaussian_pair(0.6, 400_000, rng), bins=8).value
    for _ in range(100):
        x, y = gaussian_pair(0.6, 2000, rng)
        found = significance(EventTable("t", {"x": x, "y": y}), ["x", "y"], bins=8, rng=rng)
        values.append(found.mi[0, 1])
        errors.append(found.error[0, 1])
        low, high = found.interval(0.9)
        covered += low[0, 1] <= reference <= high[0, 1]
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.2)
    assert 82 <= covered <= 97


def test_weighted_errors_are_close_to_the_delta_method(toy_table):
    table = toy_table(6000)
    found = significance(table, event_class="background", bins=8, rng=np.random.default_rng(2))
    matrix = information_matrix(table, event_class="background", bins=8)
    i, j = matrix.names.index("mass"), matrix.names.index("leaking")
    np.testing.assert_allclose(found.mi, matrix.mi)
    assert found.error[i, j] == pytest.approx(matrix.mi_error[i, j], rel=0.35)
    assert found.null_mean[i, j] == pytest.approx(matrix.null_level[i, j], rel=0.25)


def test_bias_is_what_the_plug_in_estimate_has_too_much(rng):
    x, y = gaussian_pair(0.5, 8000, rng)
    found = significance(EventTable("t", {"x": x, "y": y}), ["x", "y"], bins=12, rng=rng)
    assert found.bias[0, 1] == pytest.approx(11**2 / 2 / 8000, rel=0.2)


def test_one_seed_one_result_and_progress_to_the_end(rng):
    table, seen = noise(4, 1000, rng), []
    results = [
        significance(table, bins=4, rng=np.random.default_rng(3), progress=progress) for progress in (None, seen.append)
    ]
    np.testing.assert_array_equal(results[0].p_value, results[1].p_value)
    assert seen == sorted(seen) and seen[-1] == 1.0


def test_a_constant_shares_nothing(rng):
    found = significance(EventTable("t", {"x": rng.normal(size=300), "c": np.ones(300)}), ["x", "c"], rng=rng)
    assert (found.p_value[0, 1], found.mi[0, 1], found.null_mean[0, 1]) == (1.0, 0.0, 0.0)
    assert found.error[0, 1] == pytest.approx(0, abs=1e-12)


def test_what_cannot_be_judged_is_refused(rng):
    with pytest.raises(DataError, match="19 events; allowed: 20 or more"):
        significance(noise(2, 19, rng), rng=rng)
    with pytest.raises(DataError, match="confidence level 1; allowed: between 0 and 1"):
        significance(noise(2, 100, rng), rng=rng).interval(1.0)
