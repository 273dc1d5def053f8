"""A trained model applied to the events of another file, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.jobs.artifacts import SCORE_NAMES
from core.jobs.rows import Written, write_rows
from core.jobs.saved import SavedModel
from core.learning.device import few_threads


def apply_model(
    saved: SavedModel,
    file: str,
    out: Path,
    *,
    keep: tuple[str, ...] = (),
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Written:
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
    beside = saved.protected if saved.takes_protected else ()
    return write_rows(
        file, out, saved.inputs, saved.derived, saved.missing, lambda batch: scores_of(saved, batch),
        keep=tuple(dict.fromkeys((*beside, *keep))), report=report,
    )  # fmt: skip


def scores_of(saved: SavedModel, columns: Mapping[str, NDArray[np.generic]]) -> dict[str, NDArray[np.float32]]:
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
