"""How the tests of runs that continue begin and go on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.jobs.runner import check_request
from core.jobs.work import work_through
from core.store.request import RunRequest
from core.store.store import Run, RunStore

Requests = Callable[..., RunRequest]


def begin(store: RunStore, request: RunRequest) -> Run:
    """Queue and claim a run."""
    run = store.add(request, check_request(request))
    store.claim(run.id)
    return run


def go_on(store: RunStore, run: Run, folder: Path, **options: Any) -> Run:
    """Claim a run again and work it through."""
    store.claim(run.id)
    work_through(store, store.get(run.id), folder / run.id, **options)
    return store.get(run.id)
