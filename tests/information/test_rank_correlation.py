"""Spearman's correlation from counts agrees with scipy."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from core.events.table import EventTable
from core.information.counts import count_pairs
from core.information.matrix import information_matrix
from core.information.quantise import quantise
from core.information.rank_correlation import rank_correlation


def of_columns(columns, weights=None, **options):
    codes = quantise(columns, weights=weights, **options)
    return rank_correlation(count_pairs(codes, weights), [each.n_codes for each in codes.bins])


def test_discrete_variables_agree_with_scipy(rng):
    """Ties share their middle rank."""
    x = rng.integers(0, 9, (3, 4000))
    columns = {"x": x[0], "y": x[0] + x[1], "z": -(x[1] ** 2) + x[2]}
    expected = spearmanr(np.stack(list(columns.values())), axis=1).statistic
    assert of_columns(columns, bins=128) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("rho", [-0.9, 0.0, 0.6, 0.99])
def test_continuous_variables_agree_with_scipy_to_the_width_of_the_codes(rho, rng):
    """Whatever monotone map each variable went through."""
    x, noise = rng.normal(size=(2, 40_000))
    y = rho * x + np.sqrt(1 - rho**2) * noise
    found = of_columns({"x": np.exp(x), "y": y**3})[0, 1]
    assert found == pytest.approx(spearmanr(x, y).statistic, abs=3e-3)


def test_the_matrix_holds_it(rng):
    x = rng.integers(0, 9, (2, 3000))
    table = EventTable("toy", {"x": x[0], "y": x[0] + x[1]})
    matrix = information_matrix(table, ["x", "y"])
    assert matrix.spearman == pytest.approx(of_columns(table.columns), abs=1e-12)
    assert np.array_equal(matrix.take([1, 0]).spearman, matrix.spearman[::-1, ::-1])


def test_integer_weights_count_as_repeated_events(rng):
    columns = {"x": rng.integers(0, 5, 1000), "y": rng.integers(0, 5, 1000)}
    columns["y"] += columns["x"]
    weights = rng.integers(1, 4, 1000)
    repeated = {name: np.repeat(values, weights) for name, values in columns.items()}
    assert of_columns(columns, weights.astype(float)) == pytest.approx(of_columns(repeated), abs=1e-12)


def test_missing_values_have_no_rank(rng):
    x = rng.integers(0, 6, 2000).astype(float)
    y = x + rng.integers(0, 6, 2000)
    y[:700] = np.nan
    expected = spearmanr(x[700:], y[700:]).statistic
    assert of_columns({"x": x, "y": y})[0, 1] == pytest.approx(expected, abs=1e-12)


def test_constants_and_missing_columns_have_no_correlation(rng):
    columns = {"x": rng.normal(size=50), "constant": np.ones(50), "missing": np.full(50, np.nan)}
    found = of_columns(columns)
    assert found[0, 0] == pytest.approx(1.0)
    assert np.isnan(found[1:]).all()
    assert np.isnan(found[0, 1:]).all()
