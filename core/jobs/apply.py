"""A trained model applied to the events of another file, batch by batch."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from numpy.typing import NDArray

from core.errors import DataError
from core.events.source import inspect_file
from core.events.spec import DatasetSpec, stream_events
from core.events.table import Roles
from core.jobs.saved import SavedModel
from core.learning.device import few_threads

BATCH = 1 << 17
SCORE_NAMES = ("score", "second_score")


@dataclass(frozen=True)
class Applied:
    """Say what was written.

    Args:
        path: the file of scores.
        n_events: its rows, in the order of the file of events.
        n_without_score: rows whose score is NaN because an input is missing or infinite.
        columns: its columns.
    """

    path: Path
    n_events: int
    n_without_score: int
    columns: tuple[str, ...]


def apply_model(
    saved: SavedModel,
    file: str,
    out: Path,
    *,
    keep: tuple[str, ...] = (),
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Applied:
    """Write the score of every event of a file to a Parquet file, row by row in the same order.

    Args:
        saved: the model.
        file: Parquet, CSV or ROOT file, or a folder of Parquet files, with the columns that the model takes.
        out: the Parquet file to write; it appears when it is complete, and an older one is replaced.
        keep: further columns of the file to write beside the score.
        report: called after each batch with the events done and the events in all.

    Returns:
        What was written.

    Raises:
        DataError: the file cannot be read, lacks a column, or the scores cannot be written.
    """
    summary = inspect_file(file)
    needed = (*saved.inputs, *(saved.protected if saved.takes_protected else ()))
    have = set(summary.usable) | set(saved.derived)
    if missing := [name for name in (*needed, *keep) if name not in have]:
        raise DataError(
            f"{summary.path.name} has no column {', '.join(map(repr, missing))}; it has {', '.join(sorted(have))}"
        )
    if out.suffix != ".parquet":
        raise DataError(f"scores go to a file whose name ends in .parquet; got {out.name!r}")
    if not out.parent.is_dir():
        raise DataError(f"there is no folder {str(out.parent)!r} to write {out.name} to")
    spec = DatasetSpec(path=file, derived=saved.derived, roles=Roles(features=saved.inputs))
    kept = tuple(dict.fromkeys((*(needed[len(saved.inputs) :]), *keep)))
    n_events = n_without = 0
    names: tuple[str, ...] = ()
    try:
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".draft-") as draft:
            path, writer = Path(draft) / out.name, None
            for batch in stream_events(spec, BATCH, extra_columns=kept):
                scores = scores_of(saved, batch)
                columns = {name: batch[name] for name in kept} | scores
                table = pa.table(columns)
                writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
                writer.write_table(table)
                n_events += len(table)
                n_without += int(np.isnan(scores[SCORE_NAMES[0]]).sum())
                names = tuple(columns)
                report(n_events, summary.n_events)
            if writer is None:
                raise DataError(f"{summary.path.name} has no events")
            writer.close()
            path.replace(out)
    except OSError as problem:
        raise DataError(f"{out} cannot be written: {problem.strerror or problem}") from problem
    return Applied(out, n_events, n_without, names)


def scores_of(saved: SavedModel, columns: dict[str, NDArray[np.generic]]) -> dict[str, NDArray[np.float32]]:
    """Return the scores of events, shape (n,) each by name; NaN where an input is missing or infinite."""
    x = np.column_stack([np.asarray(columns[name], np.float32) for name in saved.inputs])
    n_protected = len(saved.protected)
    m = np.zeros((len(x), n_protected), np.float64)
    if saved.takes_protected:
        m = np.column_stack([np.asarray(columns[name], np.float64) for name in saved.protected])
    known = (np.isfinite(x).all(1) & np.isfinite(m).all(1)).reshape(-1, 1)
    filled_x, filled_m = np.where(known, x, np.float32(0)), np.where(known, m, 0.0)
    with few_threads(torch.device("cpu")):
        scores = saved.model.score(torch.from_numpy(filled_x), torch.from_numpy(filled_m))
    scores = np.where(known, scores.reshape(len(x), -1), np.float32(np.nan))
    return {name: np.ascontiguousarray(scores[:, k]) for k, name in enumerate(SCORE_NAMES[: scores.shape[1]])}
