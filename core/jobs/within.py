"""What is heard of a run within an epoch, and while it reads or is judged: whether it shall stop, how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable

from core.learning.pulse import WHOLE, Listener, Stopped
from core.store.run import Phase
from core.store.store import RunStore

LISTENING = 0.5
"""The store is asked this often, in seconds, whether somebody stopped the run."""
LONG = 1.0
"""An epoch that takes longer, in seconds, tells how far it is; so do reading and judging."""


class Ear:
    """Hear the signs of life of a run: end it when somebody asked for that, and record how far a long epoch is.

    It hears the reading of the events first.

    Args:
        store: where the wish is found, and where to record.
        run: id of the run.
        tell: told of the epochs as well, such as a progress bar.
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
        self._phase: Phase = "reading"
        self._began: float | None = None
        self._warm: tuple[int, float] | None = None

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
        if done and self._warm is None:
            self._warm = done, now
        if now - self._asked < LISTENING:
            return
        self._asked = now
        self._end_if_stopped()
        is_known = of == WHOLE if self._phase == "judging" else of > 0  # what is judged may train something too
        if is_known and self._began is not None and now - self._began >= LONG:
            self._store.reach(self._run, done, of, self._seconds(done, now), self._phase)
            if self._tell is not None and not self._phase:
                self._tell(done, of)

    def begin(self, phase: Phase) -> None:
        """Begin to hear another phase, and record that: a stop of before does not end it.

        Raises:
            StoreError: the store does not answer.
        """
        self._store.reach(self._run, 0, 0, 0.0, phase)
        self._phase = phase
        self._asked, self._began, self._warm = self._clock(), None, None

    def next_epoch(self) -> None:
        """Begin to hear the next epoch.

        Raises:
            Stopped: somebody asked the run to stop.
            StoreError: the store does not answer.
        """
        self._end_if_stopped()
        self._asked, self._began, self._warm = self._clock(), None, None

    def _seconds(self, done: int, now: float) -> float:
        """Return how long as many batches take as are done; the first one, which compiles what computes, left out."""
        if self._warm is None or done <= self._warm[0]:
            return now - (self._began or now)
        return (now - self._warm[1]) * done / (done - self._warm[0])

    def _end_if_stopped(self) -> None:
        if self._store.is_stopping(self._run):
            raise Stopped
