"""A learnt event variable as tables: each number in its row and column."""

from dataclasses import replace
from math import nan

import numpy as np

from core.event_variables.results import Comparison, EventVariableView, Figure, Slice, Spectrum, Words
from core.results import Estimate
from core.tables.event_variables import comparisons_table, density_table, figures_table, slices_table

V, M = Words("v", "v"), Words("m", "m", "GeV")
PAIR = Comparison(
    V, M, Estimate(0.9, 0.01), Estimate(1.5, 0.02), Estimate(0.6, 0.03), 8, np.array([0.0, 10.0, 20.0]),
    np.array([-1.0, 0.0, 2.0]), np.array([[0.25, 0.0], [0.0, 0.75]]),
)  # fmt: skip
SPECTRUM = Spectrum(
    V,
    np.array([0.0, 1.0, 3.0]),
    (Slice(5.0, 6.0, 9, np.array([0.4, 0.6])), Slice(nan, nan, 8, np.array([nan, 1.0]), is_background=True)),
)
VIEW = EventVariableView("blueprint_2", "variable", M, (V,), 20, 10, Estimate(0.5), (PAIR,), (SPECTRUM,), (), ())


def test_a_comparison_has_a_row_with_all_errors() -> None:
    (row,) = comparisons_table(VIEW).to_dict("records")
    assert (row["learnt"], row["known"], row["tau"], row["tau_error"]) == ("v", "m", 0.9, 0.01)
    assert (row["mi [nats]"], row["mi_error [nats]"], row["share"], row["share_error"]) == (1.5, 0.02, 0.6, 0.03)


def test_without_known_variables_the_columns_stay() -> None:
    empty = comparisons_table(replace(VIEW, comparisons=()))
    assert list(empty.columns) == list(comparisons_table(VIEW).columns) and len(empty) == 0


def test_the_density_lists_the_middle_of_cells_that_are_not_empty() -> None:
    assert density_table(PAIR).to_dict("list") == {"m": [5.0, 15.0], "v": [-0.5, 1.0], "share": [0.25, 0.75]}


def test_slices_have_a_row_for_each_bin_and_keep_what_is_missing() -> None:
    table = slices_table(SPECTRUM)
    assert table["low"].tolist() == [0, 1, 0, 1] and table["high"].tolist() == [1, 3, 1, 3]
    assert table["theta_low"].tolist()[:2] == [5, 5] and table["theta_low"].isna().tolist() == [
        False,
        False,
        True,
        True,
    ]
    assert table["is_background"].tolist() == [False, False, True, True]
    np.testing.assert_array_equal(table["share"], [0.4, 0.6, nan, 1.0])


def test_one_slice_is_one_histogram() -> None:
    assert len(slices_table(replace(SPECTRUM, slices=SPECTRUM.slices[:1]))) == 2


def test_figures_name_their_column() -> None:
    figures = (Figure(V, True, Estimate(0.7, 0.01)), Figure(M, False, Estimate(0.6)))
    table = figures_table(figures, "auc", "area under the ROC curve")
    assert table["auc"].tolist() == [0.7, 0.6] and table["learnt"].tolist() == [True, False]
    assert np.isnan(table["auc_error"][1])
