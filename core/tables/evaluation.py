"""The evaluation of a score as tables: ROC curve, spectra, efficiencies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import unescape

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.evaluation.evaluate import Evaluation
from core.events.table import Column
from core.figures.spectrum import of_variable
from core.figures.values import value_names
from core.tables.described import described, with_unit


def roc_table(evaluations: Mapping[str, Evaluation]) -> pd.DataFrame:
    """Return the points of ROC curves, one row each.

    Args:
        evaluations: name of the run → its evaluation.
    """
    curves = {name: each.roc for name, each in evaluations.items()}
    background = _joined(curve.background_efficiency for curve in curves.values())
    columns = {
        "run": [name for name, curve in curves.items() for _ in curve.signal_efficiency],
        "signal_efficiency": _joined(curve.signal_efficiency for curve in curves.values()),
        "background_efficiency": background,
        "rejection": np.divide(1.0, background, out=np.full(len(background), np.inf), where=background > 0),
    }
    words = {"rejection": "1 / background_efficiency"}
    return described(columns, "Points of the ROC curves.", words)


def spectrum_table(evaluations: Mapping[str, Evaluation], column: Column) -> pd.DataFrame:
    """Return the background's spectra of a protected variable before and after the cut, one row a bin.

    Args:
        evaluations: name of the run → its evaluation.
        column: the protected variable.

    Returns:
        Edges, Σw and its standard error √Σw² of the events that pass and that fail.

    Raises:
        DataError: the variable is not among the protected ones of a run.
    """
    found = {name: of_variable(each, column.name).spectrum for name, each in evaluations.items()}
    spectra = found.values()
    columns = {
        "run": [name for name, spectrum in found.items() for _ in spectrum.passed],
        **_values(column, [spectrum.values for spectrum in spectra]),
        with_unit("low", column.unit): _joined(spectrum.edges[:-1] for spectrum in spectra),
        with_unit("high", column.unit): _joined(spectrum.edges[1:] for spectrum in spectra),
        "passed": _joined(spectrum.passed for spectrum in spectra),
        "passed_error": np.sqrt(_joined(spectrum.passed_variance for spectrum in spectra)),
        "failed": _joined(spectrum.failed for spectrum in spectra),
        "failed_error": np.sqrt(_joined(spectrum.failed_variance for spectrum in spectra)),
    }
    words = {
        "passed": "Σw of the background events that pass the cut",
        "passed_error": "its standard error √Σw²",
        "failed": "Σw of the background events that fail the cut",
        "failed_error": "its standard error √Σw²",
    }
    return described(columns, f"Spectra of {column.title or column.name}, background events.", words)


def efficiency_table(evaluation: Evaluation, column: Column) -> pd.DataFrame:
    """Return the background efficiency in bins of a protected variable, one row a bin and working point.

    Args:
        evaluation: the run's.
        column: the protected variable.
    """
    found = of_variable(evaluation, column.name).efficiency
    n_points, n_bins = found.background.shape
    columns = {
        "signal_efficiency": np.repeat(found.signal_efficiencies, n_bins),
        **_values(column, [found.values] * n_points),
        with_unit("low", column.unit): np.tile(found.edges[:-1], n_points),
        with_unit("high", column.unit): np.tile(found.edges[1:], n_points),
        "background_efficiency": found.background.ravel(),
        "error": found.error.ravel(),
        "inclusive": np.repeat(found.inclusive, n_bins),
    }
    words = {
        "signal_efficiency": "working point",
        "background_efficiency": "share of the background of the bin that passes",
        "error": "its binomial standard error",
        "inclusive": "share of the background of all bins that passes",
    }
    return described(columns, f"Background efficiency against {column.title or column.name}.", words)


def _values(column: Column, values: Sequence[NDArray[np.float64]]) -> dict[str, list[str]]:
    """Return the column that names the value of each bin of a discrete variable; none for a continuous one."""
    if not all(map(len, values)):
        return {}
    return {column.name: [unescape(name) for each in values for name in value_names(column, each)]}


def _joined(parts: Iterable[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.concatenate([np.empty(0), *parts])
