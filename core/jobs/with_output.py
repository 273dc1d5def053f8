"""The held-out events of a run beside the output of its model: what the matrix shows before and after unlearning."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import DataError
from core.events.spec import DatasetSpec, load_events
from core.events.table import EventTable
from core.jobs.artifacts import SCORES
from core.learning.split import HELD_OUT
from core.store.store import Run

OUTPUT, FILE = "output", "held_out_with_output.parquet"
TITLES = {OUTPUT: ("f", "Output of the model: the score of a classifier, in [0, 1], or an event variable.")}


def dataset_with_output(run: Run, folder: Path, events: EventTable | None = None) -> DatasetSpec:
    """Return a data set of the events that a run held out, with the output of its model as the last feature.

    The file is written into the run's folder at the first call.

    Args:
        run: a run that ended with a model.
        folder: its own folder.
        events: all its events where they are loaded already.

    Raises:
        DataError: the run left no scores, its data are gone, or the folder cannot be written.
    """
    spec = run.request.dataset
    roles = spec.roles
    named = roles.model_copy(update={"features": (*roles.features, OUTPUT)})
    result = DatasetSpec(path=str(folder / FILE), name=f"held-out events of run {run.id}", roles=named)
    if (folder / FILE).exists():
        return result
    if not (folder / SCORES).exists():
        raise DataError(f"run {run.id} left no scores; allowed: a run that is done or was stopped after an epoch")
    events = load_events(spec) if events is None else events
    scored = pq.read_table(folder / SCORES, columns=["score", "split"])
    if len(scored) != events.n_events:
        raise DataError(f"run {run.id} scored {len(scored):,} events, its data have {events.n_events:,} now")
    if OUTPUT in events.columns:
        raise DataError(f"the data of run {run.id} have a column named {OUTPUT!r} already")
    _write(events, scored["score"].to_numpy(), scored["split"].to_numpy() == HELD_OUT, folder / FILE)
    return result


def _write(events: EventTable, score: np.ndarray, kept: np.ndarray, path: Path) -> None:
    """Write the events with their titles, units and definitions: all or nothing."""
    columns = {name: np.asarray(events[name])[kept] for name in events.roles.used()} | {OUTPUT: score[kept]}
    fields = []
    for name, values in columns.items():
        words = events.describe(name) if name != OUTPUT else None
        title, text = TITLES[OUTPUT] if words is None else (words.title, words.description)
        card = {"title": title or name, "description": text or "", "unit": (words.unit or "") if words else ""}
        fields.append(
            pa.field(name, pa.array(values[:0]).type, metadata={key: str(value) for key, value in card.items()})
        )
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".draft-") as draft:
            pq.write_table(pa.table(columns, schema=pa.schema(fields)), Path(draft) / FILE, compression="zstd")
            (Path(draft) / FILE).replace(path)
    except OSError as problem:
        raise DataError(f"{path} cannot be written: {problem.strerror or problem}") from problem
