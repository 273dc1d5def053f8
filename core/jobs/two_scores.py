"""The two scores of a finished run on the events that its training held out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from core.errors import DataError
from core.evaluation.abcd import TwoScores
from core.jobs.artifacts import SCORES
from core.jobs.held_out import held_out_scores
from core.learning.split import HELD_OUT

SECOND = "second_score"


def held_out_pair(folder: Path) -> TwoScores:
    """Read both scores of the held-out events of a run of two classifiers.

    Args:
        folder: the run's own folder.

    Raises:
        DataError: the run left no scores, or only one.
    """
    first, events = held_out_scores(folder)
    if SECOND not in pq.read_schema(folder / SCORES).names:
        raise DataError(f"{folder / SCORES} has one score; only a run of two classifiers has two")
    table = pq.read_table(folder / SCORES, columns=[SECOND, "split"])
    second = table[SECOND].to_numpy()[table["split"].to_numpy() == HELD_OUT].astype(np.float64)
    return TwoScores(first, second, events.is_signal, events.weights)
