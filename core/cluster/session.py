"""The server's side of one run on a worker: what the worker says goes to the run store and to the run's folder."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cluster.data import Look, chunks, require_sendable
from core.cluster.remote import CHUNK, SILENCE
from core.errors import DataError
from core.jobs.files import whole_folder, write_whole
from core.jobs.restarts import RESTART
from core.store.store import Run, RunStore

if TYPE_CHECKING:
    from distributed import Client, Future, Queue

ALIVE = SILENCE / 4
"""The server says this often, in seconds, that it is there."""
log = logging.getLogger(__name__)


class Session:
    """Follow one run, whichever worker has it.

    When a worker is lost, the scheduler gives the run to another one, which says hello anew: it gets the newest state,
    and what the lost one may still say is no longer heard. An epoch that comes a second time replaces the first.

    Args:
        client: connected to the scheduler.
        store: the run store.
        run: claimed by this program.
        folder: the run's own.
        look: what this machine sees of the data.
        future: the task.
        resource: what of a worker the run takes: CPU or GPU.
        post: name of this server's queue.
    """

    def __init__(
        self,
        client: Client,
        store: RunStore,
        run: Run,
        folder: Path,
        look: Look | None,
        future: Future[Any],
        resource: str,
        post: str,
    ) -> None:
        self.run, self.future, self.resource = run, future, resource
        self._client, self._store, self._folder, self._look, self._post = client, store, folder, look, post
        self._attempt = ""
        self._down: Queue | None = None
        self._said = 0.0
        self._told_to_stop = False
        self._incoming: Path | None = None
        self.ended = False

    def take(self, message: Mapping[str, Any]) -> None:
        """Do what a message of a worker asks for.

        Raises:
            DataError: the store, the disk or the data do not allow it.
        """
        if message["kind"] == "hello":
            self._greet(message["attempt"], sees=message["sees"])
        elif message["attempt"] != self._attempt or self.ended:
            log.info("run %s: a worker that was thought lost still speaks", self.run.id)
        elif message["kind"] == "record":
            self._store.record(self.run.id, message["epoch"], message["scalars"], message["view"])
        elif message["kind"] == "anew":
            self._store.begin_anew(self.run.id, message["remark"])
        elif message["kind"] == "reach":
            done = message["batch"], message["batches"], message["seconds"], message["phase"]
            self._store.reach(self.run.id, *done)
        elif message["kind"] == "file":
            self._receive(message["name"], message["data"], last=message["last"])
        elif message["kind"] == "finish":
            self._finish(message)

    def look_after(self) -> None:
        """Pass on a user's wish to stop, and say from time to time that this program is there."""
        if self._down is None:
            if self._store.is_stopping(self.run.id):  # no worker has begun it
                self.leave()
                self._store.finish(self.run.id, "stopped")
            return
        if not self._told_to_stop and self._store.is_stopping(self.run.id):
            self._told_to_stop = True
            self._tell("stop")
        if time.monotonic() - self._said > ALIVE:
            self._tell("alive")

    def leave(self) -> None:
        """Have nothing more to do with the run: its worker leaves it, its task is cancelled."""
        self.ended = True
        if self._down is not None:
            self._tell("leave")
        self._close()
        self._client.cancel([self.future], force=True)

    def forget(self) -> None:
        """Have nothing more to do with the run, whose scheduler is gone."""
        self.ended, self._down = True, None
        self._close()

    def _greet(self, attempt: str, *, sees: bool) -> None:
        """Hear a worker from now on, and send it what it lacks: a state to continue from, the data."""
        from distributed import Queue

        if self._attempt:
            log.warning("run %s: its worker was lost; another one goes on", self.run.id)
        self._close()
        self._attempt, self._told_to_stop = attempt, False
        self._down = Queue(f"{self._post}-{attempt}", client=self._client)
        if not sees and self._look is not None:
            self._send_data(self._look)
        if (state := self._folder / RESTART).exists():
            for data, _ in chunks(state, CHUNK):
                self._tell("file", name=RESTART, data=data)
        self._tell("go")

    def _send_data(self, look: Look) -> None:
        require_sendable(look)
        for name in look.files:
            for data, last in chunks(look.file(name), CHUNK):
                done = last and name == look.files[-1]
                self._tell("data", name=name, folder=look.is_folder, data=data, done=done)

    def _receive(self, name: str, data: bytes, *, last: bool) -> None:
        if Path(name).name != name or name.startswith("."):
            raise DataError(f"a worker sent a file called {name!r}; allowed: a plain name")
        if self._incoming is None:
            self._incoming = self._folder.with_name(f".incoming-{self._folder.name}")
            shutil.rmtree(self._incoming, ignore_errors=True)  # of a server that was killed
            self._incoming.mkdir(parents=True)
        path = self._incoming / name
        with path.open("ab") as file:
            file.write(data)
        if last and name == RESTART:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._folder / RESTART, path.read_bytes())
            path.unlink()

    def _finish(self, message: Mapping[str, Any]) -> None:
        """Put the files in their place, then record how the run ended."""
        if self._incoming is not None and message["result"] is not None:
            with whole_folder(self._folder) as draft:
                for path in self._incoming.iterdir():
                    shutil.move(path, draft / path.name)
        else:
            (self._folder / RESTART).unlink(missing_ok=True)
        self._store.finish(
            self.run.id,
            message["status"],
            error=message["error"],
            remarks=message["remarks"],
            headline=message["headline"],
            result=message["result"],
        )
        self.ended = True
        self._close()

    def _tell(self, kind: str, **words: Any) -> None:
        if self._down is not None:
            self._down.put({"kind": kind, **words}, timeout=SILENCE)
            self._said = time.monotonic()

    def _close(self) -> None:
        if self._down is not None:
            self._down.close()
            self._down = None
        if self._incoming is not None:
            shutil.rmtree(self._incoming, ignore_errors=True)
            self._incoming = None
