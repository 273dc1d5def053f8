"""What figures of a calibration share: the colours of spectra, what methods and spectra are called, and a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan, nan

import numpy as np

from core.calibration.results import CalibrationView, Closure, Shift
from core.events.table import Column
from core.figures.palette import Palette, cycle
from core.figures.words import described, events
from core.numbers import format_number

Columns = Mapping[str, Column]

AS_IT_IS = "sample"
"""Name of the spectrum of the events as they are."""
SHORT = {"mse": "mean squared error", "gaussian_ansatz": "Gaussian Ansatz"}
"""Method → what it is called within a sentence."""


def short_method(name: str) -> str:
    """Return what a method is called within a sentence."""
    return SHORT.get(name, name.replace("_", " "))


def spectrum_title(columns: Columns, name: str) -> str:
    """Return what a spectrum is called: the title of its column, or its name.

    Example:
        >>> spectrum_title({}, "falling"), spectrum_title({}, "sample")
        ('falling', 'as they are')
    """
    return "as they are" if name == AS_IT_IS else described(columns, name).title or name


def spectra_of(view: CalibrationView) -> tuple[str, ...]:
    """Return the names of all spectra, those of the training first."""
    return tuple(dict.fromkeys((*view.train, *view.test)))


def spectrum_colours(view: CalibrationView, palette: Palette) -> dict[str, str]:
    """Return the colour of each spectrum, the same in all figures of a calibration."""
    return {name: cycle(palette.runs, i) for i, name in enumerate(spectra_of(view))}


def methods_of(view: CalibrationView) -> dict[str, str]:
    """Return the methods, name → title, in the order of the config."""
    return {closure.method: closure.title for closure in view.closures}


def number_of_events(view: CalibrationView, spectrum: str) -> str:
    """Write how many events of a spectrum judge, with N_eff when weights make it smaller."""
    found = next(each for each in view.spectra if each.spectrum == spectrum)
    return events(found.n_events, found.n_effective)


def has_exact(view: CalibrationView) -> bool:
    """Return whether closed forms are known."""
    return any(bool(np.isfinite(closure.exact).any()) for closure in view.closures)


def suits_ratio(view: CalibrationView, variable: str) -> bool:
    """Return whether ẑ/z says more than ẑ - z: where the truth is positive and nowhere near zero."""
    found = [each for each in view.closures if each.variable == variable]
    return all(bool(np.isfinite(each.ratio).any()) and each.bins[0] > 0.05 * each.bins[-1] for each in found)


def bulk_of(view: CalibrationView, variable: str) -> tuple[float, float]:
    """Return the ends of the truths that every training spectrum covers well."""
    found = [each.bulk for each in view.closures if each.variable == variable]
    return max(low for low, _ in found), min(high for _, high in found)


def calibration_sentence(view: CalibrationView, columns: Columns, variable: str, test: str) -> str:
    """Say how far each method moves with its training spectrum, and how far it is off in the bulk.

    Args:
        view: calibrations side by side.
        columns: the words about truth and spectra.
        variable: component of the truth.
        test: spectrum of the events that are calibrated.

    Returns:
        Such as "When the training spectrum changes from uniform to falling, mean squared error moves the answer by
        −0.36 ± 0.01, Gaussian Ansatz by 0.01 ± 0.01. In the bulk of the training spectra, mean squared error is off by
        0.45 at most, Gaussian Ansatz by 0.03."
    """
    unit = described(columns, variable).unit
    said = []
    shifts = [each for each in view.shifts if (each.variable, each.test) == (variable, test)]
    if shifts:
        second = max(shifts, key=lambda each: np.nan_to_num(abs(each.mean.value))).second
        moved = _joined(
            [(each.method, _shift(each, unit)) for each in shifts if each.second == second], "moves the answer by"
        )
        first = spectrum_title(columns, view.train[0])
        said.append(f"When the training spectrum changes from {first} to {spectrum_title(columns, second)}, {moved}.")
    worst = [(method, worst_text(view, method, variable, test, unit)) for method in methods_of(view)]
    known = [(method, text) for method, text in worst if text]
    if known:
        said.append(f"In the bulk of the training spectra, {_joined(known, 'is off by', ' at most')}.")
    return " ".join(said)


def worst_text(view: CalibrationView, method: str, variable: str, test: str, unit: str) -> str:
    """Write the largest bias of a bin in the bulk over all training spectra, in percent where ẑ/z is the measure."""
    found = [each for each in view.closures if (each.method, each.variable, each.test) == (method, variable, test)]
    if suits_ratio(view, variable):
        worst = _largest(found, "worst_ratio")
        return "" if isnan(worst) else format_number(100 * worst, unit="%")
    worst = _largest(found, "worst_bias")
    return "" if isnan(worst) else format_number(worst, unit=unit)


def _largest(closures: list[Closure], name: str) -> float:
    values = [value for each in closures if not isnan(value := float(getattr(each, name)))]
    return max(values, default=nan)


def _shift(shift: Shift, unit: str) -> str:
    return format_number(shift.mean.value, shift.mean.error, unit)


def _joined(said: list[tuple[str, str]], verb: str, behind: str = "") -> str:
    """Join methods and numbers; verb and what stands behind are said once."""
    (first, number), *others = said
    parts = [f"{short_method(first)} {verb} {number}{behind}"]
    return ", ".join([*parts, *(f"{short_method(name)} by {number}" for name, number in others)])
