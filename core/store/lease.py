"""Which program has a run, and how another one tells that it ended."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import psutil
from sqlalchemy import Row

from core.errors import DataError

log = logging.getLogger(__name__)

BEAT = 10.0
"""A program gives a sign of life this often, in seconds."""
LEASE = 60.0
"""A program of another machine that was silent for so many seconds has ended."""
LONGEST_STEP = 2 * BEAT
"""More than this from one look to the next does not count as silence: the looking program may have been asleep."""
PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """Name one process for good: numbers are given again, and containers number theirs alike.

    Args:
        host: machine, its boot and its namespace of process numbers.
        number: process number there.
        born: when it started, in that machine's own terms.
    """

    host: str
    number: int
    born: str


def this_process() -> Process:
    """Return the process that asks."""
    return _named(os.getpid())


@cache
def _named(number: int) -> Process:
    host = socket.gethostname()
    try:
        boot = PROC.joinpath("sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        host = f"{host}/{boot[:8]}/{PROC.joinpath('self/ns/pid').readlink()}"
    except OSError as problem:
        log.debug("this system tells neither its boot nor its namespace: %s", problem)
    return Process(host, number, born(number) or "")


def born(number: int) -> str | None:
    """Return when a process of this machine started, in its own terms; empty when it hides that, None without one."""
    try:
        os.kill(number, 0)
    except PermissionError:
        log.debug("process %d is another user's", number)
    except (ProcessLookupError, OverflowError):
        return None
    try:
        if not PROC.joinpath("self/stat").exists():
            return str(psutil.Process(number).create_time())
        state, *rest = PROC.joinpath(str(number), "stat").read_text().rpartition(")")[2].split()
    except (OSError, psutil.Error):
        return ""
    return None if state in "ZX" else rest[18]


class Alive(Protocol):
    """Something that gives signs of life."""

    def beat(self) -> None:
        """Give one."""


class Heart:
    """Let something give a sign of life every ``BEAT`` seconds, from its first start until it is gone.

    Args:
        body: what lives; it is not kept alive by this.
    """

    def __init__(self, body: Alive) -> None:
        self._body = weakref.ref(body)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    def start(self) -> None:
        """Start, unless it beats already."""
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._beat, name="run-store-beat", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Stop for good, when the last beat is over; one that finds no answer is not waited for."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(BEAT)

    def _beat(self) -> None:
        while not self._stopped.wait(BEAT) and (body := self._body()) is not None:
            try:
                body.beat()
            except DataError as problem:
                log.warning("no sign of life could be given: %s", problem)
            del body


class Watch:
    """Tell which programs of other machines fell silent, by this machine's steady clock alone.

    A program counts up its beats; one whose count does not change while it is watched for a minute has ended. So no
    clock of any machine has to be right, and none may jump.

    Args:
        clock: returns the time in seconds, never going back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = clock()
        self._seen: dict[str, tuple[int, float]] = {}

    def silent(self, beats: Mapping[str, int]) -> set[str]:
        """Look once, and return the runs whose programs were silent for ``LEASE`` seconds.

        Args:
            beats: run → count of beats of its program; runs that are left out are forgotten.
        """
        now = self._clock()
        passed, self._last = min(now - self._last, LONGEST_STEP), now
        seen = {}
        for run, beat in beats.items():
            before, quiet = self._seen.get(run, (None, 0.0))
            seen[run] = (beat, quiet + passed if beat == before else 0.0)
        self._seen = seen
        return {run for run, (_, quiet) in seen.items() if quiet >= LEASE}


def orphans(rows: list[Row[Any]], me: Process, watch: Watch) -> list[Row[Any]]:
    """Return the runs among rows of live ones whose programs ended.

    A program of this machine is looked up by number and start; one of another machine, or of another container, has
    its beats watched. Runs of programs that kept no lease have a number only: this process has taken the number over.
    """
    silent = watch.silent({row.id: row.beat for row in rows if row.host not in ("", me.host)})

    def ended(row: Row[Any]) -> bool:
        if not row.host:
            return row.process == me.number or born(row.process) is None
        return born(row.process) not in (row.born, "") if row.host == me.host else row.id in silent

    return [row for row in rows if ended(row)]
