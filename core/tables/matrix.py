"""The information of every pair as a table, one row a pair."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import DataError
from core.information.catalogue import GIVEN_MEASURES, MEASURES
from core.information.estimated import EstimatedMatrix
from core.information.given import GivenMatrix
from core.information.matrix import InformationMatrix
from core.information.significance import Significance
from core.tables.described import described, with_unit

WORDS = {
    "x": "first variable",
    "y": "second variable",
    "entropy_x [nats]": "H(X) of the first variable",
    "entropy_y [nats]": "H(Y) of the second variable",
    "entropy_x_given_y [nats]": "H(X|Y): what remains unknown of x once y is known",
    "entropy_y_given_x [nats]": "H(Y|X): what remains unknown of y once x is known",
    "mi_error [nats]": "standard error of mi",
    "null_level [nats]": "what the uncorrected estimate of mi gives for independent variables",
    "negative_cells": "share of the weight that lies in cells whose weights sum to less than nothing",
    "jackknife_error [nats]": "standard error of mi by the jackknife over blocks of events",
    "bias [nats]": "what the uncorrected estimate of mi is too large by, by the jackknife",
    "p_value": "chance of as large an estimate for independent variables",
    "q_value": "smallest false discovery rate at which the pair is a discovery",
    "n_effective": "(Σw)²/Σw²",
    "z": "the third variable",
    "given_mi_error [nats]": "standard error of given_mi",
    "bins": "codes of each variable, at most",
}


def matrix_table(matrix: InformationMatrix | EstimatedMatrix, significance: Significance | None = None) -> pd.DataFrame:
    """Return every measure of every pair i < j of a matrix, one row a pair.

    Args:
        matrix: the information of every pair.
        significance: errors and p-values of the same variables, in any order; None leaves them out.

    Returns:
        Columns x, y, x_title, y_title, each measure, its errors, and how it was estimated.

    Raises:
        DataError: the significance is not of these variables.
    """
    i, j = np.triu_indices(len(matrix.names), 1)
    named = {"x": matrix.names, "y": matrix.names, "x_title": matrix.titles, "y_title": matrix.titles}
    columns: dict[str, Any] = {
        name: [values[n] for n in (i if name.startswith("x") else j)] for name, values in named.items()
    }
    words = dict(WORDS)
    for name in MEASURES:
        if name == "conditional_entropy" or not hasattr(matrix, name):
            continue
        title = with_unit(name, MEASURES[name].unit)
        columns[title] = getattr(matrix, name)[i, j]
        words[title] = MEASURES[name].definition
    columns |= {"entropy_x [nats]": matrix.entropy[i], "entropy_y [nats]": matrix.entropy[j]}
    columns["mi_error [nats]"] = matrix.mi_error[i, j]
    if isinstance(matrix, InformationMatrix):
        columns |= _counted(matrix, i, j)
    if isinstance(matrix, GivenMatrix):
        columns |= _given(matrix, i, j)
        words |= {with_unit(name, each.unit): each.definition for name, each in GIVEN_MEASURES.items()}
    if significance is not None:
        columns |= _significance(significance, matrix.names, i, j)
    columns |= {"event_class": matrix.event_class, "n_events": matrix.n_events, "n_effective": matrix.n_effective}
    columns["estimator"] = matrix.estimator
    return described(columns, "Information that every pair of variables shares.", words)


def _counted(matrix: InformationMatrix, i: NDArray[np.intp], j: NDArray[np.intp]) -> dict[str, Any]:
    """Return what only counts tell."""
    return {
        "entropy_x_given_y [nats]": matrix.conditional_entropy[i, j],
        "entropy_y_given_x [nats]": matrix.conditional_entropy[j, i],
        "null_level [nats]": matrix.null_level[i, j],
        "negative_cells": matrix.negative_cells[i, j],
        "bins": matrix.bins,
    }


def _given(matrix: GivenMatrix, i: NDArray[np.intp], j: NDArray[np.intp]) -> dict[str, Any]:
    """Return what changes once the third variable is known."""
    values = {with_unit(name, each.unit): matrix.measure(name)[i, j] for name, each in GIVEN_MEASURES.items()}
    return (
        {"z": matrix.given, "entropy_z [nats]": matrix.given_entropy}
        | values
        | {"given_mi_error [nats]": matrix.given_mi_error[i, j]}
    )


def _significance(
    found: Significance, names: tuple[str, ...], i: NDArray[np.intp], j: NDArray[np.intp]
) -> dict[str, NDArray[np.float64]]:
    """Return errors and p-values of the pairs; the matrix may be ordered otherwise."""
    missing = [name for name in names if name not in found.names]
    if missing:
        raise DataError(f"significance without {', '.join(missing)}; allowed: of all variables of the matrix")
    place = np.array([found.names.index(name) for name in names])
    cells = place[i], place[j]
    return {
        "jackknife_error [nats]": found.error[cells],
        "bias [nats]": found.bias[cells],
        "p_value": found.p_value[cells],
        "q_value": found.q_value[cells],
    }
