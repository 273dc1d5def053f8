"""A data set divided into parts, each sampled and counted on its own, on this machine or on another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.events.classes import LOOKED_AT, ClassReader
from core.events.plan import Plan
from core.events.readers._pieces import Part
from core.events.readers.parquet import ParquetReader
from core.events.spec import DatasetSpec, Limits
from core.events.table import EventClass, Roles
from core.information.coding import Coding, Reservoir, Sample
from core.information.correlation import product_moments
from core.information.counts import PairCounts, count_pairs
from core.information.quantise import Codes, checked_weights
from core.information.tally import Tally

Floats = NDArray[np.float64]
Counter = Callable[[Codes, Floats | None], PairCounts]

BATCH = 1 << 17
_BLOCK = 1 << 20  # events counted at once: a table of three variables is then filled much more often than it is folded
_UNBOUNDED = Limits(max_uncompressed_bytes=2**63)


@dataclass(frozen=True)
class Batch:
    """Hold some events of a part: how many rows were read so far, which of them pass, their columns and weights."""

    n_read: int
    rows: NDArray[np.intp]
    columns: dict[str, NDArray[Any]]
    weights: Floats | None


@dataclass(frozen=True)
class Source:
    """Say which variables of which events are counted.

    Args:
        spec: file, roles, derived columns and selection.
        names: the variables.
        event_class: "all", "signal" or "background".
        plan: what to read of the data set.
    """

    spec: DatasetSpec
    names: tuple[str, ...]
    event_class: EventClass
    plan: Plan

    @property
    def n_rows(self) -> int:
        """Return the number of rows of the data set, of which a selection may leave fewer."""
        return self.plan.summary.n_events

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Return the parts; the same files always give the same, and other files than Parquet one."""
        reader = self.plan.reader
        return reader.parts() if isinstance(reader, ParquetReader) else (Part(0, self.n_rows),)

    @cached_property
    def _classes(self) -> ClassReader:
        # One for all parts: a file sorted by its label has other values in other parts.
        return ClassReader(str(self.spec.roles.label), LOOKED_AT)

    @property
    def titles(self) -> tuple[str, ...]:
        """Return the symbols of the variables as in print."""
        return tuple(self.plan.words(name).title or name for name in self.names)

    def to_send(self) -> Source:
        """Return what another machine needs to read parts: small, and without the list of files.

        Raises:
            DataError: the file is not Parquet, whose row groups alone are read apart.
        """
        reader = self.plan.reader
        if not isinstance(reader, ParquetReader):
            found = self.plan.summary.format
            raise DataError(f"{self.spec.title} is {found}; allowed on a cluster: Parquet at one path")
        return Source(self.spec, self.names, self.event_class, self.plan.over(reader.of(Part(0, 0))))

    def read(self, part: Part, batch: int = BATCH) -> Iterator[Batch]:
        """Yield the events of a part that pass; rows are counted from the beginning of the data set."""
        if batch < 1:
            raise DataError(f"batch size is {batch}; allowed: 1 or more")
        reader, label, weight = self.plan.reader, self.spec.roles.label, self.spec.roles.weight
        plan = self.plan.over(reader.of(part)) if isinstance(reader, ParquetReader) else self.plan
        for n_read, passing, events in plan.numbered(batch):
            rows = part.first_row + passing
            is_signal = self._classes.is_signal(events[label]) if label in events else None
            columns = {name: events[name] if name != label else np.asarray(is_signal) for name in self.names}
            weights = None if weight is None else events[weight]
            if self.event_class != "all":
                keep = np.asarray(is_signal) == (self.event_class == "signal")
                columns = {name: values[keep] for name, values in columns.items()}
                weights, rows = (None if weights is None else weights[keep]), rows[keep]
            if weights is not None:
                weights = checked_weights(weights, len(rows))
            yield Batch(n_read, rows, columns, weights)


def find_source(spec: DatasetSpec, names: Sequence[str] | None, event_class: EventClass) -> Source:
    """Check the variables of a data set and find its files, before any event is read.

    Args:
        spec: file, roles, derived columns and selection.
        names: two variables or more; None for features, protected variables and, among all events, the label.
        event_class: "all", "signal" or "background".

    Raises:
        DataError: the file, columns or class cannot be used.
    """
    names = _checked_names(spec, names, event_class)
    roles, needed = spec.roles, spec
    if not spec.drop_invalid:  # which looks at every column that has a role
        label = roles.label if event_class != "all" or roles.label in names else None
        protected = tuple(name for name in roles.protected if name in names)  # text is read as codes in this role only
        needed = spec.model_copy(update={"roles": Roles(label=label, weight=roles.weight, protected=protected)})
    return Source(spec, names, event_class, Plan(needed, names, _UNBOUNDED))


def sample_part(source: Source, part: Part, seed: int, *, below: int = 2**64 - 1, batch: int = BATCH) -> Sample:
    """Draw the sample of a part; the arguments are those of ``Reservoir``."""
    reservoir = Reservoir(source.names, seed, below=below)
    for found in source.read(part, batch):
        reservoir.add(found.rows, found.columns, found.weights)
    return reservoir.sample()


def count_part(
    source: Source, part: Part, coding: Coding, *, batch: int = BATCH, count: Counter = count_pairs
) -> Iterator[tuple[int, Tally | None]]:
    """Count all pairs of variables of a part.

    Args:
        source: what is counted.
        part: one of its parts.
        coding: how values become codes.
        batch: number of events read at a time.
        count: counts the codes of about a million events.

    Yields:
        How many rows of the part were read, and what has been counted; last all of it, None where no event passes.
    """
    block = max(_BLOCK, batch)
    codes = np.empty((len(coding.names), min(block, max(part.n_rows, 1))), np.uint8)
    block_weights = np.empty(codes.shape[1])
    tally: Tally | None = None
    filled, moments = 0, np.zeros((4, len(coding.names), len(coding.names)))
    weights: Floats | None = None

    def counted() -> Tally:
        found = coding.with_codes(codes[:, :filled])
        added = Tally(coding, count(found, None if weights is None else block_weights[:filled]), moments)
        return added if tally is None else tally + added

    for read in source.read(part, batch):
        n, weights = len(read.rows), read.weights
        if filled + n > codes.shape[1]:
            tally, filled, moments = counted(), 0, np.zeros_like(moments)
        if n:
            codes[:, filled : filled + n] = coding.encode(read.columns).codes
            if weights is not None:
                block_weights[filled : filled + n] = weights
            moments = moments + product_moments([read.columns[name] for name in coding.names], coding.centres, weights)
            filled += n
        yield read.n_read, tally
    yield part.n_rows, counted() if filled else tally


def _checked_names(spec: DatasetSpec, names: Sequence[str] | None, event_class: EventClass) -> tuple[str, ...]:
    """Return the variables, before any event is read."""
    if event_class not in get_args(EventClass):
        raise DataError(f"unknown event class {event_class!r}; allowed: {', '.join(get_args(EventClass))}")
    roles = spec.roles
    if event_class != "all" and roles.label is None:
        raise DataError(f"{spec.path} has no label column; choose the column that is 1 for signal and 0 for background")
    if names is None:
        label = (roles.label,) if roles.label and event_class == "all" else ()
        names = tuple(dict.fromkeys((*roles.features, *roles.protected, *label)))
    if len(names) < 2 or len(set(names)) < len(names):
        raise DataError(f"variables {', '.join(names) or 'none'}; allowed: two or more, each once")
    return tuple(names)
