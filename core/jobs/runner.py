"""The runner: threads of this process that work through the runs that wait."""

from __future__ import annotations

import logging
import shutil
import threading
import time
import weakref
from collections.abc import Sequence
from pathlib import Path

from core.errors import DataError
from core.jobs.loading import Loader, SharedLoader
from core.jobs.task import TASKS
from core.jobs.work import work_through
from core.settings import settings
from core.store.disk import why_unwritable
from core.store.request import RunRequest
from core.store.store import Run, RunStore

log = logging.getLogger(__name__)

KEEP_DELETED = 24 * 3600.0
"""Deleted runs can be restored for this many seconds."""
LOOK = 1.0
"""A worker without a run looks this often, in seconds, for one that was asked for on another server."""
ROUND = 10.0
"""Runs of programs that ended are looked for this often, in seconds."""


class ThreadRunner:
    """Work through the runs that wait, in fair order over users; several servers may share the store.

    Training leaves Python's interpreter lock most of the time, so that threads are enough; one worker at a time keeps a
    device to one run. The threads end when nobody holds the runner any more. A user has at most
    ``settings().runs_per_user`` runs waiting; runs without an owner, where nobody signs in, are not counted.

    Args:
        store: the run store.
        folder: parent of the runs' own folders.
        workers: runs trained at the same time.
        load: reads a run's events; None reads them once for all runs that train on them at the same time.
    """

    problem: str = ""
    """What keeps runs from being begun; empty when nothing does."""

    def __init__(self, store: RunStore, folder: Path, *, workers: int = 1, load: Loader | None = None) -> None:
        self.store = store
        self.folder = folder
        self._load = load or SharedLoader()
        self._per_user = settings().runs_per_user
        self._asked = threading.Semaphore(0)
        self._given_up: dict[str, str] = {}
        for gone in store.purge(KEEP_DELETED):
            shutil.rmtree(folder / gone, ignore_errors=True)
        store.adopt_orphans()
        me = weakref.ref(self)
        for k in range(workers):
            threading.Thread(target=_serve, args=(me, self._asked), name=f"run-worker-{k}", daemon=True).start()
        if workers:
            threading.Thread(target=_go_round, args=(me,), name="run-keeper", daemon=True).start()

    def submit(self, request: RunRequest, owner: str = "") -> Run:
        """Check a request, queue it and return its run.

        Args:
            request: what to train.
            owner: who asks; empty when nobody signs in.

        Raises:
            DataError: the task, method, config or device is not allowed, or too many runs of the owner wait; nothing is
                queued then.
        """
        return self.submit_all([request], owner)[0]

    def submit_all(self, requests: Sequence[RunRequest], owner: str = "") -> list[Run]:
        """Check requests, queue all of them or none, and return their runs.

        Args:
            requests: what to train.
            owner: who asks; empty when nobody signs in.

        Raises:
            DataError: as of ``submit``.
        """
        configs = [check_request(request) for request in requests]
        n = self.store.count_queued(owner) if owner else 0
        if owner and n + len(requests) > self._per_user:
            raise DataError(
                f"{n} of your runs wait already and this asks for {len(requests)} more; allowed: {self._per_user} "
                "waiting runs of one user (INFOSCOPE_RUNS_PER_USER); stop some of them or wait until they have begun"
            )
        runs = [
            self.store.add(request, config, owner, waiting=True)
            for request, config in zip(requests, configs, strict=True)
        ]
        self._asked.release(len(runs))
        return runs

    def work_on_next(self) -> bool:
        """Work on the run whose turn it is; False when none waits, or nothing of it could be kept."""
        self._say(why_unwritable(self.folder))
        if self.problem:
            return False
        try:
            run = self.store.claim_next()
        except DataError as problem:
            log.warning("no run can be claimed: %s", problem)
            return False
        if run is None:
            return False
        try:
            work_through(self.store, run, self.folder / run.id, load=self._load)
        except DataError as problem:
            log.exception("run %s was given up: the run store did not answer", run.id)
            self._given_up[run.id] = str(problem)
        return True

    def look_after(self) -> None:
        """Put runs into the queue that were given up here, or whose programs ended."""
        try:
            for run, reason in list(self._given_up.items()):
                self.store.give_back(run, reason)
                self._given_up.pop(run, None)
            adopted = self.store.adopt_orphans()
        except DataError as problem:
            log.warning("runs of ended programs cannot be looked for: %s", problem)
            return
        for orphan in adopted:
            log.info("run %s: taken over from a program that ended", orphan.id)

    def _say(self, problem: str) -> None:
        if problem and problem != self.problem:
            log.error("no run begins: %s", problem)
        self.problem = problem


def _serve(runner: weakref.ref[ThreadRunner], asked: threading.Semaphore) -> None:
    while (present := runner()) is not None:
        worked = present.work_on_next()
        del present
        if not worked:
            asked.acquire(timeout=LOOK)


def _go_round(runner: weakref.ref[ThreadRunner]) -> None:
    while True:
        time.sleep(ROUND)
        present = runner()
        if present is None:
            return
        present.look_after()
        del present


def check_request(request: RunRequest) -> dict[str, object]:
    """Validate a request and return its full config.

    Raises:
        DataError: the task, method, config or device is not allowed.
    """
    return dict(TASKS[request.task].item.check(request))
