"""What a run leaves on disk: model, scores and manifest."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from safetensors.numpy import load_file, save

from core.audit.audited import Audit
from core.events.table import EventTable
from core.jobs.files import whole_folder, writing
from core.jobs.manifest import manifest
from core.jobs.restarts import RESTART
from core.learning.snapshot import Checkpoint, Conclusion
from core.results import from_json, to_json
from core.store.store import Run

SCORE_NAMES = ("score", "second_score", "third_score", "fourth_score")
MODEL, SCORES, MANIFEST, AUDIT = "model.safetensors", "scores.parquet", "manifest.json", "audit.json"


def write_artifacts(folder: Path, run: Run, events: EventTable, conclusion: Conclusion[Any]) -> None:
    """Write a run's files: all or none, a draft folder takes its place when it is complete.

    ``model.safetensors`` holds the network with its input standardisation and, as metadata, the names of its inputs;
    ``scores.parquet`` a row for each event (label, weight, protected variables, score, split);
    ``audit.json`` what the audit found, where there was one; ``manifest.json`` what repeats the run.

    Args:
        folder: the run's own folder; replaced if it exists.
        run: the run.
        events: what it was trained on.
        conclusion: its model, scores and evaluation on held-out events.

    Raises:
        DataError: the disk does not take a file; the folder is then as it was.
    """
    with whole_folder(folder) as draft:
        with writing(folder / MODEL):
            (draft / MODEL).write_bytes(save(dict(conclusion.model), _model_card(run, events)))
        with writing(folder / SCORES), (draft / SCORES).open("wb") as file:
            pq.write_table(score_table(events, conclusion), file, compression="zstd")
        if conclusion.audit is not None:
            with writing(folder / AUDIT):
                (draft / AUDIT).write_text(to_json(conclusion.audit), encoding="utf-8")
        with writing(folder / MANIFEST):
            written = json.dumps(manifest(run, events), indent=2, ensure_ascii=False)
            (draft / MANIFEST).write_text(written, encoding="utf-8")
        with suppress(OSError):  # the state stays until the store knows that the run has ended
            (draft / RESTART).hardlink_to(folder / RESTART)


def read_model(folder: Path) -> Checkpoint:
    """Return the model that a run saved."""
    return dict(load_file(folder / MODEL))


def read_audit(folder: Path) -> Audit | None:
    """Return what the audit of a run found; None where there was none."""
    path = folder / AUDIT
    return from_json(Audit, path.read_text()) if path.exists() else None


def read_split(folder: Path) -> NDArray[np.int8]:
    """Return which part each event of a run had: 0 training, 1 validation, 2 held out, 3 left out."""
    return np.asarray(pq.read_table(folder / SCORES, columns=["split"])["split"].to_numpy(), np.int8)


def score_table(events: EventTable, conclusion: Conclusion[Any]) -> pa.Table:
    """Return label, weight and protected variables of every event beside its score and its part in the training.

    The column ``split`` is 0 for a training, 1 for a validation and 2 for a held-out event: only the last judge a
    score. It is 3 for an event that was left out of a training on fewer events.
    """
    roles = events.roles
    names = [name for name in (roles.label, roles.weight, *roles.protected) if name]
    columns: dict[str, Any] = {name: events[name] for name in names}
    scores = conclusion.score.reshape(events.n_events, -1)
    columns |= {name: scores[:, k] for k, name in enumerate(SCORE_NAMES[: scores.shape[1]])}
    return pa.table({**columns, "split": conclusion.split})


OUTPUTS = {
    "unlearn": "networks.0: logit of the signal score; apply the logistic function",
    "event_variables": "main: the event variable, oriented and standardised",
}
"""Task → what its networks give."""


def _model_card(run: Run, events: EventTable) -> dict[str, str]:
    card = {
        "inputs": json.dumps(list(events.roles.features)),
        "protected": json.dumps(list(events.roles.protected)),
        "derived": json.dumps(dict(run.request.dataset.derived)),
        "missing": json.dumps(dict(run.request.dataset.missing)),
        "task": run.request.task,
        "method": run.request.method,
        "config": json.dumps(dict(run.config)),
    }
    task = run.request.task
    return card | ({"output": OUTPUTS[task]} if task in OUTPUTS else {})
