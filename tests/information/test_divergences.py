"""Cross entropy and Bregman divergences agree with scipy and obey their theorems."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import entropy as scipy_entropy

from core.errors import DataError
from core.information import measures as m
from core.information.divergences import bregman_divergence, cross_entropy

TINY = 1e-12
shapes = arrays(np.int64, 8, elements=st.integers(0, 50)).filter(np.any)
POTENTIALS = {
    "p²": (lambda p: (p**2).sum(axis=-1), lambda p: 2 * p),
    "p⁴": (lambda p: (p**4).sum(axis=-1), lambda p: 4 * p**3),
    "exp p": (lambda p: np.exp(p).sum(axis=-1), np.exp),
}


@given(shapes, shapes)
def test_cross_entropy_is_entropy_plus_divergence(first, second):
    """H(f;g) = H(f) + KL(f,g) by scipy, infinite where g forbids what f does."""
    expected = scipy_entropy(first) + scipy_entropy(first, second)
    assert float(cross_entropy(first, second)) == pytest.approx(expected, abs=1e-10)
    assert float(cross_entropy(first, first)) == pytest.approx(scipy_entropy(first), abs=TINY)


@given(shapes, shapes)
def test_the_bregman_divergence_of_negative_entropy_is_that_of_kullback_and_leibler(first, second):
    expected = scipy_entropy(first, second)
    assert float(bregman_divergence(first, second)) == pytest.approx(expected, abs=1e-10)
    assert float(m.kullback_leibler(first, second)) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("name", POTENTIALS)
@given(first=shapes, second=shapes)
def test_bregman_divergences_are_never_negative(name, first, second):
    """D_F ≥ 0 for convex F, and 0 between equal shapes whatever their scale."""
    potential, gradient = POTENTIALS[name]
    assert float(bregman_divergence(first, second, potential, gradient)) >= -TINY
    assert float(bregman_divergence(first, 3 * first, potential, gradient)) == pytest.approx(0.0, abs=TINY)


@given(shapes, shapes)
def test_the_bregman_divergence_of_squares_is_the_squared_distance(first, second):
    p, q = first / first.sum(), second / second.sum()
    value = float(bregman_divergence(first, second, *POTENTIALS["p²"]))
    assert value == pytest.approx(np.square(p - q).sum(), abs=TINY)


def test_many_histograms_at_once_equal_one_by_one(rng):
    first, second = rng.integers(1, 9, (2, 4, 5))
    for measure in (cross_entropy, bregman_divergence):
        one_by_one = [float(measure(p, q)) for p, q in zip(first, second, strict=True)]
        assert measure(first, second) == pytest.approx(one_by_one)


def test_negative_bins_count_as_empty():
    assert float(cross_entropy(np.array([1.0, -0.5, 1.0]), np.array([1.0, 0.0, 3.0]))) == pytest.approx(
        float(cross_entropy(np.array([1, 0, 1]), np.array([1, 0, 3])))
    )


def test_divergences_in_bits():
    """Two histograms without a common bin differ by one bit, log 2 nats."""
    assert float(m.in_bits(m.jensen_shannon(np.array([2, 0]), np.array([0, 7])))) == pytest.approx(1.0)
    assert m.in_bits(np.array([0.0, np.log(8)])) == pytest.approx([0.0, 3.0])


@pytest.mark.parametrize("measure", [cross_entropy, bregman_divergence])
def test_weights_must_sum_to_something(measure):
    with pytest.raises(DataError, match="the event weights sum to 0; allowed: a positive sum"):
        measure(np.zeros(3), np.ones(3))
