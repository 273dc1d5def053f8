"""What to read of a file for a specification, and what to make of each batch."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.events.categories import FEW_VALUES, text_names, to_codes
from core.events.classes import not_two_classes
from core.events.expressions import Expression, evaluate, parse_expression
from core.events.labels import as_signal, count_values
from core.events.readers import Reader
from core.events.readers._arrow import reading, to_numpy
from core.events.source import open_source
from core.events.summary import FileSummary, Pick
from core.events.table import Column

if TYPE_CHECKING:
    from core.events.spec import DatasetSpec, Limits

Batch = dict[str, NDArray[Any]]
ALL_COLUMNS = "*"
"""Stands for every column where values that mean no value are named."""

_MOST_EVENTS = 1 << 17
_BATCH_BYTES = 1 << 26


def batch_size(summary: FileSummary, columns: Collection[str]) -> int:
    """Return how many events to read at a time: fewer where each is large, such as images or long lists."""
    n_bytes = sum(summary[name].uncompressed_bytes for name in columns)
    return int(min(max(_BATCH_BYTES * summary.n_events // max(n_bytes, 1), 256), _MOST_EVENTS))


@dataclass(frozen=True)
class Plan:
    """Hold what to read for a specification, and what to make of each batch."""

    spec: DatasetSpec
    extra: tuple[str, ...]
    limits: Limits

    @property
    def batch_size(self) -> int:
        """Return how many events to read at a time: fewer where each is large, such as images or long lists."""
        return batch_size(self.summary, {pick.column for pick in self.picks})

    def batches(self, size: int, report: Callable[[int, int], None] | None = None) -> Iterator[Batch]:
        """Yield the kept columns of the events that pass, batch by batch, and report how many events were read."""
        for n_read, _, batch in self.numbered(size):
            yield batch
            if report is not None:
                report(n_read, self.summary.n_events)

    def numbered(self, size: int) -> Iterator[tuple[int, NDArray[np.intp], Batch]]:
        """Yield how many events were read in all, which of them pass, counted from 0, and their kept columns."""
        if not self.kept:
            raise DataError(f"no column of {self.summary.path.name} has a role; choose at least one feature")
        self.limits.check(self.summary, {pick.column for pick in self.picks})
        self._require_readable_label()
        n_read = n_bytes = 0
        for raw in self.reader.batches(list(dict.fromkeys(pick.column for pick in self.picks)), size):
            n_bytes += sum(array.nbytes for array in raw.values())
            self.limits.check_read(self.summary, n_bytes)
            with reading(self.summary.path.name, self.summary.format):
                values = {pick.name: self._values(raw[pick.column], pick) for pick in self.picks}
            passing, columns = self._passing(values)
            start, n_read = n_read, n_read + len(passing)
            yield n_read, start + np.flatnonzero(passing), columns

    def over(self, reader: Reader) -> Plan:
        """Return the plan for another reader of the same columns, such as of a part; what was learned stays.

        The texts that the codes of a protected variable stand for are those of the whole: the codes of parts agree.
        """
        plan = replace(self)
        vars(plan).update(reader=reader, picks=self.picks, labels=self.labels)
        return plan

    @cached_property
    def reader(self) -> Reader:
        """Return the reader of the file, or of the two."""
        return open_source(*self.spec.files)

    @property
    def summary(self) -> FileSummary:
        """Return what the file holds."""
        return self.reader.summary()

    @cached_property
    def kept(self) -> tuple[str, ...]:
        """Return the columns that events leave with: those of a role, the derived and the extra ones."""
        return tuple(dict.fromkeys((*self.spec.roles.used(), *self.spec.derived, *self.extra)))

    @cached_property
    def derived(self) -> dict[str, Expression]:
        """Return the derived columns in the order of their computation."""
        stored = {column.name for column in self.summary.columns}
        for name in self.spec.derived:
            if not name.strip() or name in stored:
                raise DataError(f"derived column {name!r} needs a name that is not empty and not a column of the file")
        return {name: parse_expression(text) for name, text in self.spec.derived.items()}

    @cached_property
    def selection(self) -> Expression | None:
        """Return the condition that events must meet, if there is one."""
        text = self.spec.selection
        return parse_expression(text, as_condition=True) if text and text.strip() else None

    @cached_property
    def picks(self) -> list[Pick]:
        """Return what is read of the file."""
        needed: dict[str, Pick] = {}
        known: dict[str, object] = {}
        for name, expression in self.derived.items():
            self._need(expression, known, needed)
            known[name] = expression
        if self.selection is not None:
            self._need(self.selection, known, needed)
        for name in self.kept:
            if name not in known:
                needed[name] = self.summary.find(name)
        known |= {column.name: column for column in self.summary.columns}
        for name in self.spec.missing:
            if name != ALL_COLUMNS and name not in known:
                self.summary.find(name, also=self.derived)
        for name, pick in needed.items():
            if self._is_text(pick) and name != self.spec.roles.label and not self._is_coded(name):
                raise DataError(
                    f"column {name!r} holds text; only the label may, or a protected variable of at most {FEW_VALUES} "
                    "values; everything else must be numbers"
                )
        return list(needed.values())

    @cached_property
    def labels(self) -> dict[str, tuple[str, ...]]:
        """Return protected text column → what its codes 0, 1, … stand for; the whole column is read for it."""
        texts = [pick for pick in self.picks if self._is_text(pick) and self._is_coded(pick.name)]
        return {pick.name: text_names(self.reader, pick.column) for pick in texts}

    def _is_text(self, pick: Pick) -> bool:
        return pick.part is None and self.summary[pick.column].kind == "string"

    def _is_coded(self, name: str) -> bool:
        roles = self.spec.roles
        return name in roles.protected and name not in (*roles.features, roles.label, roles.weight)

    def _values(self, array: Any, pick: Pick) -> NDArray[Any]:
        labels = self.labels.get(pick.name)
        if labels is not None:
            return to_codes(array, labels)
        return self._without(to_numpy(array, pick.part), pick.name, pick.column)

    def _without(self, values: NDArray[Any], *names: str) -> NDArray[Any]:
        """Return values with NaN where they mean no value in a column of these names."""
        roles, missing = self.spec.roles, self.spec.missing
        everywhere = () if names[0] in (roles.label, roles.weight) else missing.get(ALL_COLUMNS, ())
        said = sorted({*everywhere, *(value for name in names for value in missing.get(name, ()))})
        if not said or values.dtype.kind != "f":
            return values
        with np.errstate(over="ignore"):
            empty = np.isin(values, np.array(said).astype(values.dtype))
        return np.where(empty, values.dtype.type(np.nan), values) if empty.any() else values

    def _need(self, expression: Expression, known: dict[str, object], needed: dict[str, Pick]) -> None:
        for name in expression.names:
            if name in known or name in needed:
                continue
            try:
                needed[name] = self.summary.find(name, also=known)
            except DataError as problem:
                raise DataError(f"expression {expression.text!r}: {problem}") from problem
            if self.summary[needed[name].column].kind == "string":
                raise DataError(
                    f"expression {expression.text!r} uses column {name!r}, which holds text; numbers are needed"
                )

    def _passing(self, columns: Batch) -> tuple[NDArray[np.bool_], Batch]:
        """Return which events pass, and the kept columns of those."""
        for name, expression in self.derived.items():
            values = evaluate(expression, columns)
            columns[name] = values.astype(np.float32) if expression.is_condition else self._without(values, name)
        n_events = len(next(iter(columns.values())))
        passing: NDArray[np.bool_] = np.ones(n_events, dtype=np.bool_)
        if self.selection is not None:
            passing = np.asarray(evaluate(self.selection, columns), np.bool_)
        label = self.spec.roles.label
        if label is not None:
            columns[label] = as_signal(columns[label], self.spec.signal_value)
        if self.spec.drop_invalid:
            for name in self.spec.roles.used():
                passing = passing & np.isfinite(columns[name])
        if passing.all():
            return passing, {name: columns[name] for name in self.kept}
        return passing, {name: columns[name][passing] for name in self.kept}

    def require_events(self, columns: Batch) -> None:
        """Check that the selection and the dropping left some events."""
        if not columns or len(next(iter(columns.values()))) == 0:
            asked = [f"selection {self.spec.selection!r}"] if self.selection is not None else []
            asked += ["dropping events with invalid values"] if self.spec.drop_invalid else []
            cause = " and ".join(asked) or f"{self.summary.path.name} is damaged: reading it"
            raise DataError(f"{cause} leaves none of the {self.summary.n_events:,} events")

    def _require_readable_label(self) -> None:
        label = self.spec.roles.label
        texts = {column.name for column in self.summary.columns if column.kind == "string"}
        if label in texts and self.spec.signal_value is None:
            raise self.label_error()

    def label_error(self) -> DataError:
        """Return the error that lists what the label holds."""
        label = str(self.spec.roles.label)
        if label in self.derived:
            return DataError(f"no event has signal value {self.spec.signal_value!r} in the derived label {label!r}")
        found = not_two_classes(label, count_values(self.reader, label))
        wanted = self.spec.signal_value
        return found if wanted is None else DataError(f"no event has signal value {wanted!r}: {found}")

    def words(self, name: str) -> Column:
        """Return the words about a kept column; a derived one is described by its expression."""
        if name in self.derived:
            return Column(name, name, "", self.spec.derived[name])
        pick = self.summary.find(name)
        words = self.summary[pick.column].words
        if pick.part is None:
            labels = self.labels.get(name, ())
            codes = f"Codes: {', '.join(f'{code} {text}' for code, text in enumerate(labels))}." if labels else ""
            return replace(words, description=f"{words.description} {codes}".strip(), labels=labels)
        if pick.part == "count":
            return Column(name, name, "", f"Number of entries of {pick.column}.")
        return Column(name, name, words.unit, words.description)
