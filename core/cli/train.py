"""``train``: a classifier that unlearns, with the options of every method's config."""

from __future__ import annotations

from typing import Any

import typer
from pydantic.fields import FieldInfo

from core.cli.dataset import takes_dataset
from core.cli.output import out, print_json
from core.cli.training import Fields, given, signature, train_here
from core.evaluation.verdict import verdict
from core.events.spec import DatasetSpec
from core.jobs.request import RunRequest
from core.jobs.store import Run, RunStore
from core.jobs.task import TASKS
from core.results import from_json
from core.settings import settings
from core.unlearning.method import METHODS


def config_fields() -> Fields:
    """Return every config field of every method with the methods that have it, in the order of the configs."""
    found: dict[str, tuple[FieldInfo, list[str]]] = {}
    for method in METHODS:
        for name, field in method.item.config.model_fields.items():
            found.setdefault(name, (field, []))[1].append(method.name)
    return {
        name: (field, "" if len(methods) == len(METHODS) else f" ({', '.join(methods)})")
        for name, (field, methods) in found.items()
    }


def train(spec: DatasetSpec, *, method: str, seed: int, device: str, as_json: bool, **options: Any) -> None:
    """Train a classifier and judge it on held-out events.

    The run appears among those of the dashboard; Ctrl-C interrupts it.
    """
    config = given(options, config_fields())
    store, run = train_here(RunRequest(method=method, dataset=spec, config=config, seed=seed, device=device))
    _report(store, run, as_json)


def _report(store: RunStore, run: Run, as_json: bool) -> None:
    figures = dict(run.headline)
    seconds = store.history(run.id)[-1].seconds
    if as_json:
        print_json({"run": run.id, "status": run.status, **figures, "seconds": seconds, "remarks": list(run.remarks)})
        return
    found = store.view(run.id)
    if found is not None:
        out.print(verdict(from_json(TASKS[run.request.task].item.view, found[0])))
    for remark in run.remarks:
        out.print(f"warning: {remark}")
    out.print(f"run {run.id}, {seconds:.1f} s of training; files in {settings().runs / run.id}")


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""

    def command(spec: DatasetSpec, /, **options: Any) -> None:
        train(spec, **options)

    command.__doc__ = train.__doc__
    command.__signature__ = signature(METHODS.names(), "disco", config_fields())  # type: ignore[attr-defined]
    app.command("train")(takes_dataset(command))
