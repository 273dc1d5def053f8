"""A run on a worker: it trains as a thread of the server would, and tells the server instead of a run store.

Only the server writes to the run store and to the folders of runs. A worker sends each epoch, each state from which the
run can be continued and at the end the files through a queue of the scheduler, and hears from the server through
another one: whether to begin and from which state, whether to stop, and that the server is still there.
"""

from __future__ import annotations

import logging
import secrets
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from core.cluster.client import require_same_program
from core.cluster.data import Look, chunks, find, kept_at
from core.jobs.loading import load_with_signs
from core.store.run import Phase, Run, Status
from core.store.store import RunStore, StoreError

if TYPE_CHECKING:
    from dask.typing import Key
    from distributed import Worker

CHUNK = 1 << 20
"""Files travel in messages of so many bytes."""
MOST_WAITING = 128
"""Messages that wait for the server; a worker with more to say waits until some were taken."""
SILENCE = 60.0
"""A server from which nothing was heard for so many seconds has ended; its run is another program's."""
LISTEN = 0.5
"""A worker listens this often, in seconds."""
SENDING = 0.02
"""Sending states takes at most this share of the time from one to the next."""

log = logging.getLogger(__name__)


def train(version: str, run: Run, post: str, look: Look | None) -> None:
    """Work through a run on a worker.

    Args:
        version: of the program that asks.
        run: claimed by the server.
        post: name of the server's queue.
        look: what the server saw of the data.

    Raises:
        DataError: this worker runs another version of the program.
        StoreError: the server ended, or another worker has the run.
    """
    from distributed import get_worker

    from core.jobs.work import work_through

    require_same_program(version)
    worker = get_worker()
    store, key = Path(worker.local_directory), worker.get_current_task()
    line = Line(run.id, post, lambda: is_left(worker, key))
    try:
        with tempfile.TemporaryDirectory(dir=store, prefix="infoscope-run-") as place:
            folder = Path(place) / run.id
            folder.mkdir()
            path = find(look, run.request.dataset.path, store)
            line.say("hello", sees=path is not None)
            line.wait_for_go(folder, None if look is None else kept_at(look, store))
            path = path or find(look, run.request.dataset.path, store)
            if path is None:
                raise StoreError(f"run {run.id}: the data did not arrive")
            told = cast(RunStore, ToldStore(line, folder))
            work_through(told, run, folder, load=lambda spec: load_with_signs(spec.model_copy(update={"path": path})))
    finally:
        line.close()


def is_left(worker: Worker, key: Key) -> bool:
    """Return whether nobody waits any more for a task that a worker still does: its server ended or left it."""
    task = worker.state.tasks.get(key)
    return task is None or task.state == "cancelled"


class Line:
    """The worker's end of both queues of a run.

    Args:
        run: id of the run.
        post: name of the server's queue.
        is_left: returns whether the server ended or left the run.
    """

    def __init__(self, run: str, post: str, is_left: Callable[[], bool]) -> None:
        from distributed import Queue, get_client

        self._run, self._attempt, self._is_left = run, secrets.token_hex(6), is_left
        client = get_client()
        self._up = Queue(post, client=client, maxsize=MOST_WAITING)
        self._down = Queue(f"{post}-{self._attempt}", client=client)
        self._heard = self._listened = time.monotonic()
        self.stopping = False

    def say(self, kind: str, **words: Any) -> None:
        """Send a message.

        Raises:
            StoreError: the server took none for a minute.
        """
        message = {"run": self._run, "attempt": self._attempt, "kind": kind, **words}
        try:
            self._up.put(message, timeout=SILENCE)
        except (TimeoutError, OSError) as problem:
            raise StoreError(f"run {self._run}: the server takes no messages: {problem}") from problem

    def send(self, path: Path) -> None:
        """Send a file."""
        for data, last in chunks(path, CHUNK):
            self.say("file", name=path.name, data=data, last=last)

    def wait_for_go(self, folder: Path, data: Path | None) -> None:
        """Wait until the server says to begin, and write what it sends: a state to continue from, the data.

        Raises:
            StoreError: the server has given the run to another worker, or does not answer.
        """
        while True:
            for message in self._hear():
                if message["kind"] == "go":
                    return
                if message["kind"] == "file":
                    _append(folder / message["name"], message["data"])
                if message["kind"] == "data" and data is not None:
                    self._keep(data, message)
            time.sleep(LISTEN / 5)

    def listen(self) -> None:
        """Hear what the server has to say, from time to time.

        Raises:
            StoreError: the server has given the run to another worker, or ended.
        """
        if time.monotonic() - self._listened >= LISTEN:
            self._hear()

    def close(self) -> None:
        """Leave both queues."""
        self._up.close()
        self._down.close()

    def _hear(self) -> Sequence[dict[str, Any]]:
        if self._is_left():
            raise StoreError(f"run {self._run}: its server ended or left it")
        messages = cast(Sequence[dict[str, Any]], self._down.get(batch=True))
        self._listened = time.monotonic()
        if messages:
            self._heard = self._listened
        kinds = {message["kind"] for message in messages}
        self.stopping = self.stopping or "stop" in kinds
        if "leave" in kinds:
            raise StoreError(f"run {self._run} is no longer this worker's")
        if self._listened - self._heard > SILENCE:
            raise StoreError(f"run {self._run}: nothing was heard of the server for {SILENCE:g} s")
        return messages

    def _keep(self, data: Path, message: Mapping[str, Any]) -> None:
        """Write a piece of the data to a draft, which takes its place when all has come."""
        draft = data.with_name(f".{self._attempt}")
        _append(draft / message["name"] if message["folder"] else draft, message["data"])
        if message["done"] and not data.exists():
            draft.rename(data)


class ToldStore:
    """What a run says to its store, said to the server.

    Args:
        line: to the server.
        folder: of the run on this worker.
    """

    def __init__(self, line: Line, folder: Path) -> None:
        self._line, self._folder = line, folder
        self._sent: tuple[int, int] | None = self._state()
        self._next = 0.0
        self._is_judged = False

    def record(self, run_id: str, epoch: int, scalars: Mapping[str, float], view: str | None = None) -> None:
        """Send an epoch."""
        plain = {name: float(value) for name, value in scalars.items()}
        self._line.say("record", epoch=int(epoch), scalars=plain, view=view)

    def begin_anew(self, run_id: str, remark: str) -> None:
        """Send that the run began anew, and why."""
        self._line.say("anew", remark=remark)

    def reach(self, run_id: str, batch: int, batches: int, seconds: float = 0.0, phase: Phase = "") -> None:
        """Send how far the present epoch is, or what the run does besides."""
        self._is_judged = phase == "judging"
        self._line.say("reach", batch=int(batch), batches=int(batches), seconds=seconds, phase=phase)

    def is_stopping(self, run_id: str) -> bool:
        """Send the state of the run where there is a new one, and return whether someone asked it to stop."""
        start = time.monotonic()
        if (state := self._state()) not in (None, self._sent) and start >= self._next:
            self._line.send(self._path)
            end = time.monotonic()
            self._sent, self._next = state, end + (end - start) / SENDING
        self._line.listen()
        return self._line.stopping and not self._is_judged  # a stop of the training is not one of its judging

    def finish(
        self,
        run_id: str,
        status: Status,
        *,
        error: str = "",
        remarks: Sequence[str] = (),
        headline: Mapping[str, float] | None = None,
        result: str | None = None,
    ) -> None:
        """Send the files of the run, then how it ended."""
        if result is not None:
            for path in sorted(self._folder.iterdir()):
                if path.is_file() and path != self._path:
                    self._line.send(path)
        plain = {name: float(value) for name, value in (headline or {}).items()}
        self._line.say("finish", status=status, error=error, remarks=list(remarks), headline=plain, result=result)

    @property
    def _path(self) -> Path:
        from core.jobs.restarts import RESTART

        return self._folder / RESTART

    def _state(self) -> tuple[int, int] | None:
        """Return what tells the present state from the one before; None where there is none."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino


def _append(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(data)
