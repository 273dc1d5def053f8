"""A file of events turned into another, row by row, batch by batch."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.errors import DataError
from core.events.plan import ALL_COLUMNS
from core.events.source import inspect_file
from core.events.spec import DatasetSpec, stream_events
from core.events.summary import FileSummary
from core.events.table import Roles

BATCH = 1 << 17

Compute = Callable[[Mapping[str, NDArray[np.generic]]], Mapping[str, NDArray[np.floating]]]
"""Columns of a batch → new columns, shape (n,) each; NaN where an event has no value."""


@dataclass(frozen=True)
class Written:
    """Say what was written.

    Args:
        path: the file.
        n_events: its rows, in the order of the file of events.
        n_without_value: rows whose first new column is NaN because an input is missing or infinite.
        columns: its columns.
    """

    path: Path
    n_events: int
    n_without_value: int
    columns: tuple[str, ...]


def write_rows(
    file: str,
    out: Path,
    inputs: tuple[str, ...],
    derived: dict[str, str],
    missing: Mapping[str, tuple[float, ...]],
    compute: Compute,
    *,
    keep: tuple[str, ...] = (),
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Written:
    """Write what is computed from every event to a Parquet file, row by row in the same order.

    Args:
        file: Parquet, CSV or ROOT file, or a folder of Parquet files.
        out: the Parquet file to write; it appears when it is complete, and an older one is replaced.
        inputs: names of the features.
        derived: name → expression of those that are computed from columns of the file.
        missing: column → values that mean "no value", "*" those of every column; they are read, and written, as NaN.
        compute: the columns to write, from the features and from those of ``keep``.
        keep: further columns of the file to write before them.
        report: called after each batch with the events done and the events in all.

    Returns:
        What was written.

    Raises:
        DataError: the file cannot be read, lacks a column, or the rows cannot be written.
    """
    summary = inspect_file(file)
    _check(summary, out, inputs, derived, keep)
    anyway = {ALL_COLUMNS, *derived}
    said = {name: values for name, values in missing.items() if name in anyway or _is_in(summary, name)}
    spec = DatasetSpec(path=file, derived=derived, missing=said, roles=Roles(features=inputs))
    batches = stream_events(spec, BATCH, extra_columns=keep)
    try:
        return _written(batches, summary, out, compute, keep, report)
    except OSError as problem:
        raise DataError(f"{out} cannot be written: {problem.strerror or problem}") from problem


def _check(
    summary: FileSummary, out: Path, inputs: tuple[str, ...], derived: Mapping[str, str], keep: tuple[str, ...]
) -> None:
    """Refuse a file without the numbers that are needed, and a place where no rows can go."""
    if texts := [each.name for each in summary.columns if each.kind == "string" and each.name in (*inputs, *keep)]:
        raise DataError(
            f"column {texts[0]!r} of {summary.path.name} holds text; allowed: numbers, for a protected "
            "variable the codes of the events that the model was trained on"
        )
    needed = dict.fromkeys((*inputs, *keep))
    if absent := [name for name in needed if name not in derived and not _is_in(summary, name)]:
        have = {*summary.usable, *derived}
        raise DataError(
            f"{summary.path.name} has no column {', '.join(map(repr, absent))}; it has {', '.join(sorted(have))}"
        )
    if out.suffix != ".parquet":
        raise DataError(f"rows go to a file whose name ends in .parquet; got {out.name!r}")
    if not out.parent.is_dir():
        raise DataError(f"there is no folder {str(out.parent)!r} to write {out.name} to")


def _written(
    batches: Iterator[Mapping[str, NDArray[np.generic]]],
    summary: FileSummary,
    out: Path,
    compute: Compute,
    keep: tuple[str, ...],
    report: Callable[[int, int], None],
) -> Written:
    """Write batch by batch to a draft, which takes the place of the file once it is complete."""
    n_events = n_without = 0
    names: tuple[str, ...] = ()
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".draft-") as draft:
        path, writer = Path(draft) / out.name, None
        for batch in batches:
            found = compute(batch)
            table = pa.table({**{name: batch[name] for name in keep if name not in found}, **found})
            writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table)
            n_events, names = n_events + len(table), tuple(table.column_names)
            n_without += int(np.isnan(next(iter(found.values()))).sum())
            report(n_events, summary.n_events)
        if writer is None:
            raise DataError(f"{summary.path.name} has no events")
        writer.close()
        path.replace(out)
    return Written(out, n_events, n_without, names)


def _is_in(summary: FileSummary, name: str) -> bool:
    """Return whether a name stands for numbers of a file: a column, any element of a list, or the length of lists."""
    try:
        summary.find(name)
    except DataError:
        return False
    return True


def of_features(
    inputs: tuple[str, ...], compute: Callable[[NDArray[np.float32]], Mapping[str, NDArray[np.floating]]]
) -> Compute:
    """Return what takes a batch's columns and computes from its features alone, NaN where one is not finite.

    Args:
        inputs: names of the features.
        compute: features (n, n_features) → columns of shape (n,).
    """

    def of_columns(columns: Mapping[str, NDArray[np.generic]]) -> dict[str, NDArray[np.floating]]:
        x = np.column_stack([np.asarray(columns[name], np.float32) for name in inputs])
        known = np.asarray(np.isfinite(x).all(1))
        found = compute(np.where(known[:, None], x, np.float32(0)))
        return {name: np.where(known, values, np.float32(np.nan)) for name, values in found.items()}

    return of_columns
