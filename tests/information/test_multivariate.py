"""Information of three and more variables agrees with sums over cells and obeys the theorems."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import rel_entr

from core.errors import DataError
from core.information.counts import count_jointly, count_pairs
from core.information.measures import entropies, mutual_information
from core.information.multivariate import (
    conditional_mutual_information,
    interaction_information,
    total_correlation,
)
from core.information.quantise import quantise

TINY = 1e-10
cubes = arrays(np.int64, st.tuples(*3 * [st.integers(1, 4)]), elements=st.integers(0, 20)).filter(np.any)
hypercubes = arrays(np.int64, st.tuples(*4 * [st.integers(1, 3)]), elements=st.integers(0, 9)).filter(np.any)


def information(table):
    return float(mutual_information(entropies(table)))


@given(cubes)
def test_conditional_information_is_the_mean_over_the_third_variable(cube):
    """I(X;Y|Z) = Σ_z p(z) I(X;Y|Z=z), slice by slice, and never below zero."""
    slices = [cube[:, :, z] for z in range(cube.shape[2]) if cube[:, :, z].any()]
    expected = sum(each.sum() * information(each) for each in slices) / cube.sum()
    value = conditional_mutual_information(cube)
    assert value == pytest.approx(expected, abs=TINY)
    assert value >= -TINY


@given(cubes)
def test_the_chain_rule(cube):
    """I(X;YZ) = I(X;Z) + I(X;Y|Z)."""
    both = information(cube.reshape(cube.shape[0], -1))
    assert both == pytest.approx(information(cube.sum(axis=1)) + conditional_mutual_information(cube), abs=TINY)


@given(cubes, st.integers(0, 3))
def test_coarser_bins_lose_information(cube, code):
    """Data processing: merging two codes of Y cannot add to I(X;Y), I(X;Y|Z) or the total correlation."""
    merged = cube.copy()
    merged[:, 0] += merged[:, code % cube.shape[1]] * (code % cube.shape[1] > 0)
    merged[:, code % cube.shape[1]] *= code % cube.shape[1] == 0
    assert merged.sum() == cube.sum()
    assert information(merged.sum(axis=2)) <= information(cube.sum(axis=2)) + TINY
    assert conditional_mutual_information(merged) <= conditional_mutual_information(cube) + TINY
    assert total_correlation(merged) <= total_correlation(cube) + TINY


@given(cubes)
def test_interaction_information_does_not_depend_on_the_order(cube):
    expected = conditional_mutual_information(cube) - information(cube.sum(axis=2))
    for order in permutations(range(3)):
        assert interaction_information(cube.transpose(order)) == pytest.approx(expected, abs=TINY)


@given(hypercubes)
def test_total_correlation_is_the_divergence_from_independence(table):
    """C = KL(p || product of marginals) ≥ 0, cell by cell."""
    p = table / table.sum()
    product = np.ones(())
    for axis in range(4):
        product = np.multiply.outer(product, p.sum(axis=tuple(other for other in range(4) if other != axis)))
    value = total_correlation(table)
    assert value == pytest.approx(rel_entr(p, product).sum(), abs=TINY)
    assert value >= -TINY


@given(cubes)
def test_total_correlation_grows_variable_by_variable(cube):
    """C(X,Y,Z) = I(X;Y) + I(XY;Z), and C of two variables is I."""
    pair = cube.sum(axis=2)
    assert total_correlation(pair) == pytest.approx(information(pair), abs=TINY)
    rest = information(cube.reshape(-1, cube.shape[2]))
    assert total_correlation(cube) == pytest.approx(information(pair) + rest, abs=TINY)


def test_exclusive_or_is_pure_synergy():
    cube = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]]])
    assert information(cube.sum(axis=2)) == pytest.approx(0.0, abs=TINY)
    assert conditional_mutual_information(cube) == pytest.approx(np.log(2))
    assert interaction_information(cube) == pytest.approx(np.log(2))
    assert total_correlation(cube) == pytest.approx(np.log(2))


def test_the_correction_is_that_of_each_entropy():
    """Miller-Madow on four entropies: Δ = (m_xz + m_yz - m_xyz - m_z + (-1 - 1 + 1 + 1)) / 2N."""
    cube = np.array([[[5, 0], [2, 1]], [[1, 4], [0, 3]]])
    occupied = [np.count_nonzero(cube.sum(axis=axes)) for axes in (1, 0, (), (0, 1))]
    moved = conditional_mutual_information(cube, 16.0) - conditional_mutual_information(cube)
    assert moved == pytest.approx((occupied[0] + occupied[1] - occupied[2] - occupied[3]) / 32)


@pytest.mark.parametrize("weighted", [False, True])
def test_joint_tables_are_those_of_numpy(weighted, rng):
    columns = {name: rng.integers(0, size, 5000) for name, size in (("x", 3), ("y", 4), ("z", 2))}
    weights = rng.normal(1.0, 1.0, 5000) if weighted else None
    table = count_jointly(quantise(columns), ["z", "x", "y"], weights)
    expected = np.histogramdd([columns[name] for name in "zxy"], (2, 3, 4), weights=weights)[0]
    assert table == pytest.approx(expected)
    assert table.dtype == (np.float64 if weighted else np.int64)


def test_joint_tables_contain_the_tables_of_pairs(rng):
    codes = quantise(dict(zip("xyz", rng.normal(size=(3, 4000)), strict=True)), bins=8)
    assert np.array_equal(count_jointly(codes, "xyz").sum(axis=2), count_pairs(codes).sum_w[0])


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("xx", "variables x, x; allowed: some of x, y, z, each once"),
        ("xa", "variables x, a; allowed: some of x, y, z, each once"),
        ("", "allowed: some of x, y, z, each once"),
        ("xyz", "255 × 300 × 255 = 19,507,500 cells; allowed: 16,777,216; use fewer bins"),
    ],
)
def test_impossible_joint_tables_are_refused(names, message, rng):
    values = np.arange(255.0)
    codes = quantise({"x": values, "y": values, "z": values}, bins=255)
    codes.n_bins[1] = 300
    with pytest.raises(DataError, match=message):
        count_jointly(codes, names)


@pytest.mark.parametrize("measure", [conditional_mutual_information, interaction_information])
def test_three_dimensions_are_needed(measure):
    with pytest.raises(DataError, match=r"a table of shape \(2, 2\); allowed: 3 dimensions, one a variable"):
        measure(np.eye(2))
    with pytest.raises(DataError, match=r"a table of shape \(3,\); allowed: two or more dimensions"):
        total_correlation(np.ones(3))
