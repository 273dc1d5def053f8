"""What calibrations side by side reach, as tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.calibration.results import CalibrationView, Closure, Truths
from core.figures.calibration_words import Columns
from core.figures.words import described as described_column
from core.tables.described import described

BINNED = {
    "n_effective": "effective number of events in the bin",
    "bias": "mean of the estimate minus the truth",
    "bias_error": "its standard error",
    "median": "median of the estimate minus the truth",
    "ratio": "mean of the estimate over the truth; empty where the truth is not positive",
    "ratio_error": "its standard error",
    "resolution": "standard deviation of the estimate minus the truth",
    "resolution_error": "its standard error",
    "pull_mean": "mean of the difference over the predicted sigma; empty for a method without one",
    "pull_width": "standard deviation of the difference over the predicted sigma",
    "pull_width_error": "its standard error",
    "predicted": "root mean square of the predicted sigma",
    "by_estimate": "mean of the estimate minus the truth in the same bins of the estimate",
    "by_estimate_error": "its standard error",
    "exact": "bias of the exact answer; empty where it is not known",
}


def calibration_closure_table(view: CalibrationView, columns: Columns) -> pd.DataFrame:
    """Return all that is measured in bins of the truth, one row a method, spectrum, component and bin.

    Args:
        view: calibrations side by side.
        columns: the words about the truth, for its unit.
    """
    found = view.closures
    rows = _named(found, columns) | _edges(found)
    rows |= {name: np.concatenate([getattr(each, name) for each in found]) for name in BINNED}
    return described(rows, "Closure and resolution in bins of the truth.", BINNED)


def calibration_bulk_table(view: CalibrationView, columns: Columns) -> pd.DataFrame:
    """Return the numbers of the bulk, one row a method, spectrum and component.

    Args:
        view: calibrations side by side.
        columns: the words about the truth, for its unit.
    """
    found = view.closures
    rows = _named(found, columns, lambda _: 1)
    rows |= {"low": [each.bulk[0] for each in found], "high": [each.bulk[1] for each in found]}
    for name in ("bias", "resolution", "pull_width", "ratio"):
        measured = [getattr(each, f"bulk_{name}") for each in found]
        rows |= {name: [each.value for each in measured], f"{name}_error": [each.error for each in measured]}
    rows |= {"worst_bias": [each.worst_bias for each in found], "worst_ratio": [each.worst_ratio for each in found]}
    words = {name: BINNED[name] for name in rows if name in BINNED} | {
        "low": "lower end of the truths that the training covers well",
        "high": "upper end of the truths that the training covers well",
        "worst_bias": "largest absolute bias of a bin within these ends",
        "worst_ratio": "largest absolute difference of the ratio from 1 of a bin within these ends",
    }
    return described(rows, "Closure and resolution in the bulk of the training spectrum.", words)


def calibration_shift_table(view: CalibrationView, columns: Columns) -> pd.DataFrame:
    """Return how far each method moves with its training spectrum, one row a method, pair of spectra and bin.

    Args:
        view: calibrations side by side.
        columns: the words about the truth, for its unit.
    """
    found = view.shifts
    rows: dict[str, Any] = {
        name: np.repeat(np.asarray([getattr(each, name) for each in found], dtype=object), _bins(found))
        for name in ("method", "first", "second", "test", "variable")
    }
    rows["unit"] = np.repeat(
        np.asarray([described_column(columns, each.variable).unit for each in found], dtype=object), _bins(found)
    )
    rows |= _edges(found)
    rows |= {
        "shift": np.concatenate([np.empty(0), *(each.difference for each in found)]),
        "shift_error": np.concatenate([np.empty(0), *(each.error for each in found)]),
        "exact": np.concatenate([np.empty(0), *(each.exact for each in found)]),
    }
    words = {
        "shift": "mean of the estimate of the second training minus that of the first",
        "shift_error": "its standard error over the events",
        "exact": "the same of the exact answers; empty where they are not known",
    }
    return described(rows, "Shift of a calibration with its training spectrum, in bins of the truth.", words)


def calibration_profile_table(view: CalibrationView) -> pd.DataFrame:
    """Return the answer against the feature, one row a method, training spectrum and point.

    Args:
        view: calibrations of a single feature and a single truth.
    """
    found = view.profiles
    points = [len(each.x) for each in found]
    rows: dict[str, Any] = {
        name: np.repeat(np.asarray([getattr(each, name) for each in found], dtype=object), points)
        for name in ("method", "train")
    }
    rows |= {
        name: np.concatenate([np.empty(0), *(getattr(each, name) for each in found)])
        for name in ("x", "estimate", "sigma", "exact")
    }
    words = {
        "x": "the feature",
        "sigma": "predicted standard deviation; empty for a method without one",
        "exact": "the exact answer of this method; empty where it is not known",
    }
    return described(rows, "Answer of each calibration against the feature.", words)


def calibration_information_table(view: CalibrationView) -> pd.DataFrame:
    """Return what the features know of the truth, one row a method and training spectrum.

    Args:
        view: calibrations side by side.
    """
    found = view.information
    rows = {
        "method": [each.method for each in found],
        "train": [each.train for each in found],
        "mi [nats]": [each.estimate.value for each in found],
        "mi_error [nats]": [each.estimate.error for each in found],
        "exact [nats]": [each.exact for each in found],
    }
    words = {
        "mi [nats]": "mutual information of features and truth, by the bound of the calibration",
        "mi_error [nats]": "its standard error",
        "exact [nats]": "the exact one; empty where it is not known",
    }
    return described(rows, "Mutual information of features and truth under each training spectrum.", words)


def truths_table(view: CalibrationView, columns: Columns) -> pd.DataFrame:
    """Return the spectra of the truth, one row a spectrum, component and bin.

    Args:
        view: calibrations side by side.
        columns: the words about the truth, for its unit.
    """
    found: Sequence[Truths] = view.spectra
    repeats = _bins(found)
    names = {"spectrum": [each.spectrum for each in found], "variable": [each.variable for each in found]}
    names["unit"] = [described_column(columns, each.variable).unit for each in found]
    rows: dict[str, Any] = {name: np.repeat(np.asarray(values, object), repeats) for name, values in names.items()}
    rows |= _edges(found) | {"share": np.concatenate([each.share for each in found])}
    return described(rows, "Spectra of the truth.", {"share": "share of the weight in the bin"})


def _named(
    closures: Sequence[Closure], columns: Columns, rows: Callable[[Closure], int] = lambda each: len(each.bias)
) -> dict[str, Any]:
    """Return method, spectra, component and unit of each row."""
    repeats = [rows(each) for each in closures]
    names = {name: [getattr(each, name) for each in closures] for name in ("method", "train", "test", "variable")}
    names["unit"] = [described_column(columns, each.variable).unit for each in closures]
    return {name: np.repeat(np.asarray(values, dtype=object), repeats) for name, values in names.items()}


def _bins(found: Sequence[Any]) -> list[int]:
    return [len(each.bins) - 1 for each in found]


def _edges(found: Sequence[Any]) -> dict[str, Any]:
    return {
        "low": np.concatenate([np.empty(0), *(each.bins[:-1] for each in found)]),
        "high": np.concatenate([np.empty(0), *(each.bins[1:] for each in found)]),
    }
