"""The map of a pair shows where the information is, with empty cells empty."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.errors import DataError
from core.events.table import Column, EventTable, Roles
from core.information import information_matrix, pair_map
from core.information.pointwise import POINTWISE

codes = arrays(np.int8, st.integers(1, 60), elements=st.integers(0, 4))


@pytest.fixture
def table(rng):
    n = 20_000
    x = rng.normal(size=n)
    columns = {
        "x": x,
        "y": 0.8 * x + 0.6 * rng.normal(size=n),
        "n_jets": rng.choice([2, 3, 5], n, p=[0.5, 0.3, 0.2]),
        "weight": rng.uniform(0.5, 2.0, n),
        "label": np.arange(n) % 2,
    }
    described = {"y": Column("y", "τ₂₁", "")}
    return EventTable("toy", columns, Roles(features=("x", "y", "n_jets"), weight="weight", label="label"), described)


@pytest.mark.parametrize("event_class", ["all", "signal"])
def test_totals_are_those_of_the_matrix(table, event_class):
    pair = pair_map(table, "x", "y", event_class=event_class)
    matrix = information_matrix(table, ["x", "y"], event_class=event_class)
    assert (pair.mi, pair.mi_error) == (matrix.mi[0, 1], matrix.mi_error[0, 1])
    assert [pair.entropy_x, pair.entropy_y] == pytest.approx(matrix.entropy)
    assert pair.x_given_y + pair.mi + pair.y_given_x == pytest.approx(pair.joint_entropy)
    assert (pair.pearson, pair.r_i) == (matrix.pearson[0, 1], matrix.r_i[0, 1])
    assert (pair.n_events, pair.n_effective, pair.estimator) == (matrix.n_events, matrix.n_effective, matrix.estimator)
    assert pair.spearman == pytest.approx(matrix.spearman[0, 1])
    assert pair.null_level == matrix.null_level[0, 1]


def test_the_density_is_that_of_numpy(table):
    pair = pair_map(table, "x", "y", bins=16)
    expected = np.histogram2d(
        table["x"], table["y"], (pair.x.edges, pair.y.edges), weights=table.weights, density=False
    )
    assert np.nan_to_num(pair.density) == pytest.approx(expected[0] / table.weights.sum(), abs=1e-12)


@given(codes, st.randoms(use_true_random=False))
def test_npmi_lies_between_minus_one_and_one(x, random):
    y = np.array(random.sample(list(x), len(x)))
    pair = pair_map(EventTable("toy", {"x": x, "y": y}), "x", "y")
    empty = np.isnan(pair.density)
    assert np.array_equal(np.isnan(pair.npmi), empty)
    assert np.array_equal(np.isnan(pair.pmi), empty)
    assert np.all(np.abs(pair.npmi[~empty]) <= 1 + 1e-12)
    assert np.array_equal(pair.ppmi[~empty], np.maximum(pair.pmi[~empty], 0))


def test_pmi_says_how_much_more_often_than_by_chance():
    """Events (0,0) ×3, (0,1) ×1, (1,1) ×4: p(0,0) = 3/8 against 1/2 · 3/8 by chance, so pmi = log 2."""
    table = EventTable("toy", {"x": np.array([0, 0, 0, 0, 1, 1, 1, 1]), "y": np.array([0, 0, 0, 1, 1, 1, 1, 1])})
    pair = pair_map(table, "x", "y")
    assert pair.pmi[0] == pytest.approx(np.log([2.0, 0.4]))
    assert pair.npmi[0, 0] == pytest.approx(np.log(2) / np.log(8 / 3))
    assert np.isnan(pair.npmi[1, 0])
    assert pair.pmi[1, 1] == pytest.approx(np.log(1.6))


def test_powers_of_pmi_damp_rare_cells(table):
    pair = pair_map(table, "x", "n_jets", bins=8)
    assert pair.pmi_k(1) == pytest.approx(pair.pmi, nan_ok=True)
    assert pair.pmi_k(3) == pytest.approx(pair.pmi + 2 * np.log(pair.density), nan_ok=True)
    with pytest.raises(DataError, match=r"pmi\^k with k = 0; allowed: 1 or more"):
        pair.pmi_k(0)


@pytest.mark.parametrize("name", POINTWISE)
def test_maps_have_names(table, name):
    pair = pair_map(table, "x", "n_jets", bins=8)
    expected = {"npmi": pair.npmi, "pmi": pair.pmi, "ppmi": pair.ppmi, "pmi2": pair.pmi_k(2)}[name]
    np.testing.assert_array_equal(pair.pointwise(name), expected)
    with pytest.raises(DataError, match="unknown pointwise measure 'pmi3'; allowed: npmi, pmi, ppmi, pmi2"):
        pair.pointwise("pmi3")


@pytest.mark.parametrize("weighted", [False, True])
def test_errors_of_conditional_entropies_are_their_scatter(weighted):
    """Over many samples of one distribution of few values, so that the cells are fixed."""
    rng, p = np.random.default_rng(5), np.array([0.35, 0.05, 0.1, 0.3, 0.02, 0.18])
    found = []
    for _ in range(300):
        cell = rng.choice(6, 2000, p=p)
        columns = {"x": cell // 3, "y": cell % 3, "w": rng.choice([0.5, 2.0], 2000)}
        found.append(pair_map(EventTable("toy", columns, Roles(weight="w" if weighted else None)), "x", "y"))
    for value, error in (("x_given_y", "x_given_y_error"), ("y_given_x", "y_given_x_error")):
        scatter = np.std([getattr(pair, value) for pair in found])
        assert scatter == pytest.approx(np.mean([getattr(pair, error) for pair in found]), rel=0.12)


def test_axes_say_what_the_cells_hold(table):
    pair = pair_map(table, "n_jets", "y", bins=4)
    assert pair.x.discrete
    assert pair.x.labels == ("2", "3", "5")
    assert pair.x.edges.tolist() == [1.5, 2.5, 4.0, 6.0]
    assert not pair.y.discrete
    assert pair.y.column.title == "τ₂₁"
    assert len(pair.y.edges) == len(pair.y.labels) + 1 == 5
    assert (pair.y.edges[0], pair.y.edges[-1]) == (table["y"].min(), table["y"].max())
    assert not pair.y.has_missing


def test_missing_values_have_a_cell_at_the_end(table):
    y = np.where(table["n_jets"] == 2, np.nan, table["y"])
    pair = pair_map(EventTable("toy", {"n_jets": table["n_jets"], "y": y}), "n_jets", "y", bins=8)
    assert pair.y.has_missing
    assert pair.y.labels[-1] == "missing"
    assert pair.density.shape == (3, 9)
    assert pair.density[:, -1] == pytest.approx([np.mean(table["n_jets"] == 2), np.nan, np.nan], nan_ok=True)


def test_a_point_mass_has_a_cell_labelled_by_its_value(table):
    x = table["x"].astype(np.float32)
    x[::100] = -999.0
    pair = pair_map(EventTable("toy", {"x": x, "y": table["y"]}), "x", "y", bins=16)
    assert pair.x.labels[0] == "-999"
    assert np.nansum(pair.density[0]) == pytest.approx(0.01)
    assert pair.x.labels[1].startswith("-999 to -")


def test_edges_are_finite_where_values_are_not(table):
    """Infinite values fall into the outermost cells, whose drawn edge is the last finite value."""
    x = table["x"].copy()
    x[:2] = np.inf, -np.inf
    pair = pair_map(EventTable("toy", {"x": x, "y": table["y"]}), "x", "y", bins=8)
    assert np.isfinite(pair.x.edges).all()
    assert np.nansum(pair.density) == pytest.approx(1.0)


@pytest.mark.parametrize("value", [0.0, 7.0, np.nan])
def test_a_constant_has_one_cell(value):
    table = EventTable("toy", {"x": np.full(4, value), "y": np.arange(4)})
    pair = pair_map(table, "x", "y")
    assert pair.mi == pair.x_given_y == pair.r_i == 0.0
    assert len(pair.x.labels) == len(pair.density)
    assert np.isfinite(pair.x.edges).all()
    assert np.nansum(pair.density) == pytest.approx(1.0)
