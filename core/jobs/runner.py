"""The runner: threads of this process that work through queued runs."""

from __future__ import annotations

import logging
import queue
import shutil
import threading
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from core.errors import DataError
from core.events.spec import load_events
from core.jobs.request import RunRequest
from core.jobs.store import Run, RunStore
from core.jobs.task import TASKS
from core.jobs.work import Loader, work_through

log = logging.getLogger(__name__)

KEEP_DELETED = 24 * 3600.0
"""Deleted runs can be restored for this many seconds."""


class ThreadRunner:
    """Work through runs in the order they were asked for.

    Training leaves Python's interpreter lock most of the time, so that threads are enough; one worker at a time keeps a
    device to one run.

    Args:
        store: the run store.
        folder: parent of the runs' own folders.
        workers: runs trained at the same time.
        load: reads a run's events.
    """

    def __init__(self, store: RunStore, folder: Path, *, workers: int = 1, load: Loader = load_events) -> None:
        self.store = store
        self.folder = folder
        self._load = load
        self._waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
        for gone in store.purge(KEEP_DELETED):
            shutil.rmtree(folder / gone, ignore_errors=True)
        for run in reversed(store.adopt_orphans()):
            self._waiting.put(run.id)
        for k in range(workers):
            threading.Thread(target=self._serve, name=f"run-worker-{k}", daemon=True).start()

    def submit(self, request: RunRequest) -> Run:
        """Check a request, queue it and return its run.

        Raises:
            DataError: the task, method, config or device is not allowed; nothing is queued then.
        """
        run = self.store.add(request, check_request(request))
        self._waiting.put(run.id)
        return run

    def _serve(self) -> None:
        while True:
            run_id = self._waiting.get()
            try:
                if self.store.claim(run_id):
                    work_through(self.store, self.store.get(run_id), self.folder / run_id, load=self._load)
            except (DataError, SQLAlchemyError):
                log.exception("run %s was given up: the run store did not answer", run_id)


def check_request(request: RunRequest) -> dict[str, object]:
    """Validate a request and return its full config.

    Raises:
        DataError: the task, method, config or device is not allowed.
    """
    return dict(TASKS[request.task].item.check(request))
