"""The matrix and a pair as tables: each number in its row and column."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from core.errors import DataError
from core.events.table import EventClass, EventTable
from core.information.catalogue import MEASURES
from core.information.difference import information_difference
from core.information.estimated import estimated_matrix
from core.information.given import given_matrix
from core.information.matrix import InformationMatrix, information_matrix
from core.information.pointwise import pair_map
from core.information.significance import significance
from core.tables.difference import difference_table
from core.tables.matrix import matrix_table
from core.tables.pair import pair_table

NAMES = ("leaking", "clean", "noise", "mass")

CLASSES: tuple[EventClass, ...] = ("signal", "background")
UPPER = np.triu_indices(4, 1)


@pytest.fixture(scope="module")
def events(toy_table: Callable[..., EventTable]) -> EventTable:
    return toy_table(2000)


@pytest.fixture(scope="module")
def matrix(events: EventTable) -> InformationMatrix:
    return information_matrix(events, NAMES, bins=6)


def test_each_pair_has_a_row_with_every_measure(matrix: InformationMatrix) -> None:
    table = matrix_table(matrix)
    assert list(zip(table["x"], table["y"], strict=True)) == list(combinations(NAMES, 2))
    for row, (i, j) in zip(table.to_dict("records"), combinations(range(4), 2), strict=True):
        for name, measure in MEASURES.items():
            if name != "conditional_entropy":
                assert row[f"{name} [nats]" if measure.unit else name] == matrix.measure(name)[i, j]
        assert row["entropy_x [nats]"] == matrix.entropy[i]
        assert row["entropy_y [nats]"] == matrix.entropy[j]
        assert row["mi_error [nats]"] == matrix.mi_error[i, j]
        assert row["null_level [nats]"] == matrix.null_level[i, j]
        assert (row["x_title"], row["y_title"]) == (matrix.titles[i], matrix.titles[j])
    assert set(table["n_events"]) == {2000} and set(table["bins"]) == {6}
    assert set(table["n_effective"]) == {matrix.n_effective} and set(table["estimator"]) == {matrix.estimator}


def test_conditional_entropies_are_the_right_way_round(matrix: InformationMatrix) -> None:
    table = matrix_table(matrix)
    joint, of_y = table["joint_entropy [nats]"], table["entropy_y [nats]"]
    np.testing.assert_allclose(table["entropy_x_given_y [nats]"], joint - of_y)
    np.testing.assert_allclose(table["entropy_y_given_x [nats]"], joint - table["entropy_x [nats]"])


def test_significance_is_found_by_name_however_the_matrix_is_ordered(
    events: EventTable, matrix: InformationMatrix, rng: np.random.Generator
) -> None:
    sure = significance(events, NAMES, rng=rng, bins=6)
    table = matrix_table(matrix.take([3, 1, 0, 2]), sure).set_index(["x", "y"])
    for column, values in {"p_value": sure.p_value, "q_value": sure.q_value, "bias [nats]": sure.bias}.items():
        assert table.loc[("mass", "leaking"), column] == values[NAMES.index("mass"), NAMES.index("leaking")]
        assert table.loc[("clean", "noise"), column] == values[NAMES.index("clean"), NAMES.index("noise")]
    assert table.loc[("mass", "leaking"), "jackknife_error [nats]"] == sure.error[3, 0]


def test_the_significance_of_other_variables_is_refused(
    events: EventTable, matrix: InformationMatrix, rng: np.random.Generator
) -> None:
    with pytest.raises(DataError, match="without noise, mass"):
        matrix_table(matrix, significance(events, ["leaking", "clean"], rng=rng, bins=6))


def test_an_estimated_matrix_has_the_measures_that_it_has(events: EventTable) -> None:
    found = estimated_matrix(events.with_roles(events.roles.model_copy(update={"weight": None})), NAMES, "binned")
    table = matrix_table(found)
    assert table["mi [nats]"].tolist() == [found.mi[i, j] for i, j in combinations(range(4), 2)]
    assert "nmi" not in table and "p_value" not in table


def test_each_cell_of_a_pair_has_a_row(events: EventTable) -> None:
    pair = pair_map(events, "mass", "label", bins=5)
    table = pair_table(pair)
    assert len(table) == pair.density.size == 10
    for row, (i, j) in zip(table.to_dict("records"), np.ndindex(pair.density.shape), strict=True):
        for name in ("density", "npmi"):
            np.testing.assert_equal(row[name], getattr(pair, name)[i, j])
        np.testing.assert_equal(row["pmi [nats]"], pair.pmi[i, j])
        np.testing.assert_equal(row["ppmi [nats]"], max(pair.pmi[i, j], 0))
        assert (row["x_low [GeV]"], row["x_high [GeV]"]) == (pair.x.edges[i], pair.x.edges[i + 1])
        assert row["y_cell"] == pair.y.labels[j]
    assert table["density"].sum() == pytest.approx(1)


def test_missing_values_have_a_cell_without_edges() -> None:
    x = np.array([0.5, np.nan, 1.5, 2.5, 3.5, np.nan] * 20)
    pair = pair_map(EventTable("toy", {"x": x, "y": np.arange(120) % 2}), "x", "y", bins=4)
    table = pair_table(pair)
    missing: pd.DataFrame = table[table["x_cell"] == "missing"]
    assert len(missing) == 2
    assert missing["x_low"].isna().all() and missing["y_low"].notna().all()
    assert missing["density"].sum() == pytest.approx(1 / 3)


def test_a_third_variable_adds_its_columns(events: EventTable) -> None:
    found = given_matrix(events, "mass", [name for name in NAMES if name != "mass"], bins=4)
    table = matrix_table(found)
    assert set(table["z"]) == {"mass"}
    for name, (i, j) in zip(table["given_mi [nats]"], combinations(range(3), 2), strict=True):
        assert name == found.given_mi[i, j]
    np.testing.assert_allclose(table["interaction [nats]"], table["given_mi [nats]"] - table["mi [nats]"])


def test_a_difference_holds_every_measure_of_both_classes(events: EventTable) -> None:
    signal, background = (information_matrix(events, NAMES, event_class=each, bins=5) for each in CLASSES)
    table = difference_table(information_difference(signal, background))
    for name in ("iqr", "pearson", "spearman", "r_i"):
        np.testing.assert_array_equal(
            table[f"{name}_difference"], (signal.measure(name) - background.measure(name))[UPPER]
        )
    assert "variation_difference [nats]" in table
