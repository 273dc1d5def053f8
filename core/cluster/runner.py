"""The runner of a cluster: the runs that wait go to workers of a Dask scheduler."""

from __future__ import annotations

import logging
import secrets
import threading
import time
import weakref
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import core
from core.cluster.client import connect, workers_of
from core.cluster.data import look_at
from core.cluster.remote import MOST_WAITING, train
from core.cluster.session import Session
from core.errors import DataError
from core.jobs.runner import LOOK, ROUND, ThreadRunner
from core.store.store import Run, RunStore, StoreError

if TYPE_CHECKING:
    from distributed import Client, Queue

TICK = 0.2
"""Messages of workers are taken this often, in seconds."""
GPU, CPU = "GPU", "CPU"
RESOURCES = (GPU, CPU)
"""What a worker says that it has: trainings at once on a GPU, or on processor cores."""

log = logging.getLogger(__name__)


class ClusterRunner(ThreadRunner):
    """Give the runs that wait to workers of a cluster, in fair order over users.

    A run is claimed when a worker is free for it: one that says ``--resources GPU=1`` or ``--resources CPU=1`` trains
    one run at a time. One thread of this process follows all runs; it is the only one that writes to the run store, so
    that SQLite serves as well as PostgreSQL. While no scheduler answers, runs wait and ``problem`` says why.

    Args:
        store: the run store.
        folder: parent of the runs' own folders.
        address: of the scheduler.
    """

    def __init__(self, store: RunStore, folder: Path, address: str) -> None:
        super().__init__(store, folder, workers=0)
        self.address = address
        self.problem = ""
        self._post = f"infoscope-{secrets.token_hex(6)}"
        self._client: Client | None = None
        self._up: Queue | None = None
        self._sessions: dict[str, Session] = {}
        self._look_due, self._round_due = 0.0, time.monotonic() + ROUND
        self._closed = threading.Event()
        me = weakref.ref(self)
        self._thread = threading.Thread(target=_serve, args=(me, self._closed), name="cluster-runner", daemon=True)
        self._thread.start()

    @property
    def slots(self) -> dict[str, int]:
        """Return how many runs the cluster can train at once, by what they take of a worker."""
        if self._client is None:
            return dict.fromkeys(RESOURCES, 0)
        offered = [worker.get("resources", {}) for worker in workers_of(self._client).values()]
        return {name: int(sum(each.get(name, 0) for each in offered)) for name in RESOURCES}

    def close(self) -> None:
        """End: what workers train is left to be continued."""
        self._closed.set()
        self._thread.join()
        for session in list(self._sessions.values()):
            self._give_up(session, "the server ended")
        if self._client is not None:
            self._client.close()

    def turn(self) -> None:
        """Take the messages that wait; begin, follow and look after runs when it is time."""
        if self._given_up or time.monotonic() >= self._round_due:
            self._round_due = time.monotonic() + ROUND
            self.look_after()
        try:
            self._connect()
            self._take()
            if time.monotonic() >= self._look_due:
                self._look_due = time.monotonic() + LOOK
                self._begin()
                self._follow()
        except DataError as problem:
            self._say(str(problem))
        except Exception as problem:  # a scheduler that went, or came back without its queues, raises nearly anything
            log.debug("the turn of the cluster's runner ended early", exc_info=True)
            self._say(f"the scheduler at {self.address} does not answer: {type(problem).__name__}: {problem}")
            self._disconnect()

    def _connect(self) -> None:
        if self._client is not None and self._client.status in ("closed", "closing"):
            raise OSError("the connection was closed")
        if self._client is None:
            from distributed import Queue

            self._client = connect(self.address)
            self._up = Queue(self._post, client=self._client, maxsize=MOST_WAITING)

    def _disconnect(self) -> None:
        """Let runs wait until a scheduler answers."""
        client, self._client, self._up = self._client, None, None
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            session.forget()
        self._given_up.update(dict.fromkeys(sessions, ""))
        if client is not None:
            client.close(timeout=1)

    def _take(self) -> None:
        messages: Any = () if self._up is None else self._up.get(batch=True)
        for message in messages:
            session = self._sessions.get(message["run"])
            if session is None:
                continue
            try:
                session.take(message)
            except DataError as problem:
                self._fail(session, problem)
            if session.ended:
                self._sessions.pop(message["run"], None)

    def _begin(self) -> None:
        """Claim runs while workers are free for them."""
        slots = self.slots
        if self._client is None:
            return
        if not any(slots.values()):
            self._say(
                f"no worker of {self.address} trains; start some with --resources GPU=1 or --resources CPU=1"
                if workers_of(self._client)
                else f"the scheduler at {self.address} has no workers"
            )
            return
        self._say("")
        while sum(slots.values()) > len(self._sessions) and (run := self.store.claim_next()) is not None:
            try:
                self._send(run, slots)
            except DataError as problem:
                self.store.finish(run.id, "failed", error=str(problem))

    def _send(self, run: Run, slots: dict[str, int]) -> None:
        if self._client is None:
            raise DataError("there is no scheduler")
        busy = Counter(session.resource for session in self._sessions.values())
        resource = resource_for(run.request.device, slots, {name: n - busy[name] for name, n in slots.items()})
        data = run.request.dataset  # each machine reads a pair of files by itself
        look = look_at(data.path) if data.background is None else None
        future = self._client.submit(
            train, core.__version__, run, self._post, look,
            key=f"train-{run.id}-{secrets.token_hex(4)}", pure=False, resources={resource: 1},
        )  # fmt: skip
        self._sessions[run.id] = Session(
            self._client, self.store, run, self.folder / run.id, look, future, resource, self._post
        )
        log.info("run %s: sent to %s, takes one %s", run.id, self.address, resource)

    def _follow(self) -> None:
        """Pass on wishes to stop, and see which tasks ended without a word."""
        for session in list(self._sessions.values()):
            try:
                session.look_after()
                if not session.ended and session.future.status in ("error", "cancelled", "lost"):
                    self._take()  # its last words may wait
                    self._lose(session)
            except DataError as problem:
                self._fail(session, problem)
            if session.ended:
                self._sessions.pop(session.run.id, None)

    def _lose(self, session: Session) -> None:
        """Record what became of a run whose task ended without a word."""
        from distributed import KilledWorker

        if session.ended:
            return
        problem = session.future.exception() if session.future.status == "error" else None
        if problem is None or isinstance(problem, StoreError):
            self._give_up(session, str(problem or "the scheduler lost it"))
            return
        session.leave()
        if isinstance(problem, KilledWorker):
            reason = "several workers died while they trained it, perhaps for want of memory"
            self.store.finish(session.run.id, "interrupted", error=reason)
        else:
            unexpected = "" if isinstance(problem, DataError) else f"unexpected {type(problem).__name__}: "
            self.store.finish(session.run.id, "failed", error=f"{unexpected}{problem}")

    def _fail(self, session: Session, problem: DataError) -> None:
        """End a run that cannot go on; where the store itself refuses, leave it to whoever has it now."""
        session.leave()
        if isinstance(problem, StoreError):
            self._given_up[session.run.id] = str(problem)
        else:
            self.store.finish(session.run.id, "failed", error=str(problem))

    def _give_up(self, session: Session, reason: str) -> None:
        """Let a run wait until a worker continues it."""
        log.warning("run %s waits to be continued: %s", session.run.id, reason)
        session.leave()
        self._sessions.pop(session.run.id, None)
        self.store.give_back(session.run.id)

    def _say(self, problem: str) -> None:
        if problem and problem != self.problem:
            log.warning("%s", problem)
        self.problem = problem


def resource_for(device: str, slots: dict[str, int], free: dict[str, int]) -> str:
    """Return what a run takes of a worker: GPU or CPU.

    Args:
        device: as the request names it.
        slots: how many runs the cluster trains at once, of each kind.
        free: how many more.

    Raises:
        DataError: no worker has the device.

    Example:
        >>> resource_for("auto", {"GPU": 1, "CPU": 4}, {"GPU": 0, "CPU": 2})
        'CPU'
    """
    if device.startswith("cuda"):
        if not slots[GPU]:
            raise DataError(f"no worker of the cluster has a GPU for device {device!r}; allowed: auto, cpu")
        return GPU
    wanted = (CPU, GPU) if device == "cpu" else (GPU, CPU)
    there = [name for name in wanted if slots[name]]
    return next((name for name in there if free[name] > 0), there[0])


def _serve(runner: weakref.ref[ClusterRunner], closed: threading.Event) -> None:
    while not closed.wait(TICK) and (present := runner()) is not None:
        present.turn()
        del present
