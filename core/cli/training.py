"""What commands that train share: options made from configs, and the run itself under a progress bar."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Annotated, Any, get_origin

import typer
from pydantic.fields import FieldInfo

from core.cli.dataset import AsJson, split_names
from core.cli.event_checks import check_for_task
from core.cli.output import err, progress
from core.errors import DataError
from core.events.spec import DatasetSpec, load_events
from core.events.table import EventTable
from core.jobs.runner import check_request
from core.jobs.work import work_through
from core.learning.snapshot import Snapshot
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import Run, RunStore

Fields = Mapping[str, tuple[FieldInfo, str]]
"""Config field → its description, and to which methods it belongs in words, empty for all."""


def signature(methods: list[str], default: str, fields: Fields) -> inspect.Signature:
    """Return the signature of a command that trains: method, seed and device, then one option for each field."""
    own: dict[str, tuple[Any, Any]] = {
        "spec": (DatasetSpec, inspect.Parameter.empty),
        "method": (Annotated[str, typer.Option(help=f"One of: {', '.join(methods)}.")], default),
        "seed": (Annotated[int, typer.Option(min=0, help=RunRequest.model_fields["seed"].description)], 0),
        "device": (Annotated[str, typer.Option(help=RunRequest.model_fields["device"].description)], "auto"),
        "as_json": (AsJson, False),
    }
    for name, (field, only) in fields.items():
        kind = next((each for each in (int, float, bool, str) if field.annotation in (each, each | None)), str)
        text = f"{field.title}: {field.description}{only}."
        own[name] = (Annotated[kind | None, typer.Option(help=text)], None)
    keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Signature(
        [inspect.Parameter(n, keyword, annotation=kind, default=default) for n, (kind, default) in own.items()]
    )


def given(options: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """Return the options that were given, lists parsed."""
    found = {name: value for name, value in options.items() if value is not None}
    for name, value in found.items():
        if get_origin(fields[name][0].annotation) is tuple:
            found[name] = list(split_names([str(value)]) or ())
    return found


def checked_events(request: RunRequest) -> EventTable:
    """Read the events of a request under a progress bar; refuse those that its task cannot train on.

    Raises:
        DataError: the events cannot be read, or cannot be trained on.
    """
    with progress("reading the events", 1, passing=True) as (bar, bar_task):
        events = load_events(request.dataset, report=lambda done, of: bar.update(bar_task, completed=done, total=of))
    check_for_task(request, events)
    return events


def train_here(request: RunRequest) -> tuple[RunStore, Run]:
    """Train in this process with a progress bar; return the store and the run as it ended.

    Raises:
        DataError: the request is not allowed, or its events are not, and nothing was written; or the run failed.
    """
    config = check_request(request)
    events = checked_events(request)
    store = RunStore(settings().database_url)
    run = store.add(request, config)
    err.print(f"run {run.id}: {request.method} on {request.dataset.path}")
    store.claim(run.id)
    with progress(request.method, run.n_epochs) as (bar, bar_task):
        finished = 0

        def watch(snapshot: Snapshot[object]) -> None:
            nonlocal finished
            finished = snapshot.epoch
            bar.update(bar_task, completed=finished, description=request.method)

        def within(done: int, of: int) -> None:
            words = f"{request.method}, batch {done:,} of {of:,} in epoch {finished + 1}"
            bar.update(bar_task, completed=finished + done / of, description=words)

        folder = settings().runs / run.id
        work_through(store, store.get(run.id), folder, load=lambda _spec: events, watch=watch, within=within)
    run = store.get(run.id)
    if run.status == "stopped" and store.view(run.id) is None:
        raise DataError(f"run {run.id}: {' '.join(run.remarks)}")
    if run.status not in ("done", "stopped"):
        raise DataError(f"run {run.id} {run.status}: {run.error}")
    return store, run
