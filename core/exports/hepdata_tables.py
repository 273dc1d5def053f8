"""The numbers of a run as tables of HEPData: independent variables, measured ones, their errors and qualifiers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.evaluation.evaluate import Evaluation, ProtectedEvaluation
from core.evaluation.sculpting import Spectrum
from core.events.table import Column
from core.exports.drawn import slugs
from core.exports.merits import merits, sample_size
from core.exports.results import RunResults
from core.exports.run_figures import AUDIT, tables_of
from core.exports.titles import method_title
from core.figures.values import value_names
from core.tables.described import COLUMNS, DESCRIPTION, unit_of

STATISTICAL = "stat"
ERROR, LOW, HIGH = "_error", "low", "high"
UNDRAWN = ("history", "audit", "figures-of-merit")
"""Tables of a run that belong to no figure."""
Value = float | str
Qualifier = tuple[str, Value, str]
"""Name, value, unit."""


@dataclass(frozen=True)
class Axis:
    """Hold an independent variable.

    Args:
        name: of the variable.
        values: a value, or a pair of edges, of each row.
        unit: of the values.
    """

    name: str
    values: tuple[Value | tuple[float, float], ...]
    unit: str = ""


@dataclass(frozen=True)
class Measured:
    """Hold a dependent variable.

    Args:
        name: of the variable.
        values: of each row; NaN where there is none.
        errors: symmetric standard error of each row, NaN where there is none; empty where none is known.
        qualifiers: what it was measured under.
        unit: of the values.
    """

    name: str
    values: tuple[Value, ...]
    errors: tuple[float, ...] = ()
    qualifiers: tuple[Qualifier, ...] = ()
    unit: str = ""


@dataclass(frozen=True)
class DataTable:
    """Hold a table of HEPData.

    Args:
        name: at most 64 characters.
        figure: name of the run's figure that shows it; empty where none does.
        description: what it holds.
        observables: keywords of HEPData.
        axes: independent variables.
        measured: dependent variables.
    """

    name: str
    figure: str
    description: str
    observables: tuple[str, ...]
    axes: tuple[Axis, ...]
    measured: tuple[Measured, ...]


def data_tables(results: RunResults) -> tuple[DataTable, ...]:
    """Return the tables of a run: figures of merit first, then one a figure that has numbers.

    Args:
        results: of the run.
    """
    found = [_merits(results)]
    evaluation = results.evaluation
    made: dict[str, DataTable] = {}
    if evaluation is not None:
        qualifiers = _qualifiers(results, evaluation)
        names = slugs(each.variable for each in evaluation.protected)
        for judged in evaluation.protected:
            column, slug = results.column(judged.variable), names[judged.variable]
            made[f"spectrum-{slug}"] = _spectrum(judged, column, f"spectrum-{slug}", qualifiers)
            made[f"efficiency-{slug}"] = _efficiency(judged, column, f"efficiency-{slug}", qualifiers)
        made["roc"] = _roc(evaluation, qualifiers[2:])
    for name, frame in tables_of(results).items():
        if name not in UNDRAWN and not name.startswith(AUDIT) and len(frame):
            found.append(made.get(name) or of_frame(name, frame, _shared(results)))
    return tuple(found)


def of_frame(name: str, frame: pd.DataFrame, qualifiers: tuple[Qualifier, ...] = ()) -> DataTable:
    """Return a table of columns as one of HEPData.

    Columns of text and the pairs "low", "high" are independent variables, as is the first column where there is neither
    of them; a column whose name ends in "_error" is the standard error of the one before it.

    Args:
        name: of the figure that it belongs to.
        frame: from core.tables.
        qualifiers: of all its measured columns.
    """
    words: Mapping[str, str] = frame.attrs.get(COLUMNS, {})
    bare = {each: each.partition(" [")[0] for each in map(str, frame.columns)}
    low, high = ([each for each in bare if bare[each] == end] for end in (LOW, HIGH))
    independent = [each for each in bare if frame[each].dtype == object or frame[each].dtype.kind not in "iuf"]
    if not independent and not low:
        independent = [next(iter(bare))]
    axes = [Axis(bare[each], _texts(frame[each]), unit_of(each)) for each in independent]
    if low and high:
        axes.append(Axis("bin", _pairs(frame[low[0]], frame[high[0]]), unit_of(low[0])))
    errors = {bare[each].removesuffix(ERROR): each for each in bare if bare[each].endswith(ERROR)}
    left = [each for each in bare if each not in (*independent, *low, *high, *errors.values())]
    measured = tuple(
        Measured(
            f"{bare[each]} ({words[each]})" if each in words else bare[each],
            _numbers(frame[each]),
            _numbers(frame[errors[bare[each]]]) if bare[each] in errors else (),
            qualifiers,
            unit_of(each),
        )
        for each in left
    )
    description = str(frame.attrs.get(DESCRIPTION, name))
    return DataTable(_title(name), name, description, (), tuple(axes), measured)


def _merits(results: RunResults) -> DataTable:
    found = merits(results)
    values = [each.value for each in found]
    measured = [
        Measured("value", tuple(e.value for e in values), tuple(e.error for e in values), _shared(results)),
        Measured("statistical limit", tuple(float("nan") if each.limit is None else each.limit for each in found)),
    ]
    axes = (
        Axis("figure of merit", tuple(each.name for each in found)),
        Axis("unit", tuple(each.unit or "1" for each in found)),
    )
    said = f"Figures of merit on {sample_size(results)} held out from the training; errors are statistical."
    kept = measured if any(each.limit is not None for each in found) else measured[:1]
    return DataTable("Figures of merit", "", said, ("AUC",), axes, tuple(kept))


def _spectrum(judged: ProtectedEvaluation, column: Column, figure: str, qualifiers: tuple[Qualifier, ...]) -> DataTable:
    """Return the background's spectrum before the cut, passing and failing, with the roots of Σw²."""
    spectrum = judged.spectrum
    every = spectrum.passed_variance + spectrum.failed_variance
    parts = {
        "all background": (spectrum.passed + spectrum.failed, every),
        "background that passes": (spectrum.passed, spectrum.passed_variance),
        "background that fails": (spectrum.failed, spectrum.failed_variance),
    }
    measured = tuple(
        Measured(f"Σw of {name}", _tuple(sums), _tuple(np.sqrt(variance)), qualifiers)
        for name, (sums, variance) in parts.items()
    )
    title = column.title or column.name
    return DataTable(
        _title(f"Spectrum of {column.name}"),
        figure,
        f"Sum of weights of background events in bins of {title}, of all and of those that pass and fail the cut.",
        ("N",),
        (_bins(column, spectrum),),
        measured,
    )


def _efficiency(
    judged: ProtectedEvaluation, column: Column, figure: str, qualifiers: tuple[Qualifier, ...]
) -> DataTable:
    found, title = judged.efficiency, column.title or column.name
    measured = tuple(
        Measured(
            "background efficiency",
            _tuple(found.background[i]),
            _tuple(found.error[i]),
            (("SIGNAL EFFICIENCY", 100 * float(point), "%"), *qualifiers[2:]),
        )
        for i, point in enumerate(found.signal_efficiencies)
    )
    return DataTable(
        _title(f"Background efficiency in bins of {column.name}"),
        figure,
        f"Share of background in bins of {title} that passes the cut at several signal efficiencies.",
        ("EFF",),
        (_bins(column, found),),
        measured,
    )


def _roc(evaluation: Evaluation, qualifiers: tuple[Qualifier, ...]) -> DataTable:
    signal, background = evaluation.roc.signal_efficiency, evaluation.roc.background_efficiency
    rejection = np.divide(1.0, background, out=np.full(len(background), np.nan), where=background > 0)
    return DataTable(
        "ROC curve",
        "roc",
        "Background efficiency and rejection against signal efficiency.",
        ("EFF",),
        (Axis("signal efficiency", _tuple(signal)),),
        (
            Measured("background efficiency", _tuple(background), (), qualifiers),
            Measured("background rejection", _tuple(rejection), (), qualifiers),
        ),
    )


def _bins(column: Column, found: Spectrum | Any) -> Axis:
    """Return the bins of a variable, or the names of its values where it takes only a few."""
    name = column.title or column.name
    if len(found.values):
        return Axis(name, tuple(unescape(each) for each in value_names(column, found.values)), column.unit)
    return Axis(name, _pairs(found.edges[:-1], found.edges[1:]), column.unit)


def _qualifiers(results: RunResults, evaluation: Evaluation) -> tuple[Qualifier, ...]:
    """Return the cut and what all tables share; the cut comes first, in two entries."""
    return (
        ("SIGNAL EFFICIENCY", 100 * evaluation.signal_efficiency, "%"),
        ("THRESHOLD", evaluation.threshold, ""),
        ("BACKGROUND EVENTS", evaluation.n_background, ""),
        *_shared(results),
    )


def _shared(results: RunResults) -> tuple[Qualifier, ...]:
    """Return method, strength, number of events, and what the card of the data says of beams and luminosity."""
    run, evaluation = results.run, results.evaluation
    found: list[Qualifier] = [("METHOD", method_title(run.request.method), "")]
    if "lam" in run.config:
        found.append(("LAMBDA", float(run.config["lam"]), ""))
    if evaluation is not None:
        found += [("EVENTS", evaluation.n_events, ""), ("EFFECTIVE EVENTS", round(evaluation.n_effective, 1), "")]
    energy, luminosity = centre_of_mass_energy(results.card), results.card.get("luminosity_fb")
    if energy is not None:
        found.append(("SQRT(S)", energy, "GEV"))
    if isinstance(luminosity, int | float):
        found.append(("LUMINOSITY", float(luminosity), "FB-1"))
    return tuple(found)


def centre_of_mass_energy(card: Mapping[str, Any]) -> float | None:
    """Return √s in GeV that all processes of a data card share; None where it does not say, or they differ.

    Example:
        >>> centre_of_mass_energy({"processes": [{"settings": ["Beams:eCM = 13000"]}]}), centre_of_mass_energy({})
        (13000.0, None)
    """
    processes = card.get("processes")
    found = {
        float(value)
        for process in (processes if isinstance(processes, list) else [])
        for setting in (process.get("settings") or [] if isinstance(process, dict) else [])
        for name, _, value in [str(setting).partition("=")]
        if name.strip() == "Beams:eCM" and value.strip().replace(".", "", 1).isdigit()
    }
    return found.pop() if len(found) == 1 else None


def _title(name: str) -> str:
    """Return a name for a table that HEPData takes: at most 64 characters, none that a file name cannot have."""
    words = re.sub(r"[^\w .]+", " ", name.replace("-", " ")).strip() or "Table"
    return (words[:1].upper() + words[1:])[:64].strip()


def _pairs(low: Any, high: Any) -> tuple[tuple[float, float], ...]:
    return tuple((float(a), float(b)) for a, b in zip(low, high, strict=True))


def _tuple(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _numbers(values: Sequence[Any]) -> tuple[float, ...]:
    return tuple(float(value) if value is not None else float("nan") for value in values)


def _texts(values: Sequence[Any]) -> tuple[Value, ...]:
    return tuple(str(value) if isinstance(value, str | bool | np.bool_) else float(value) for value in values)
