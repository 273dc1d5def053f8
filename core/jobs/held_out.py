"""The held-out events of a finished run, with the scores it gave them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.errors import DataError
from core.events.plan import Plan
from core.events.portable import at_home
from core.events.spec import DEFAULT_LIMITS
from core.events.table import Column, EventTable
from core.jobs.artifacts import MANIFEST, SCORES
from core.learning.split import HELD_OUT
from core.store.request import RunRequest


def held_out_scores(folder: Path) -> tuple[NDArray[np.float64], EventTable]:
    """Read the scores of the held-out events of a run.

    The events have the roles that the run gave their columns, without features. Titles and units come from the
    run's file of events where it is still there.

    Args:
        folder: the run's own folder, with ``scores.parquet`` and ``manifest.json``.

    Returns:
        Scores of shape (n_events,), and the events.

    Raises:
        DataError: the run left no scores, or they cannot be read.
    """
    try:
        written = json.loads((folder / MANIFEST).read_text())
        request = RunRequest.model_validate(written["request"])
        table = pq.read_table(folder / SCORES)
    except FileNotFoundError as problem:
        raise DataError(f"{folder} has no {Path(problem.filename or SCORES).name}; only a run that ended has") from None
    except (OSError, ValueError, KeyError, pa.ArrowException) as problem:
        raise DataError(f"the scores in {folder} cannot be read: {problem}") from problem
    roles = request.dataset.roles.model_copy(update={"features": ()})
    missing = {"score", "split", *roles.used()} - set(table.column_names)
    if missing:
        raise DataError(f"{folder / SCORES} has no column {', '.join(sorted(missing))}; it is not a run's")
    kept = table["split"].to_numpy() == HELD_OUT
    columns = {name: table[name].to_numpy()[kept] for name in roles.used()}
    name = request.dataset.name or str(written["data"]["name"])
    return table["score"].to_numpy()[kept].astype(np.float64), EventTable(name, columns, roles, _described(request))


def _described(request: RunRequest) -> dict[str, Column]:
    """Return the words about the protected variables; none where the file has moved."""
    try:
        plan = Plan(at_home(request.dataset), (), DEFAULT_LIMITS)
        return {name: plan.words(name) for name in request.dataset.roles.protected}
    except DataError:
        return {}
