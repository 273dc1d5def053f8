"""The differential entropy agrees with scipy, with closed forms, and does not depend on the bins."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm, rv_histogram

from core.errors import DataError
from core.information.differential import differential_entropy

histograms = arrays(np.int64, 6, elements=st.integers(0, 50)).filter(np.any)
widths = arrays(np.float64, 6, elements=st.floats(0.01, 10.0))


@given(histograms, widths)
def test_it_is_that_of_the_histogram_as_a_density(counts, steps):
    """scipy's density of constant steps is the oracle."""
    edges = np.concatenate([[-1.0], -1.0 + np.cumsum(steps)])
    expected = rv_histogram((counts, edges), density=False).entropy()
    assert float(differential_entropy(counts, edges)) == pytest.approx(float(expected), abs=1e-10)


@pytest.mark.parametrize("sigma", [0.01, 1.0, 50.0])
@pytest.mark.parametrize("n_bins", [50, 500])
def test_a_normal_variable_has_the_entropy_of_the_closed_form(sigma, n_bins):
    """h = ½ log(2πe σ²) for any number of fine bins, negative for a narrow one."""
    edges = sigma * np.linspace(-8.0, 8.0, n_bins + 1)
    h = float(differential_entropy(np.diff(norm.cdf(edges, scale=sigma)), edges))
    assert h == pytest.approx(0.5 * np.log(2 * np.pi * np.e * sigma**2), abs=6e-3)


@given(histograms, widths, st.floats(0.001, 1000.0))
def test_another_unit_adds_the_logarithm_of_its_scale(counts, steps, scale):
    edges = np.concatenate([[0.0], np.cumsum(steps)])
    moved = float(differential_entropy(counts, scale * edges)) - float(differential_entropy(counts, edges))
    assert moved == pytest.approx(np.log(scale), abs=1e-9)


def test_the_correction_is_that_of_the_discrete_entropy():
    counts, edges = np.array([4, 0, 6]), np.array([0.0, 1.0, 2.0, 4.0])
    corrected, plain = differential_entropy(counts, edges, n_effective=10.0), differential_entropy(counts, edges)
    assert float(corrected - plain) == pytest.approx(1 / 20)


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ([0.0, 1.0], r"edges of shape \(2,\); allowed: 3 edges for 2 bins"),
        ([0.0, 1.0, 1.0], "edges with a bin of width 0; allowed: > 0"),
        ([0.0, 1.0, np.inf], "edges with a bin of width inf; allowed: > 0"),
        ([0.0, np.nan, 2.0], "edges with a bin of width nan; allowed: > 0"),
    ],
)
def test_bad_edges_are_named(edges, message):
    with pytest.raises(DataError, match=message):
        differential_entropy(np.array([1, 1]), np.array(edges))
