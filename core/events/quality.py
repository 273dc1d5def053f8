"""What is odd about the events: missing values, constants, copies, sentinels, weights and classes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.events.labels import require_labelled
from core.events.oddities import count_duplicates, sentinels
from core.events.table import EventTable

Severity = Literal["info", "warning", "error"]

_MOST_CLASSES = 10


@dataclass(frozen=True)
class ColumnQuality:
    """Describe the values of one column.

    Args:
        name: the column.
        n_events: number of events.
        n_missing: number of NaN.
        n_infinite: number of +inf and -inf.
        n_unique: number of distinct finite values.
        minimum: the smallest finite value; NaN when there is none.
        maximum: the largest finite value; NaN when there is none.
        sentinels: value → number of events, for values that seem to stand for "no value".
    """

    name: str
    n_events: int
    n_missing: int
    n_infinite: int
    n_unique: int
    minimum: float
    maximum: float
    sentinels: dict[float, int]

    @property
    def is_empty(self) -> bool:
        """Return whether no value is finite."""
        return self.n_unique == 0

    @property
    def is_constant(self) -> bool:
        """Return whether all finite values are the same."""
        return self.n_unique == 1


@dataclass(frozen=True)
class ClassCount:
    """Count the events of one value of the label, and sum their weights."""

    value: float
    n_events: int
    sum_of_weights: float


@dataclass(frozen=True)
class Finding:
    """Say one thing about the data in a sentence.

    Args:
        severity: "error" stops a training, "warning" may spoil it, "info" is good to know.
        text: the sentence.
        column: the column it is about; None for the events as a whole.
    """

    severity: Severity
    text: str
    column: str | None = None


@dataclass(frozen=True)
class QualityReport:
    """Hold what `quality_report` found.

    Args:
        n_events: number of events.
        columns: one entry a column, in the order of the table.
        n_invalid: events with a missing or infinite value, which `drop_invalid` would drop.
        n_duplicates: events that are exact copies of an earlier one in all columns.
        negative_share: share of events with a negative weight, between 0 and 1.
        n_effective: (Σw)²/Σw².
        classes: the values of the label, at most ten; empty without a label.
        findings: all that is worth a sentence, errors first.
    """

    n_events: int
    columns: tuple[ColumnQuality, ...]
    n_invalid: int
    n_duplicates: int
    negative_share: float
    n_effective: float
    classes: tuple[ClassCount, ...]
    findings: tuple[Finding, ...]


def quality_report(table: EventTable) -> QualityReport:
    """Look through all columns of a table for what may spoil an analysis.

    Args:
        table: events; the label and the weight are known from its roles.

    Returns:
        Counts, and sentences about them.

    Example:
        >>> table = EventTable("toy", {"x": np.array([1.0, np.nan, 2.0])})
        >>> quality_report(table).findings[0].text
        'x is missing in 1 of 3 events (33.3 %)'
    """
    columns = tuple(_column_quality(table, name) for name in table.columns)
    valid = _valid(table)
    n_duplicates = count_duplicates(table.columns.values())
    negative_share = float(np.mean(table.weights < 0)) if table.n_events else 0.0
    classes = _classes(table)
    findings = [finding for column in columns for finding in _of_column(column)]
    findings += _of_events(table, n_duplicates, negative_share, classes)
    order: tuple[Severity, ...] = ("error", "warning", "info")
    return QualityReport(
        n_events=table.n_events,
        columns=columns,
        n_invalid=int(table.n_events - np.count_nonzero(valid)),
        n_duplicates=n_duplicates,
        negative_share=negative_share,
        n_effective=table.n_effective,
        classes=classes,
        findings=tuple(sorted(findings, key=lambda finding: order.index(finding.severity))),
    )


def drop_invalid(table: EventTable) -> tuple[EventTable, int]:
    """Drop the events with a missing or infinite value in a column that has a role (any column, if none has).

    Returns:
        The other events, and how many were dropped.

    Raises:
        DataError: no event would be left; the column to blame is named.

    Example:
        >>> table, n_dropped = drop_invalid(EventTable("toy", {"x": np.array([1.0, np.inf, 2.0])}))
        >>> table.n_events, n_dropped
        (2, 1)
    """
    valid = _valid(table)
    n_dropped = int(table.n_events - np.count_nonzero(valid))
    if n_dropped == 0:
        return table, 0
    if n_dropped == table.n_events:
        worst = min(_checked(table), key=lambda name: np.count_nonzero(np.isfinite(table[name])))
        n_good = np.count_nonzero(np.isfinite(table[worst]))
        raise DataError(
            f"each of the {table.n_events:,} events has a missing or infinite value; ignore column {worst!r}, "
            f"which has a value in {n_good:,} only"
        )
    return table.take(valid), n_dropped


def _checked(table: EventTable) -> tuple[str, ...]:
    return table.roles.used() or tuple(table.columns)


def _valid(table: EventTable) -> NDArray[np.bool_]:
    valid = np.ones(table.n_events, dtype=np.bool_)
    for name in _checked(table):
        valid &= np.isfinite(table[name])
    return valid


def _column_quality(table: EventTable, name: str) -> ColumnQuality:
    values: NDArray[Any] = np.asarray(table[name])
    finite = np.sort(values[np.isfinite(values)])
    n_missing = int(np.count_nonzero(np.isnan(values)))
    has_sentinels = table.roles.of(name) not in ("label", "weight")
    return ColumnQuality(
        name=name,
        n_events=len(values),
        n_missing=n_missing,
        n_infinite=len(values) - len(finite) - n_missing,
        n_unique=int(np.count_nonzero(finite[1:] != finite[:-1])) + min(len(finite), 1),
        minimum=float(finite[0]) if len(finite) else float("nan"),
        maximum=float(finite[-1]) if len(finite) else float("nan"),
        sentinels=sentinels(finite) if has_sentinels else {},
    )


def _classes(table: EventTable) -> tuple[ClassCount, ...]:
    if table.roles.label is None:
        return ()
    label = np.asarray(table[table.roles.label], dtype=np.float64)
    values, index, counts = np.unique(label, return_inverse=True, return_counts=True)
    sums = np.bincount(index, weights=table.weights)
    most = np.argsort(-counts, kind="stable")[:_MOST_CLASSES]
    return tuple(ClassCount(float(values[i]), int(counts[i]), float(sums[i])) for i in sorted(most))


def _of_column(column: ColumnQuality) -> Iterator[Finding]:
    name, n = column.name, column.n_events
    if column.is_empty:
        yield Finding("error", f"{name} has no finite value in any of {n:,} events; ignore the column", name)
        return
    for count, what in ((column.n_missing, "missing"), (column.n_infinite, "infinite")):
        if count:
            yield Finding("warning", f"{name} is {what} in {count:,} of {n:,} events ({_percent(count / n)})", name)
    if column.is_constant:
        yield Finding("warning", f"{name} is {column.minimum:g} wherever it has a value: no information in it", name)
    for value, count in column.sentinels.items():
        text = (
            f"{name} is {value:g} in {count:,} events ({_percent(count / n)}), far from all others: is it “no value”?"
        )
        yield Finding("warning", text, name)


def _of_events(
    table: EventTable, n_duplicates: int, negative_share: float, classes: tuple[ClassCount, ...]
) -> Iterator[Finding]:
    n = table.n_events
    if n_duplicates:
        text = f"{n_duplicates:,} of {n:,} events ({_percent(n_duplicates / n)}) are exact copies of others"
        yield Finding("warning", text)
    if negative_share:
        share = _percent(negative_share)
        text = f"{share} of the events have negative weights; N_eff is {table.n_effective:,.0f} of {n:,}"
        yield Finding("info", text, table.roles.weight)
    if table.roles.label is None:
        return
    try:
        require_labelled(table)
    except DataError as problem:
        yield Finding("error", str(problem), table.roles.label)
    for count in classes:
        if count.sum_of_weights <= 0:
            text = (
                f"the weights of the {count.n_events:,} events of class {count.value:g} sum to {count.sum_of_weights:g}"
            )
            yield Finding("error", f"{text}; a positive sum is needed", table.roles.weight)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share >= 0.001 else "under 0.1 %"
