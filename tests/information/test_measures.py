"""Measures agree with scipy and obey the theorems of information theory."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy as scipy_entropy

from core.errors import DataError
from core.information import measures as m

TINY = 1e-12
tables = arrays(np.int64, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.integers(0, 50)).filter(np.any)
cubes = arrays(np.int64, st.tuples(*3 * [st.integers(1, 4)]), elements=st.integers(0, 20)).filter(np.any)
shapes = arrays(np.int64, 8, elements=st.integers(0, 50)).filter(np.any)


@given(tables)
def test_entropies_agree_with_scipy(table):
    h = m.entropies(table)
    assert float(h.x) == pytest.approx(scipy_entropy(table.sum(axis=1)), abs=TINY)
    assert float(h.y) == pytest.approx(scipy_entropy(table.sum(axis=0)), abs=TINY)
    assert float(h.joint) == pytest.approx(scipy_entropy(table.ravel()), abs=TINY)


@given(tables)
def test_information_is_the_divergence_from_independence(table):
    """I = KL(p(x,y) || p(x)p(y)) ≥ 0, the mean of the pointwise information."""
    p = table / table.sum()
    information = float(m.mutual_information(m.entropies(table)))
    product = np.outer(p.sum(axis=1), p.sum(axis=0))
    assert information == pytest.approx(scipy_entropy(p.ravel(), product.ravel()), abs=TINY)
    assert information >= -TINY
    assert information == pytest.approx(np.nansum(p * m.pointwise_mutual_information(p)), abs=TINY)


@given(tables)
def test_information_is_symmetric_and_at_most_either_entropy(table):
    h, turned = m.entropies(table), m.entropies(table.T)
    information = float(m.mutual_information(h))
    assert information == pytest.approx(float(m.mutual_information(turned)), abs=TINY)
    assert information <= min(float(h.x), float(h.y)) + TINY


@given(tables, st.randoms(use_true_random=False))
def test_relabelling_codes_changes_nothing(table, random):
    rows, columns = (random.sample(range(n), n) for n in table.shape)
    shuffled = m.entropies(table[np.ix_(rows, columns)])
    assert float(m.mutual_information(shuffled)) == pytest.approx(
        float(m.mutual_information(m.entropies(table))), abs=TINY
    )


@given(cubes, st.sampled_from([m.distance, m.variation]))
def test_distances_obey_the_triangle_inequality(cube, metric):
    """d and D are metrics: d(x,z) ≤ d(x,y) + d(y,z) for any joint table of three variables."""
    xy, yz, xz = (float(np.nan_to_num(metric(m.entropies(cube.sum(axis=axis))))) for axis in (2, 0, 1))
    constants = [np.count_nonzero(cube.sum(axis=axis)) == 1 for axis in ((1, 2), (0, 2), (0, 1))]
    if sum(constants) < 2:
        assert xz <= xy + yz + TINY


@given(cubes)
def test_processing_loses_information(cube):
    """I(X;Z) ≤ I(X;YZ): forgetting Y cannot add to what is known of X."""
    both = m.entropies(cube.reshape(cube.shape[0], -1))
    assert m.mutual_information(m.entropies(cube.sum(axis=1))) <= m.mutual_information(both) + TINY


@given(tables)
def test_ratios_stay_in_their_ranges(table):
    h = m.entropies(table)
    for measure, highest in (
        (m.iqr, 1),
        (m.distance, 1),
        (m.redundancy, 0.5),
        (m.symmetric_uncertainty, 1),
        (m.nmi, 1),
    ):
        value = float(measure(h))
        assert np.isnan(value) or -TINY <= value <= highest + TINY
    assert float(m.variation(h)) == pytest.approx(float(m.conditional_entropy(h) + h.joint - h.y), abs=TINY)


@pytest.mark.parametrize("measure", [m.iqr, m.symmetric_uncertainty, m.nmi])
def test_a_variable_shares_all_with_itself(measure):
    assert float(measure(m.entropies(np.diag([1, 2, 3])))) == pytest.approx(1.0)


def test_constants_have_no_ratios():
    """Two constants share nothing of nothing: NaN, not 0 or 1."""
    h = m.entropies(np.array([[5, 0], [0, 0]]))
    assert np.isnan([float(f(h)) for f in (m.iqr, m.distance, m.redundancy, m.nmi)]).all()


def test_informational_correlation_inverts_the_gaussian_formula():
    rho = np.array([0.0, 0.3, 0.99])
    assert m.informational_correlation(-0.5 * np.log(1 - rho**2)) == pytest.approx(rho)
    assert float(m.informational_correlation(np.array(-0.01))) == 0.0


@given(shapes, shapes)
def test_jensen_shannon_agrees_with_scipy(first, second):
    """scipy returns the square root; the divergence is symmetric and at most log 2."""
    value = float(m.jensen_shannon(first, 3 * second))
    assert value == pytest.approx(jensenshannon(first, second) ** 2, abs=1e-10)
    assert value == pytest.approx(float(m.jensen_shannon(second, first)), abs=TINY)
    assert -TINY <= value <= np.log(2) + TINY


@given(shapes, shapes)
def test_kullback_leibler_agrees_with_scipy(first, second):
    assert float(m.kullback_leibler(first, second)) == pytest.approx(scipy_entropy(first, second), abs=1e-10)


def test_the_correction_is_that_of_miller_and_madow():
    """+ (m - 1)/2N with m the occupied cells, on each of the three entropies."""
    table = np.array([[5, 0, 1], [2, 2, 0]])
    plain, corrected = m.entropies(table), m.entropies(table, n_effective=10.0)
    assert float(corrected.x - plain.x) == pytest.approx(1 / 20)
    assert float(corrected.y - plain.y) == pytest.approx(2 / 20)
    assert float(corrected.joint - plain.joint) == pytest.approx(3 / 20)


def test_negative_cells_become_empty():
    sum_w = np.array([[4.0, -1.0], [1.0, 0.0]])
    assert m.density(sum_w).tolist() == [[0.8, 0.0], [0.2, 0.0]]
    assert float(m.negative_cells(sum_w)) == pytest.approx(1 / 6)


def test_many_tables_at_once_equal_one_by_one(rng):
    stack = rng.integers(0, 9, (4, 5, 6))
    together = m.mutual_information(m.entropies(stack))
    assert together == pytest.approx([float(m.mutual_information(m.entropies(table))) for table in stack])


@pytest.mark.parametrize("total", [0.0, -3.0])
def test_weights_must_sum_to_something(total):
    with pytest.raises(DataError, match=f"the event weights sum to {total:g}; allowed: a positive sum"):
        m.density(np.array([[total]]))


@given(tables)
def test_powers_of_the_pointwise_information_agree_with_their_definition(table):
    """pmi^k = log p(x,y)^k/(p(x)p(y)) cell by cell; pmi² is at most 0."""
    p = table / table.sum()
    full = p > 0
    product = np.outer(p.sum(axis=1), p.sum(axis=0))
    for k in (1, 2, 3):
        values = m.pointwise_mutual_information(p, k)
        assert values[full] == pytest.approx(np.log(p[full] ** k / product[full]), abs=1e-10)
        assert np.isnan(values[~full]).all()
    assert np.nanmax(m.pointwise_mutual_information(p, 2)) <= TINY
