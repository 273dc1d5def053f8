"""What a run leaves on disk: model, scores and manifest."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

import core
from core.audit.audited import Audit
from core.events.table import EventTable
from core.jobs.store import Run
from core.learning.snapshot import Checkpoint, Conclusion
from core.results import from_json, to_json

MODEL, SCORES, MANIFEST, AUDIT = "model.safetensors", "scores.parquet", "manifest.json", "audit.json"


def write_artifacts(folder: Path, run: Run, events: EventTable, conclusion: Conclusion[Any]) -> None:
    """Write a run's files: all or none, a draft folder is renamed when it is complete.

    ``model.safetensors`` holds the network with its input standardisation and, as metadata, the names of its inputs;
    ``scores.parquet`` a row for each event (label, weight, protected variables, score, split);
    ``audit.json`` what the audit found, where there was one; ``manifest.json`` what repeats the run.

    Args:
        folder: the run's own folder; replaced if it exists.
        run: the run.
        events: what it was trained on.
        conclusion: its model, scores and evaluation on held-out events.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".draft-") as draft:
        path = Path(draft) / folder.name
        path.mkdir()
        save_file(dict(conclusion.model), path / MODEL, metadata=_model_card(run, events))
        pq.write_table(score_table(events, conclusion), path / SCORES, compression="zstd")
        if conclusion.audit is not None:
            (path / AUDIT).write_text(to_json(conclusion.audit))
        (path / MANIFEST).write_text(json.dumps(manifest(run, events), indent=2, ensure_ascii=False))
        shutil.rmtree(folder, ignore_errors=True)
        path.rename(folder)


def read_model(folder: Path) -> Checkpoint:
    """Return the model that a run saved."""
    return dict(load_file(folder / MODEL))


def read_audit(folder: Path) -> Audit | None:
    """Return what the audit of a run found; None where there was none."""
    path = folder / AUDIT
    return from_json(Audit, path.read_text()) if path.exists() else None


def read_split(folder: Path) -> NDArray[np.int8]:
    """Return which part each event of a run had: 0 training, 1 validation, 2 held out."""
    return np.asarray(pq.read_table(folder / SCORES, columns=["split"])["split"].to_numpy(), np.int8)


def score_table(events: EventTable, conclusion: Conclusion[Any]) -> pa.Table:
    """Return label, weight and protected variables of every event beside its score and its part in the training.

    The column ``split`` is 0 for a training, 1 for a validation and 2 for a held-out event: only the last judge a
    score.
    """
    roles = events.roles
    names = [name for name in (roles.label, roles.weight, *roles.protected) if name]
    columns: dict[str, Any] = {name: events[name] for name in names}
    scores = conclusion.score.reshape(events.n_events, -1)
    columns |= {name: scores[:, k] for k, name in enumerate(("score", "second_score")[: scores.shape[1]])}
    return pa.table({**columns, "split": conclusion.split})


def manifest(run: Run, events: EventTable) -> dict[str, Any]:
    """Return what is needed to repeat a run: request, full config, data fingerprint, versions and commit."""
    return {
        "run": run.id,
        "request": run.request.model_dump(mode="json"),
        "config": dict(run.config),
        "data": {"name": events.name, "events": events.n_events, "fingerprint": events.fingerprint},
        "versions": {name: version(name) for name in ("torch", "numpy", "numba", "pyarrow")}
        | {"infoscope": core.__version__, "python": platform.python_version()},
        "machine": {"system": platform.system(), "processor": platform.machine()},
        "commit": _commit(),
    }


def _model_card(run: Run, events: EventTable) -> dict[str, str]:
    return {
        "inputs": json.dumps(list(events.roles.features)),
        "protected": json.dumps(list(events.roles.protected)),
        "derived": json.dumps(dict(run.request.dataset.derived)),
        "task": run.request.task,
        "method": run.request.method,
        "config": json.dumps(dict(run.config)),
        "output": "networks.0: logit of the signal score; apply the logistic function",
    }


def _commit() -> str | None:
    """Return the commit of the program's folder, None where it is no git checkout."""
    try:
        answer = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=Path(core.__file__).parent,
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
