"""What is odd about the events: missing values, constants, copies, sentinels, weights and classes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.events.drop import checked_columns, is_valid
from core.events.findings import (
    ClassCount,
    ColumnQuality,
    Finding,
    Severity,
    of_classes,
    of_column,
    of_copies,
    of_weights,
)
from core.events.oddities import ValueTally, count_copies, digest_of
from core.events.spec import DatasetSpec, plan_of_stream
from core.events.table import EventTable, Roles
from core.events.written import written_sentences

_MOST_CLASSES, _FOLLOWED = 10, 10_000
_SAMPLE, _BATCH = 1 << 16, 1 << 17
_ORDER: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True)
class QualityReport:
    """Hold what `quality_report` found.

    Args:
        n_events: number of events.
        columns: one entry a column, in the order of the table.
        n_invalid: events with a missing or infinite value, which `drop_invalid` would drop.
        n_duplicates: events that are exact copies of an earlier one in all columns; 0 where nothing but label and
            weight is read.
        negative_share: share of events with a negative weight, between 0 and 1.
        n_effective: (Σw)²/Σw²; NaN where a weight is missing or infinite.
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


def quality_report(table: EventTable, report: Callable[[int, int], None] | None = None) -> QualityReport:
    """Look through all columns of a table for what may spoil an analysis.

    Args:
        table: events; the label and the weight are known from its roles.
        report: called before every batch with the events looked through so far and all; what it raises ends the look.

    Returns:
        Counts, and sentences about them.

    Example:
        >>> table = EventTable("toy", {"x": np.array([1.0, np.nan, 2.0])})
        >>> quality_report(table).findings[0].text
        'x is missing in 1 of 3 events (33.3 %)'
    """
    look = _Look(tuple(table.columns), table.roles, table.n_events)
    for start in range(0, table.n_events, _BATCH):
        if report is not None:
            report(start, table.n_events)
        look.add({name: values[start : start + _BATCH] for name, values in table.columns.items()})
    return look.report()


def quality_of_file(spec: DatasetSpec, report: Callable[[int, int], None] | None = None) -> QualityReport:
    """Look through the events of a specification as `quality_report` does, holding one batch at a time.

    Beside a batch there are a few values of each column and eight bytes an event, by which copies are found.

    Args:
        spec: file, roles, derived columns and selection.
        report: called after every batch with the events that were read so far and those of the file.

    Raises:
        DataError: as `core.events.spec.load_events`.
    """
    plan = plan_of_stream(spec)
    look = _Look(plan.kept, spec.roles, plan.summary.n_events)
    for batch in plan.batches(plan.batch_size, report):
        if len(next(iter(batch.values()))):
            look.add(batch)
    if not look.n_events:
        plan.require_events({})
    if spec.signal_value is not None and not look.has_signal:
        raise plan.label_error()
    found = look.report()
    written = tuple(Finding("warning", text) for text in written_sentences(spec))
    return replace(found, findings=_in_order((*found.findings, *written)))


def _in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings, errors first."""
    return tuple(sorted(findings, key=lambda finding: _ORDER.index(finding.severity)))


class _Look:
    """Gather what a report tells, batch by batch.

    Args:
        names: the columns.
        roles: theirs.
        n_events: about how many events will come.
    """

    def __init__(self, names: Sequence[str], roles: Roles, n_events: int) -> None:
        self.n_events = self.n_invalid = self.n_negative = self.n_unweighed = 0
        self._roles = roles
        self._can_be_copies = any(name not in (roles.label, roles.weight) for name in names)
        self._checked = checked_columns(roles, names)
        self._tallies = {name: ValueTally(1 + n_events // _SAMPLE) for name in names}
        self._digests: list[NDArray[np.uint64]] = []
        self._sums = np.zeros(2)  # Σw, Σw²
        self._label: dict[float, tuple[int, float]] = {}  # value → events, Σw
        self._unlabelled = 0

    @property
    def has_signal(self) -> bool:
        """Return whether an event had label 1."""
        return 1.0 in self._label

    def add(self, batch: Mapping[str, NDArray[Any]]) -> None:
        """Add a batch of events."""
        n = len(next(iter(batch.values())))
        roles, weights = self._roles, np.ones(n)
        if roles.weight is not None:
            weights = np.asarray(batch[roles.weight], np.float64)
        self.n_events += n
        self.n_invalid += n - int(np.count_nonzero(is_valid(batch, self._checked)))
        self.n_negative += int(np.count_nonzero(weights < 0))
        finite = weights[np.isfinite(weights)]
        self.n_unweighed += n - len(finite)
        self._sums += [finite.sum(), np.square(finite).sum()]
        if self._can_be_copies:
            self._digests.append(digest_of(batch.values()))
        for name, tally in self._tallies.items():
            tally.add(batch[name])
        if roles.label is not None:
            self._add_label(np.asarray(batch[roles.label], np.float64), weights)

    def report(self) -> QualityReport:
        """Return what was found."""
        roles, n = self._roles, self.n_events
        columns = tuple(self._quality(name, tally) for name, tally in self._tallies.items())
        n_duplicates = count_copies(self._digests) if self._digests else 0
        negative_share = self.n_negative / n if n else 0.0
        n_effective = float("nan") if self.n_unweighed else 0.0
        if self._sums[1] > 0 and not self.n_unweighed:
            n_effective = float(self._sums[0] ** 2 / self._sums[1])
        classes = self._classes()
        findings = [finding for column in columns for finding in of_column(column)]
        findings += of_copies(n_duplicates, n)
        findings += of_weights(roles.weight, negative_share, n_effective, n, self.n_unweighed)
        if roles.label is not None:
            found = {value: each[0] for value, each in self._label.items()}
            findings += of_classes(roles.label, roles.weight, classes, found, self._unlabelled)
        return QualityReport(
            n_events=n,
            columns=columns,
            n_invalid=self.n_invalid,
            n_duplicates=n_duplicates,
            negative_share=negative_share,
            n_effective=n_effective,
            classes=classes,
            findings=_in_order(findings),
        )

    def _add_label(self, label: NDArray[np.float64], weights: NDArray[np.float64]) -> None:
        known = ~np.isnan(label)
        self._unlabelled += int(np.count_nonzero(~known))
        values, index, counts = np.unique(label[known], return_inverse=True, return_counts=True)
        sums = np.bincount(index, weights=weights[known], minlength=len(values))
        for value, n, weight in zip(values.tolist(), counts.tolist(), sums.tolist(), strict=True):
            before = self._label.get(value, (0, 0.0))
            self._label[value] = before[0] + n, before[1] + weight
        # Only the most frequent are kept: a column of floats must not fill the memory.
        if len(self._label) > _FOLLOWED:
            self._label = dict(sorted(self._label.items(), key=lambda item: -item[1][0])[:_FOLLOWED])

    def _classes(self) -> tuple[ClassCount, ...]:
        most = sorted(self._label.items(), key=lambda item: (-item[1][0], item[0]))[:_MOST_CLASSES]
        return tuple(ClassCount(value, *each) for value, each in sorted(most))

    def _quality(self, name: str, tally: ValueTally) -> ColumnQuality:
        has_sentinels = self._roles.of(name) not in ("label", "weight")
        return ColumnQuality(
            name=name,
            n_events=tally.n_events,
            n_missing=tally.n_missing,
            n_infinite=tally.n_infinite,
            n_unique=tally.n_unique,
            minimum=tally.minimum,
            maximum=tally.maximum,
            sentinels=tally.sentinels() if has_sentinels else {},
        )
