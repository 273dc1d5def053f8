"""What is odd about events, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.errors import DataError
from core.events.labels import require_two_classes

Severity = Literal["info", "warning", "error"]

FEW = 0.1
"""Below this share of the events N_eff is worth a sentence, whatever the signs of the weights."""


@dataclass(frozen=True)
class ColumnQuality:
    """Describe the values of one column.

    Args:
        name: the column.
        n_events: number of events.
        n_missing: number of NaN.
        n_infinite: number of +inf and -inf.
        n_unique: number of distinct finite values, counted up to `core.events.oddities.MOST_DISTINCT`.
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
        value: the value that seems to stand for "no value" there; None where the sentence is about something else.
    """

    severity: Severity
    text: str
    column: str | None = None
    value: float | None = None


def of_column(column: ColumnQuality) -> Iterator[Finding]:
    """Yield what is odd about a column."""
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
        yield Finding("warning", text, name, value)


def of_copies(n_duplicates: int, n: int) -> Iterator[Finding]:
    """Yield how many of n events are copies of others."""
    if n_duplicates:
        text = f"{n_duplicates:,} of {n:,} events ({_percent(n_duplicates / n)}) are exact copies of others"
        yield Finding("warning", text)


def of_weights(
    weight: str | None, negative_share: float, n_effective: float, n: int, n_unusable: int = 0
) -> Iterator[Finding]:
    """Yield what the weights of n events make of N_eff.

    Args:
        weight: the column of weights.
        negative_share: share of negative weights, between 0 and 1.
        n_effective: N_eff; NaN where a weight is not finite.
        n: number of events.
        n_unusable: weights that are NaN or infinite.
    """
    if n_unusable:
        if n_unusable < n:  # a column without any finite value has a sentence of its own
            text = f"{n_unusable:,} of {n:,} weights are NaN or infinite, so N_eff is unknown; drop these events"
            yield Finding("error", text, weight)
        return
    is_small = n_effective < FEW * n
    if negative_share:
        share = _percent(negative_share)
        text = f"{share} of the events have negative weights; N_eff is {n_effective:,.0f} of {n:,}"
        yield Finding("warning" if is_small else "info", text, weight)
    elif is_small and n_effective > 0:
        text = f"N_eff is {n_effective:,.0f} of {n:,}: a few weights outweigh all others"
        yield Finding("warning", text, weight)


def of_classes(
    label: str, weight: str | None, classes: Sequence[ClassCount], found: Mapping[float, int], n_missing: int
) -> Iterator[Finding]:
    """Yield what keeps a classifier from being trained with a label.

    Args:
        label: its column.
        weight: the column of weights.
        classes: its most frequent values.
        found: value → number of events.
        n_missing: events without a label.
    """
    try:
        require_two_classes(label, found, n_missing)
    except DataError as problem:
        yield Finding("error", str(problem), label)
    for count in classes:
        if count.sum_of_weights <= 0:
            text = (
                f"the weights of the {count.n_events:,} events of class {count.value:g} sum to {count.sum_of_weights:g}"
            )
            yield Finding("error", f"{text}; a positive sum is needed", weight)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share >= 0.001 else "under 0.1 %"
