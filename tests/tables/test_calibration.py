"""Calibration as tables: each number in its row and column."""

from dataclasses import replace

import numpy as np

from core.tables.calibration import (
    calibration_bulk_table,
    calibration_closure_table,
    calibration_information_table,
    calibration_profile_table,
    calibration_shift_table,
    truths_table,
)
from tests.figures.test_calibration import COLUMNS, VIEW

KEY = ["method", "train", "test"]


def test_closure_has_a_row_a_bin_with_its_unit() -> None:
    table = calibration_closure_table(VIEW, COLUMNS)
    assert len(table) == 16 and set(table["unit"]) == {"GeV"}
    row = table[(table["low"] == 100) & (table["method"] == "mse")].iloc[0]
    assert (row["high"], row["bias"], row["bias_error"], row["n_effective"]) == (200, -4, 0.2, 300)
    assert np.isnan(row["pull_width"])


def test_bulk_has_a_row_a_method_and_pair_of_spectra() -> None:
    row = calibration_bulk_table(VIEW, COLUMNS).set_index(KEY).loc[("gaussian_ansatz", "falling", "uniform")]
    assert (row["low"], row["high"], row["bias"], row["pull_width"], row["worst_bias"]) == (50, 200, 0.5, 0.95, 0.5)


def test_shift_stands_beside_the_exact_one_and_may_be_empty() -> None:
    table = calibration_shift_table(VIEW, COLUMNS)
    row = table.iloc[1]
    assert (row["method"], row["second"], row["low"], row["shift"], row["exact"]) == ("mse", "falling", 100, -7.1, -6.1)
    assert len(calibration_shift_table(replace(VIEW, shifts=()), COLUMNS)) == 0


def test_profile_has_a_row_a_point() -> None:
    table = calibration_profile_table(VIEW)
    assert len(table) == 8
    assert table[["x", "estimate", "exact"]].iloc[0].tolist() == [60, 63, 62]


def test_information_stands_beside_the_exact_one() -> None:
    row = calibration_information_table(VIEW).iloc[0]
    assert (row["train"], row["mi [nats]"], row["mi_error [nats]"], row["exact [nats]"]) == (
        "uniform",
        0.88,
        0.01,
        0.886,
    )


def test_spectra_are_shares_of_bins() -> None:
    table = truths_table(VIEW, COLUMNS).set_index(["spectrum", "low"])
    assert table.loc[("falling", 100.0), "share"] == 0.75
