"""What ``matrix`` prints: for people, or as one JSON object."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.cli.output import out, print_json, print_table
from core.information.catalogue import ALL_MEASURES, GIVEN_MEASURES
from core.information.difference import InformationDifference
from core.information.estimated import EstimatedMatrix
from core.information.given import GivenMatrix
from core.information.matrix import InformationMatrix
from core.information.significance import Significance
from core.information.units import NATS, Unit, factor, shown_unit
from core.numbers import MINUS, format_events, format_number, format_percent

RATE = 0.05
"""False discovery rate at which a pair is said to share information."""
DIAGONALS = {"mi": "; the diagonal is the entropy", "given_mi": "; the diagonal is H(X|Z)"}
Floats = NDArray[np.float64]
Matrix = InformationMatrix | EstimatedMatrix


def show_matrix(
    found: Matrix, sure: Significance | None, as_json: bool, measure: str = "mi", unit: Unit = NATS
) -> None:
    """Print a measure of all pairs, and how sure each pair is."""
    if as_json:
        print_json(_answer(found) | ({} if sure is None else _sure_answer(sure)))
        return
    words = ALL_MEASURES[measure]
    values = found.mi if isinstance(found, EstimatedMatrix) else found.measure(measure)
    stated = f" [{shown_unit(words.unit, unit)}]" if words.unit else ""
    title = f"{words.title}{stated}{DIAGONALS.get(measure, '')}{_beside(found)}"
    _print_square(title, found.names, values * factor(unit) if words.unit == NATS else values)
    if sure is not None:
        _print_pairs(sure)
    out.print(f"{format_events(found.n_events, found.n_effective)}, {found.event_class}; {found.estimator}")


def show_difference(found: InformationDifference, as_json: bool) -> None:
    """Print what every pair shares more in signal than in background."""
    discoveries = found.discoveries(RATE)
    if as_json:
        print_json(
            {
                "names": list(found.names),
                "class": "difference",
                "n_events": {each.event_class: each.n_events for each in (found.signal, found.background)},
                "n_effective": {each.event_class: each.n_effective for each in (found.signal, found.background)},
                "bins": getattr(found.signal, "bins", None),
                "estimator": found.estimator,
                "mi": found.mi,
                "mi_error": found.mi_error,
                **_decision(found.p_value, found.q_value, discoveries),
            }
        )
        return
    title = "Mutual information [nats], signal − background; the diagonal is that of the entropies"
    _print_square(title, found.names, found.mi)
    out.print(f"{_count(discoveries)} differ at a false discovery rate of {format_percent(RATE)}")
    classes = [
        f"{format_events(each.n_events, each.n_effective)} of {each.event_class}"
        for each in (found.signal, found.background)
    ]
    out.print(f"{', '.join(classes)}; {found.estimator}")


def _beside(found: Matrix) -> str:
    return f", Z = {found.given}" if isinstance(found, GivenMatrix) else ""


def _print_square(title: str, names: Sequence[str], values: Floats) -> None:
    rows = [
        [name, *("-" if isnan(value) else f"{round(value, 3) + 0.0:.3f}".replace("-", MINUS) for value in row)]
        for name, row in zip(names, values, strict=True)
    ]
    print_table(title, ("", *names), rows)


def _print_pairs(sure: Significance) -> None:
    """Print the pairs, the one that shares most first, with the decision of Benjamini and Hochberg."""
    discoveries = sure.discoveries(RATE)
    i, j = np.triu_indices(len(sure.names), 1)
    rows = [
        [
            f"{sure.names[a]}, {sure.names[b]}",
            format_number(float(sure.mi[a, b]), float(sure.error[a, b])),
            format_number(float(sure.null_mean[a, b])),
            _chance(sure.p_value[a, b]),
            _chance(sure.q_value[a, b]),
            "yes" if discoveries[a, b] else "no",
        ]
        for a, b in sorted(zip(i.tolist(), j.tolist(), strict=True), key=lambda pair: -sure.mi[pair])
    ]
    header = ("pair", "I [nats]", "null level", "p", "q", "shares")
    print_table(f"Errors by jackknife of {sure.n_blocks} blocks; p for independent variables", header, rows)
    out.print(f"{_count(discoveries)} share information at a false discovery rate of {format_percent(RATE)}")


def _chance(p_value: float) -> str:
    """Write a chance; one too small for a number is not zero."""
    return format_number(float(p_value)) if p_value > 0 else "< 10⁻³⁰⁰"


def _count(discoveries: NDArray[np.bool_]) -> str:
    upper = discoveries[np.triu_indices(len(discoveries), 1)]
    return f"{np.count_nonzero(upper)} of {len(upper)} pairs"


def _answer(found: Matrix) -> dict[str, Any]:
    """Return the matrix; measures that have no meaning for an estimator are NaN, printed as null."""
    third: dict[str, Any] = {}
    if isinstance(found, GivenMatrix):
        third = {"given": found.given, **{each: found.measure(each) for each in GIVEN_MEASURES}}
    return third | {
        "names": list(found.names),
        "class": found.event_class,
        "n_events": found.n_events,
        "n_effective": found.n_effective,
        "bins": found.bins if isinstance(found, InformationMatrix) else None,
        "estimator": found.estimator,
        "entropy": found.entropy,
        "mi": found.mi,
        "mi_error": found.mi_error,
        "iqr": found.iqr,
        "distance": found.distance,
    }


def _sure_answer(sure: Significance) -> dict[str, Any]:
    return {
        "jackknife_error": sure.error,
        "bias": sure.bias,
        "null_mean": sure.null_mean,
        **_decision(sure.p_value, sure.q_value, sure.discoveries(RATE)),
    }


def _decision(p_value: Floats, q_value: Floats, discoveries: NDArray[np.bool_]) -> dict[str, Any]:
    return {
        "p_value": p_value,
        "q_value": q_value,
        "discovery": discoveries,
        "false_discovery_rate": RATE,
    }
