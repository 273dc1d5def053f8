"""``train``: a classifier that unlearns, with the options of every method's config."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Annotated, Any, get_origin

import typer
from pydantic.fields import FieldInfo

from core.cli.dataset import AsJson, takes_dataset
from core.cli.output import err, out, print_json, progress
from core.errors import DataError
from core.evaluation.verdict import verdict
from core.events.spec import DatasetSpec
from core.jobs.request import RunRequest
from core.jobs.runner import check_request
from core.jobs.store import Run, RunStore
from core.jobs.task import TASKS
from core.jobs.work import work_through
from core.results import from_json
from core.settings import settings
from core.unlearning.method import METHODS


def config_fields() -> dict[str, tuple[FieldInfo, list[str]]]:
    """Return every config field of every method with the methods that have it, in the order of the configs."""
    fields: dict[str, tuple[FieldInfo, list[str]]] = {}
    for method in METHODS:
        for name, field in method.item.config.model_fields.items():
            fields.setdefault(name, (field, []))[1].append(method.name)
    return fields


def train(spec: DatasetSpec, *, method: str, seed: int, device: str, as_json: bool, **options: Any) -> None:
    """Train a classifier and judge it on held-out events.

    The run appears among those of the dashboard; Ctrl-C interrupts it.
    """
    request = RunRequest(method=method, dataset=spec, config=_given(options), seed=seed, device=device)
    store = RunStore(settings().database_url)
    run = store.add(request, check_request(request))
    run = _work(store, run)
    if run.status not in ("done", "stopped"):
        raise DataError(f"run {run.id} {run.status}: {run.error}")
    _report(store, run, as_json)


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were given, lists parsed."""
    given = {name: value for name, value in options.items() if value is not None}
    for name, value in given.items():
        if get_origin(config_fields()[name][0].annotation) is tuple:
            given[name] = [part for part in str(value).split(",") if part.strip()]
    return given


def _work(store: RunStore, run: Run) -> Run:
    """Train in this process with a progress bar, and return the run as it ended."""
    err.print(f"run {run.id}: {run.request.method} on {run.request.dataset.path}")
    store.claim(run.id)
    with progress(run.request.method, run.n_epochs) as (bar, bar_task):
        work_through(
            store,
            store.get(run.id),
            settings().runs / run.id,
            watch=lambda snapshot: bar.update(bar_task, completed=snapshot.epoch),
        )
    return store.get(run.id)


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


def _signature() -> inspect.Signature:
    """Return the signature of the command: its own options, then one for each config field."""
    own: dict[str, tuple[Any, Any]] = {
        "spec": (DatasetSpec, inspect.Parameter.empty),
        "method": (Annotated[str, typer.Option(help=f"One of: {', '.join(METHODS.names())}.")], "disco"),
        "seed": (Annotated[int, typer.Option(min=0, help=RunRequest.model_fields["seed"].description)], 0),
        "device": (Annotated[str, typer.Option(help=RunRequest.model_fields["device"].description)], "auto"),
        "as_json": (AsJson, False),
    }
    for name, (field, methods) in config_fields().items():
        kind = field.annotation if field.annotation in (int, float, bool, str) else str
        only = "" if len(methods) == len(METHODS) else f" ({', '.join(methods)})"
        own[name] = (Annotated[kind | None, typer.Option(help=f"{field.title}: {field.description}{only}.")], None)
    kind_of = inspect.Parameter.KEYWORD_ONLY
    return inspect.Signature(
        [
            inspect.Parameter(n, kind_of, annotation=annotation, default=default)
            for n, (annotation, default) in own.items()
        ]
    )


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""

    def command(spec: DatasetSpec, /, **options: Any) -> None:
        train(spec, **options)

    command.__doc__ = train.__doc__
    command.__signature__ = _signature()  # type: ignore[attr-defined]
    app.command("train")(takes_dataset(command))
