"""``runs``: what was trained."""

from __future__ import annotations

import logging
import time
from typing import Annotated, Any

import typer

from core.cli.dataset import AsJson
from core.cli.output import out, print_json, print_table
from core.errors import DataError
from core.settings import settings
from core.store.store import Run, RunStore, StoreError

log = logging.getLogger(__name__)


def runs(
    stop: Annotated[
        str | None, typer.Option(help="Stop the run of this id after its epoch, or take it out of the queue.")
    ] = None,
    delete: Annotated[str | None, typer.Option(help="Delete the run of this id.")] = None,
    restore: Annotated[str | None, typer.Option(help="Bring a run back that was deleted within a day.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the runs, newest first; stop one, delete one, or bring it back."""
    store = RunStore(settings().database_url)
    if stop is not None:
        found = store.get(stop)
        if not found.is_live:
            raise DataError(f"run {stop} is {found.status}; allowed: one that is queued or running")
        store.stop(stop)
    if delete is not None:
        store.delete(store.get(delete).id)
    if restore is not None:
        store.restore(restore)
        store.get(restore)
    _mark_ended(store)
    listed = store.runs()
    if as_json:
        print_json({"runs": [_as_dict(run) | _place(store, run) for run in listed]})
        return
    if not listed:
        out.print("no runs yet; `python -m core train FILE` makes one")
        return
    header = ["run", "when", "data", "method", "λ", "status", "epochs", "AUC", "R50", "1/JSD [1/nats]"]
    rows = [_row(run, status_words(store, run)) for run in listed]
    if len({run.owner for run in listed}) > 1:
        header, rows = [*header, "owner"], [[*row, run.owner or "-"] for row, run in zip(rows, listed, strict=True)]
    print_table("Runs", header, rows)


def status_words(store: RunStore, run: Run) -> str:
    """Say where a run stands: of one that waits, what it waits for."""
    if run.stopping and run.status == "running":
        return "stopping"
    if run.status != "queued":
        return run.status
    before = store.place_in_queue(run.id)
    return f"queued, {before} before it" if before else "queued, next"


def _place(store: RunStore, run: Run) -> dict[str, int]:
    """Return how many runs are to start before one that waits; nothing of others."""
    return {"before_it": store.place_in_queue(run.id)} if run.status == "queued" else {}


def _mark_ended(store: RunStore) -> None:
    """Mark runs as interrupted whose programs ended without a word; where it cannot be written, they stay as they are.

    A program of another machine ended when it was silent for a minute, which only a server watches for so long.
    """
    try:
        store.adopt_orphans()
    except StoreError as problem:
        log.warning("runs of ended programs cannot be marked: %s", problem)


def _row(run: Run, status: str) -> list[str]:
    figures = run.headline
    return [
        run.id,
        time.strftime("%Y-%m-%d %H:%M", time.localtime(run.created)),
        run.request.dataset.title,
        run.request.method,
        f"{run.config['lam']:g}" if "lam" in run.config else "-",
        status,
        f"{run.epoch}/{run.n_epochs}",
        f"{figures['auc']:.3f}" if "auc" in figures else "-",
        f"{figures['r50']:.3g}" if "r50" in figures else "-",
        f"{1 / figures['jsd_nats']:.3g}" if "jsd_nats" in figures else "-",
    ]


def _as_dict(run: Run) -> dict[str, Any]:
    return {
        "run": run.id,
        "created": run.created,
        "owner": run.owner,
        "status": run.status,
        "method": run.request.method,
        "dataset": run.request.dataset.model_dump(mode="json"),
        "config": dict(run.config),
        "seed": run.request.seed,
        "epoch": run.epoch,
        "error": run.error,
        "seconds": run.seconds,
        **run.headline,
    }


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("runs")(runs)
