"""What is heard of a run within an epoch: whether it shall stop, and how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable

from core.learning.pulse import Listener, Stopped
from core.store.store import RunStore

LISTENING = 0.5
"""The store is asked this often, in seconds, whether somebody stopped the run."""
LONG = 1.0
"""An epoch that takes longer, in seconds, tells how far it is."""


class Ear:
    """Hear the signs of life of a training: end it when somebody asked for that, and record how far a long epoch is.

    Args:
        store: where the wish is found, and where to record.
        run: id of the run.
        tell: told as well, such as a progress bar.
        is_left: whether the program shall end; what trains in a thread hears nothing of the keyboard itself.
        clock: returns the time in seconds, never going back.
    """

    def __init__(
        self,
        store: RunStore,
        run: str,
        tell: Listener | None = None,
        is_left: Callable[[], bool] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._run, self._tell, self._is_left, self._clock = store, run, tell, is_left, clock
        self._asked = clock()
        self._began: float | None = None

    def __call__(self, done: int, of: int) -> None:
        """Hear a sign of life.

        Raises:
            Stopped: somebody asked the run to stop.
            KeyboardInterrupt: the program shall end.
            StoreError: the store does not answer.
        """
        if self._is_left is not None and self._is_left():
            raise KeyboardInterrupt
        now = self._clock()
        if of and self._began is None:
            self._began = now
        if now - self._asked < LISTENING:
            return
        self._asked = now
        self._end_if_stopped()
        if of and self._began is not None and (seconds := now - self._began) >= LONG:
            self._store.reach(self._run, done, of, seconds)
            if self._tell is not None:
                self._tell(done, of)

    def next_epoch(self) -> None:
        """Begin to hear the next epoch.

        Raises:
            Stopped: somebody asked the run to stop.
            StoreError: the store does not answer.
        """
        self._end_if_stopped()
        self._asked, self._began = self._clock(), None

    def _end_if_stopped(self) -> None:
        if self._store.is_stopping(self._run):
            raise Stopped
