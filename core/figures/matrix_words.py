"""What is said of the cells of a matrix: hovers, notes and the sentence for screen readers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from core.events.table import Column
from core.figures.words import events, plain, symbol
from core.information.catalogue import ALL_MEASURES, GIVEN_MEASURES
from core.information.difference import InformationDifference
from core.information.estimated import EstimatedMatrix
from core.information.given import GivenMatrix
from core.information.matrix import InformationMatrix
from core.information.significance import Significance
from core.information.units import NATS, Unit, factor, shown_unit
from core.numbers import MINUS, format_number

Floats = NDArray[np.float64]
Matrix = InformationMatrix | EstimatedMatrix

SMALLEST_P = 1e-16
SYMBOLS = {
    "mi": "I({x}; {y})",
    "r_i": "r<sub>I</sub>({x}, {y})",
    "pearson": "r({x}, {y})",
    "spearman": "ρ<sub>S</sub>({x}, {y})",
    "iqr": "IQR({x}, {y})",
    "distance": "D({x}, {y})",
    "symmetric_uncertainty": "U({x}, {y})",
    "nmi": "NMI({x}, {y})",
    "redundancy": "R({x}, {y})",
    "variation": "d({x}, {y})",
    "joint_entropy": "H({x}, {y})",
    "conditional_entropy": "H({x} | {y})",
    "given_mi": "I({x}; {y} | {z})",
    "interaction": "I({x}; {y}; {z})",
    "total_correlation": "C({x}, {y}, {z})",
}
_SIGNIFICANT = 3.0  # standard errors
SIGNED = ("interaction",)
SMALL_MEANS_CLOSE = ("distance", "variation", "conditional_entropy")


def off_diagonal(values: Floats) -> Floats:
    """Return the values with NaN on the diagonal."""
    return np.where(np.eye(len(values), dtype=bool), np.nan, values)


def short(value: float) -> str:
    """Write a value with two decimals for a cell."""
    return "" if math.isnan(value) else f"{value:.2f}".replace("-0.00", "0.00").replace("-", MINUS)


def labels(matrix: Matrix | InformationDifference) -> list[str]:
    """Return the symbols of the variables; those that look alike differ by spaces of no width, for each is a place."""
    found: list[str] = []
    for name, title in zip(matrix.names, matrix.titles, strict=True):
        label = symbol(Column(name, title))
        while label in found:
            label += "\N{ZERO WIDTH SPACE}"
        found.append(label)
    return found


def in_unit(matrix: Matrix | InformationDifference, measure: str, unit: Unit) -> Floats:
    """Return a measure of every pair in the unit in which it is shown."""
    values = matrix.measure(measure)
    return values * factor(unit) if ALL_MEASURES[measure].unit == NATS else values


def matrix_hovers(matrix: Matrix, measure: str, significance: Significance | None, unit: Unit = "nats") -> list[str]:
    """Return the words about each cell, row by row."""
    words, shown, scale = labels(matrix), shown_unit(ALL_MEASURES[measure].unit, unit), factor(unit)
    mi, errors, entropy = ((scale * array).tolist() for array in (matrix.mi, matrix.mi_error, matrix.entropy))
    values, pearson, r_i = (array.tolist() for array in (in_unit(matrix, measure, unit), matrix.pearson, matrix.r_i))
    own = (
        (scale * matrix.given_mi_error).tolist() if isinstance(matrix, GivenMatrix) and measure == "given_mi" else None
    )
    texts = []
    for i, row in enumerate(words):
        for j, column in enumerate(words):
            if i == j:
                texts.append(_entropy_words(row, entropy[i], unit))
                continue
            shared = f"{SYMBOLS['mi'].format(x=row, y=column)} = {format_number(mi[i][j], errors[i][j], unit)}"
            said = [shared, f"r = {short(pearson[i][j])}, r<sub>I</sub> = {short(r_i[i][j])}"]
            if measure != "mi":
                value = format_number(values[i][j], own[i][j] if own else None, shown)
                said.insert(0, f"{_symbol(measure, row, column, matrix)} = {value}")
            if significance is not None:
                null = format_number(scale * float(significance.null_mean[i, j]), unit=unit)
                said += [
                    _p_words(float(significance.p_value[i, j]), float(significance.q_value[i, j])),
                    f"null level of plain counts (their bias): {null}",
                ]
            texts.append("<br>".join(said))
    return texts


def difference_hovers(difference: InformationDifference, measure: str, unit: Unit = "nats") -> list[str]:
    """Return the words about each cell of a difference, row by row."""
    words, shown, scale = labels(difference), shown_unit(ALL_MEASURES[measure].unit, unit), factor(unit)
    parts = (difference.signal, difference.background, difference)
    values = [in_unit(part, measure, unit).tolist() for part in parts]
    errors = [(scale * part.mi_error).tolist() for part in parts]
    texts = []
    for i, row in enumerate(words):
        for j, column in enumerate(words):
            said = [f"H({row})" if i == j else _symbol(measure, row, column, difference.signal)]
            for name, part, value, error in zip(
                ("signal", "background", "difference"), parts, values, errors, strict=True
            ):
                if i == j and not isinstance(part, InformationDifference):
                    said.append(f"{name}: {format_number(scale * float(part.entropy[i]), unit=unit)}")
                elif i != j:
                    known = error[i][j] if measure == "mi" else None
                    said.append(f"{name}: {format_number(value[i][j], known, shown)}")
            if i != j:
                if measure != "mi":
                    change, spread = scale * float(difference.mi[i, j]), scale * float(difference.mi_error[i, j])
                    said.append(f"difference of I: {format_number(change, spread, unit)}")
                said.append(_p_words(float(difference.p_value[i, j]), float(difference.q_value[i, j])))
            texts.append("<br>".join(said))
    return texts


def matrix_notes(matrix: Matrix) -> list[str]:
    """Return whose events were counted, how many, and how."""
    name = "signal and background" if matrix.event_class == "all" else matrix.event_class
    given = [f"given Z = {_given(matrix)}"] if isinstance(matrix, GivenMatrix) else []
    return [f"{name}: {events(matrix.n_events, matrix.n_effective)}", *given, matrix.estimator]


def difference_notes(difference: InformationDifference) -> list[str]:
    """Return how many events of each class were compared, and how."""
    parts = (difference.signal, difference.background)
    return [*(matrix_notes(part)[0] for part in parts), difference.estimator]


def alternative(matrix: Matrix, measure: str, unit: Unit = "nats") -> str:
    """Say in one sentence which pair is closest."""
    words, seen = ALL_MEASURES[measure], off_diagonal(in_unit(matrix, measure, unit))
    sentence = f"{words.title} of {len(seen)} variables in {matrix.n_events} events of class {matrix.event_class}"
    if not np.isfinite(seen).any():
        return f"{sentence}."
    smallest = measure in SMALL_MEANS_CLOSE
    i, j = _extreme(-np.abs(seen) if smallest else np.abs(seen))
    x, y, value = _spoken(matrix, i), _spoken(matrix, j), float(seen[i, j])
    return f"{sentence}: {x} and {y} are closest, {format_number(value, unit=shown_unit(words.unit, unit))}."


def measure_sentence(
    matrix: Matrix | InformationDifference, measure: str, unit: Unit = "nats", without: str | None = None
) -> str:
    """Say for which pair a measure stands out, by its name, with the variables' titles.

    Args:
        matrix: of one class, or signal minus background.
        measure: that is shown.
        unit: in which it is shown.
        without: a variable that is not spoken of, such as the label.

    Returns:
        Such as "Conditional information I(X;Y|Z) with Z = m_J is largest for D₂ and τ₂₁: 0.41 ± 0.01 nats."; empty
        where no pair has a value.
    """
    spoken = matrix.take([n for n, name in enumerate(matrix.names) if name != without])
    words, seen = ALL_MEASURES[measure], off_diagonal(in_unit(spoken, measure, unit))
    if not np.isfinite(seen).any():
        return ""
    of_classes, smallest = isinstance(matrix, InformationDifference), measure in SMALL_MEANS_CLOSE
    i, j = _extreme(-np.abs(seen) if smallest and not of_classes else np.abs(seen))
    subject, error = words.title, None
    if isinstance(spoken, GivenMatrix) and measure in GIVEN_MEASURES:
        subject += f" with Z = {spoken.given_title}"
        error = float(spoken.given_mi_error[i, j]) * factor(unit) if measure == "given_mi" else None
    found = "smallest" if smallest else "farthest from 0" if words.lowest < 0 else "largest"
    if of_classes:
        subject, found = f"{subject}, signal minus background,", "farthest from 0"
    value = float(seen[i, j])
    level = error is not None and abs(value) <= _SIGNIFICANT * error
    said = format_number(value, error, shown_unit(words.unit, unit)) + (", level with 0 within errors" if level else "")
    x, y = (spoken.titles[n] for n in (i, j))
    pair = f"row {x} and column {y}" if measure == "conditional_entropy" else f"{x} and {y}"
    return f"{subject} is {found} for {pair}: {said}."


def alternative_difference(difference: InformationDifference, measure: str, unit: Unit = "nats") -> str:
    """Say in one sentence which pair differs most."""
    words, seen = ALL_MEASURES[measure], off_diagonal(in_unit(difference, measure, unit))
    n = difference.signal.n_events + difference.background.n_events
    sentence = f"{words.title}, signal minus background, of {len(seen)} variables in {n} events"
    if not np.isfinite(seen).any():
        return f"{sentence}."
    i, j = _extreme(np.abs(seen))
    x, y, value = _spoken(difference, i), _spoken(difference, j), float(seen[i, j])
    return f"{sentence}: {x} and {y} differ most, {format_number(value, unit=shown_unit(words.unit, unit))}."


def _extreme(key: Floats) -> tuple[int, int]:
    """Return the row and the column of the largest key."""
    i, j = np.unravel_index(np.nanargmax(key), key.shape)
    return int(i), int(j)


def _spoken(matrix: Matrix | InformationDifference, place: int) -> str:
    """Return the symbol of a variable for screen readers."""
    return plain(symbol(Column(matrix.names[place], matrix.titles[place])))


def _symbol(measure: str, x: str, y: str, matrix: Matrix) -> str:
    """Return what a measure of two variables is called, and of a third where there is one."""
    return SYMBOLS[measure].format(x=x, y=y, z=_given(matrix) if isinstance(matrix, GivenMatrix) else "")


def _given(matrix: GivenMatrix) -> str:
    return symbol(Column(matrix.given, matrix.given_title))


def _entropy_words(label: str, entropy: float, unit: Unit) -> str:
    if math.isnan(entropy):
        return f"H({label}) of a continuous variable depends on its unit"
    return f"H({label}) = {format_number(entropy, unit=unit)}"


def _p_words(p_value: float, q_value: float) -> str:
    """Return the p-value, and what it means among all pairs."""
    if math.isnan(p_value):
        return "p unknown"
    p = f"p < {format_number(SMALLEST_P)}" if p_value < SMALLEST_P else f"p = {format_number(p_value)}"
    return f"{p}, {'significant' if q_value <= 0.05 else 'not significant'} among all pairs"
