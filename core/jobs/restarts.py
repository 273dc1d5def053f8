"""The state of a running training on disk, from which another process continues it."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.errors import DataError
from core.events.table import EventTable
from core.jobs.files import write_whole
from core.jobs.manifest import versions
from core.jobs.task import TASKS
from core.learning.snapshot import Checkpoint, Snapshot
from core.learning.state import State
from core.store.request import portable_request
from core.store.store import Run

RESTART = "restart.safetensors"
RESTART_SECONDS = 2.0
"""The first state is written when a training has taken so long, and states are at least so far apart."""
SAVING = 0.02
"""Saving states takes at most this share of the time from one to the next."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kept:
    """Hold what was kept of a training that did not end.

    Args:
        epoch: completed epochs.
        state: from which it continues.
        checkpoint: the best network until then.
        remarks: what a user must know of it until then.
    """

    epoch: int
    state: State
    checkpoint: Checkpoint
    remarks: tuple[str, ...]


class Restarts:
    """Keep the newest state of a run in its folder, rarely enough that it costs the training little.

    After a state that took t, the next is not before 2 s and not before t / 0.02 have passed; the time of the first one
    does not count, since it loads what all later ones need. A state that cannot be written does not end the training:
    ``remarks`` says what a crash would cost.

    Args:
        folder: the run's own.
        tell: told why a training begins anew, when it does.
        clock: returns the time in seconds, never going back.
    """

    def __init__(
        self, folder: Path, tell: Callable[[str], None] | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._path, self._tell, self._clock = folder / RESTART, tell, clock
        self._key: Callable[[], Mapping[str, str]] = dict
        self._next = clock() + RESTART_SECONDS
        self._refusal = self._unwritten = ""
        self._is_warm = False
        self.kept: Kept | None = None

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return why a training began anew, and why it could not be continued if it ended now."""
        return tuple(each for each in (self._refusal, self._unwritten) if each)

    @property
    def are_kept(self) -> bool:
        """Return whether there is a state from which the training can be continued."""
        return self._path.exists()

    def read(self, key: Callable[[], Mapping[str, str]]) -> None:
        """Look for the state of a process that ended, and keep it if it is one of the same training.

        Args:
            key: returns what must be the same for a state to be continued, by name of what it is.
        """
        self._key = cache(key)
        if not self._path.exists():
            return
        from core.jobs.states import from_bytes  # imports torch, which whoever only queues runs need not wait for

        try:
            found = from_bytes(self._path.read_bytes())
            changed = [name for name, value in self._key().items() if found["key"].get(name) != value]
            kept = Kept(found["epoch"], found["state"], found["checkpoint"], found["remarks"])
            began_anew = str(found.get("began anew", ""))
        except Exception as problem:  # whatever a broken file holds, the training can begin anew
            log.warning("%s cannot be read: %s", self._path, problem)
            self.discard("its saved state cannot be read")
            return
        if changed:
            self.discard(f"{' and '.join(changed)} changed since")
        else:
            self.kept, self._refusal = kept, began_anew
            log.info("%s: the training continues after epoch %d", self._path, kept.epoch)

    def discard(self, reason: str) -> None:
        """Do without the state that was found, and say why; it is removed, since nothing can go on from it."""
        self.kept = None
        self._refusal = f"the training was interrupted and began anew: {reason}"
        log.warning("%s is not used: %s", self._path, self._refusal)
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
        if self._tell is not None:
            self._tell(self._refusal)

    def offer(self, snapshot: Snapshot[Any], checkpoint: Checkpoint) -> None:
        """Write the state of a snapshot if it is time for one."""
        start = self._clock()
        if start < self._next or not (state := snapshot.state()):
            return
        from core.jobs.states import to_bytes

        kept = {"epoch": snapshot.epoch, "state": state, "checkpoint": dict(checkpoint), "remarks": snapshot.remarks}
        try:
            write_whole(self._path, to_bytes({"key": dict(self._key()), "began anew": self._refusal, **kept}))
            self._unwritten = ""
        except DataError as problem:
            log.warning("%s", problem)
            self._unwritten = f"if the program had ended, this training would have been lost: {problem}"
        end = self._clock()
        self._next = end + max(RESTART_SECONDS, (end - start) / SAVING if self._is_warm else 0.0)
        self._is_warm = True

    def remove(self) -> None:
        """Remove the state of a run that ended, and its folder if that holds nothing else."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
            self._path.parent.rmdir()


def key_of(run: Run, events: EventTable) -> dict[str, str]:
    """Return what must be the same for a state to be continued, by name of what it is."""
    return {
        "what was asked for": portable_request(run.request).model_dump_json(),
        "the options": json.dumps(dict(TASKS[run.request.task].item.check(run.request)), sort_keys=True),
        "the data": events.fingerprint,
        "the program or its libraries": json.dumps(versions(), sort_keys=True),
    }
