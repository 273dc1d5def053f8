"""Which events of which file, and the loading of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from core.errors import DataError
from core.events.gather import gather
from core.events.labels import compact
from core.events.plan import ALL_COLUMNS, Batch, Plan
from core.events.summary import FileSummary, in_bytes
from core.events.table import EventTable, Roles
from core.settings import Settings, settings


class DatasetSpec(BaseModel):
    """Name a file, the roles of its columns, and how events are derived, selected and labelled.

    A run stores it as JSON and can load the same events again.

    Example:
        >>> spec = DatasetSpec(path="dimuon.parquet", roles=Roles(features=("pt",), label="label"))
        >>> DatasetSpec.model_validate_json(spec.model_dump_json()) == spec
        True
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field(min_length=1, description="Parquet, CSV or ROOT file, folder or pattern, or file.root:tree")
    name: str | None = Field(default=None, description="what to call the data set; the file's name when not given")
    roles: Roles = Field(default=Roles(), description="what each column is for")
    derived: dict[str, str] = Field(
        default_factory=dict, description="new columns: name and expression; later ones may use earlier ones"
    )
    selection: str | None = Field(default=None, description="condition that events must meet, such as 110 < m < 150")
    drop_invalid: bool = Field(
        default=False, description="drop events with a missing or infinite value in a used column"
    )
    signal_value: str | float | None = Field(
        default=None, description="which value of the label is signal; not needed for labels of 0 and 1"
    )
    missing: dict[str, tuple[FiniteFloat, ...]] = Field(
        default_factory=dict,
        exclude_if=lambda values: not values,  # as below: what needs none is named as ever
        description=f"values that mean no value: column, or {ALL_COLUMNS} for all but label and weight, and values",
    )
    background: str | None = Field(
        default=None,
        min_length=1,
        exclude_if=lambda value: value is None,  # what names one file is written, and named by its hash, as ever
        description="second file, folder or pattern whose events are background; those of path are signal",
    )

    @property
    def files(self) -> tuple[str, ...]:
        """Return what is read: the path and, where there is one, that of the background."""
        return (self.path,) if self.background is None else (self.path, self.background)

    @property
    def title(self) -> str:
        """Return the name, or those of the files."""
        return self.name or " and ".join(Path(each).name for each in self.files)


@dataclass(frozen=True)
class Limits:
    """Bound what is read into memory: checked against the metadata first, and again while events are read.

    Args:
        max_uncompressed_bytes: size of the needed columns in memory [bytes].
        max_rows: number of events.
        max_columns: number of needed columns.
    """

    max_uncompressed_bytes: int = Settings.max_uncompressed_bytes
    max_rows: int = Settings.max_rows
    max_columns: int = Settings.max_columns

    def check(self, summary: FileSummary, columns: Collection[str]) -> None:
        """Compare what is to be read with the limits.

        Args:
            summary: what the file says of itself.
            columns: the columns of the file that are needed.

        Raises:
            DataError: it is too much; the message gives both sizes, and the setting that allows more.
        """
        file = summary.path.name
        if summary.n_events > self.max_rows:
            raise DataError(
                f"{file} has {summary.n_events:,} events; allowed: {self.max_rows:,} (INFOSCOPE_MAX_ROWS, which "
                "whoever runs the server can raise)"
            )
        if len(columns) > self.max_columns:
            raise DataError(
                f"{len(columns):,} columns of {file} are needed; allowed: {self.max_columns:,} (INFOSCOPE_MAX_COLUMNS)"
            )
        n_bytes = sum(summary[name].uncompressed_bytes for name in columns)
        if n_bytes > self.max_uncompressed_bytes:
            raise DataError(
                f"the {len(columns)} columns needed of {file} take {in_bytes(n_bytes)} in memory "
                f"({in_bytes(summary.bytes_on_disk)} on disk); allowed: {in_bytes(self.max_uncompressed_bytes)} "
                "(INFOSCOPE_MAX_UNCOMPRESSED_BYTES); use fewer columns, with the role of others set to ignore, or a "
                "smaller file"
            )

    def check_read(self, summary: FileSummary, n_bytes: int) -> None:
        """Compare what has been read so far with the limit: what a file says of its size need not be true.

        Args:
            summary: what the file says of itself.
            n_bytes: size of the values read so far [bytes].

        Raises:
            DataError: it is too much.
        """
        if n_bytes > self.max_uncompressed_bytes:
            raise DataError(
                f"{summary.path.name} holds more than it says: over {in_bytes(self.max_uncompressed_bytes)} were read "
                f"of {in_bytes(summary.bytes_on_disk)} on disk; INFOSCOPE_MAX_UNCOMPRESSED_BYTES allows more"
            )


def configured_limits() -> Limits:
    """Return the limits that the settings give."""
    now = settings()
    return Limits(now.max_uncompressed_bytes, now.max_rows, now.max_columns)


DEFAULT_LIMITS = Limits()


def load_events(
    spec: DatasetSpec,
    *,
    extra_columns: Sequence[str] = (),
    limits: Limits | None = None,
    report: Callable[[int, int], None] | None = None,
) -> EventTable:
    """Load the events that a specification names.

    Only the columns that roles, derived columns, the selection and ``extra_columns`` need are read. The table
    holds the columns with a role, the derived ones and the extra ones; a label of 0 and 1 is stored as int8. A
    protected column of text becomes codes 0, 1, … in alphabetical order, which its description names.

    Args:
        spec: file, roles, derived columns and selection.
        extra_columns: further columns to keep, by the names that `FileSummary.usable` lists.
        limits: what may be read into memory; what the settings say when None.
        report: called after every batch with the events that were read so far and those of the file; what it raises
            ends the reading.

    Raises:
        DataError: the file, a column, an expression or the size is not acceptable, or no event is left.
    """
    plan = Plan(spec, tuple(extra_columns), limits or configured_limits())
    try:
        columns = gather(plan.batches(plan.batch_size, report), plan.summary.n_events)
    except MemoryError as problem:
        n_events = plan.summary.n_events
        raise DataError(f"{n_events:,} events of {plan.summary.path.name} do not fit into memory") from problem
    plan.require_events(columns)
    for name in plan.labels:
        if np.isfinite(columns[name]).all():
            columns[name] = columns[name].astype(np.int8)
    label = spec.roles.label
    if label is not None:
        columns[label] = compact(columns[label])
        if spec.signal_value is not None and not (columns[label] == 1).any():
            raise plan.label_error()
    described = {name: plan.words(name) for name in plan.kept}
    return EventTable(spec.name or plan.summary.name, columns, spec.roles, described)


def bytes_in_memory(spec: DatasetSpec, names: Sequence[str] = ()) -> int:
    """Return how much memory the columns that a specification and some names need would take, from the metadata."""
    plan = Plan(spec, tuple(names), DEFAULT_LIMITS)
    return sum(plan.summary[name].uncompressed_bytes for name in {pick.column for pick in plan.picks})


def plan_of_stream(spec: DatasetSpec, extra_columns: Sequence[str] = (), limits: Limits | None = None) -> Plan:
    """Return the plan of events that are read in batches: their size in memory is not limited."""
    return Plan(spec, tuple(extra_columns), replace(limits or configured_limits(), max_uncompressed_bytes=2**63))


def stream_events(
    spec: DatasetSpec, size: int, *, extra_columns: Sequence[str] = (), limits: Limits | None = None
) -> Iterator[Batch]:
    """Yield the events of a specification in batches, holding one batch at a time.

    Args:
        spec: file, roles, derived columns and selection.
        size: number of events read at a time; a selection leaves fewer.
        extra_columns: further columns to keep.
        limits: what the file may hold, what the settings say when None; its size in memory is not limited, as it is
            never in memory at once.

    Yields:
        Name → values of shape (up to size,); batches that a selection empties are left out.

    Raises:
        DataError: as `load_events`.
    """
    if size < 1:
        raise DataError(f"batch size is {size}; allowed: 1 or more")
    for batch in plan_of_stream(spec, extra_columns, limits).batches(size):
        if len(next(iter(batch.values()))):
            yield batch
