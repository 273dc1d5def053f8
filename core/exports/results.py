"""A finished run with all that was found, read from the store and from its folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.audit.audited import Audit
from core.errors import DataError
from core.evaluation.evaluate import Evaluation
from core.events.plan import Plan
from core.events.spec import configured_limits
from core.events.table import Column
from core.jobs.artifacts import MANIFEST, read_audit
from core.jobs.beside import baselines_among
from core.jobs.scanned import BASELINE
from core.jobs.task import TASKS
from core.results import from_json
from core.store.request import RunRequest
from core.store.store import Recorded, Run, RunStore


@dataclass(frozen=True)
class RunResults:
    """Hold a finished run with all that was found.

    Args:
        run: what the store knows of it.
        view: its final view, on held-out events: of the class that its task names.
        history: what each epoch reported.
        audit: what the audit found; None where there was none.
        manifest: what repeats it; empty where its folder is gone.
        columns: name → words about a column; bare names where the events cannot be read any more.
        baseline: evaluation of a classifier that unlearned nothing, on the same events and seed, and otherwise trained
            alike; None without one.
        folder: the run's own folder.
        card: what the file of events says of itself, such as the processes of a sample; empty where it says nothing.
    """

    run: Run
    view: Any
    history: tuple[Recorded, ...]
    audit: Audit | None
    manifest: Mapping[str, Any]
    columns: Mapping[str, Column]
    baseline: Evaluation | None
    folder: Path
    card: Mapping[str, Any]

    @property
    def evaluation(self) -> Evaluation | None:
        """Return the evaluation of its score; None where its task has none."""
        if isinstance(self.view, Evaluation):
            return self.view
        found = getattr(self.view, "evaluation", None)
        return found if isinstance(found, Evaluation) else None

    def column(self, name: str) -> Column:
        """Return the words about a column, also for one that the file says nothing of."""
        return self.columns.get(name, Column(name, name))


def read_results(store: RunStore, run_id: str, runs: Path) -> RunResults:
    """Read a finished run.

    Args:
        store: the run store.
        run_id: of the run.
        runs: folder of the runs' folders.

    Raises:
        DataError: there is no such run, or it has not come to an end with results.
    """
    run = store.get(run_id)
    found = store.view(run_id)
    if found is None or not found[1]:
        raise DataError(f"run {run_id} is {run.status} and has no results yet; allowed: a run that ended with a model")
    columns, card = _words(run.request)
    return RunResults(
        run=run,
        view=from_json(TASKS[run.request.task].item.view, found[0]),
        history=tuple(store.history(run_id)),
        audit=read_audit(runs / run_id),
        manifest=_manifest(runs / run_id),
        columns=columns,
        baseline=_baseline(store, run),
        folder=runs / run_id,
        card=card,
    )


def _manifest(folder: Path) -> Mapping[str, Any]:
    path = folder / MANIFEST
    if not path.exists():
        return {}
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise DataError(f"the manifest of run {folder.name} cannot be read: {problem}") from problem
    return written if isinstance(written, dict) else {}


def _words(request: RunRequest) -> tuple[dict[str, Column], Mapping[str, Any]]:
    """Return the words about the columns of a request and the card of its file; nothing where the file has moved."""
    try:
        plan = Plan(request.dataset, (), configured_limits())
        return {name: plan.words(name) for name in plan.kept}, plan.summary.card
    except DataError:
        return {}, {}


def _baseline(store: RunStore, run: Run) -> Evaluation | None:
    """Return the evaluation of the baseline beside a run; one that was stopped does where no other one is done."""
    if run.request.method == BASELINE:
        return None
    alike = baselines_among(store.runs(("done", "stopped")), run.request, run.created)
    for other in sorted(alike, key=lambda each: each.status == "stopped"):
        found = store.view(other.id)
        if found is not None and found[1]:
            return from_json(Evaluation, found[0])
    return None
