"""The events of runs, read once for all that train on them, or look at them on a page, at the same time."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable

from core.errors import DataError
from core.events.readers._pieces import is_address
from core.events.source import files_of
from core.events.spec import DatasetSpec, load_events
from core.events.table import EventTable
from core.learning.pulse import sign_of_life

MOST_FILES = 10_000
Loader = Callable[[DatasetSpec], EventTable]


def load_with_signs(spec: DatasetSpec) -> EventTable:
    """Read the events of a run, with a sign of life after each batch of them."""
    return load_events(spec, report=sign_of_life)


class SharedLoader:
    """Read events, or return those that another run on the same files still holds: a baseline beside its method.

    Nothing is kept for later: the events go with the last run that holds them. Those of an address are read anew.

    Args:
        load: reads events.
    """

    def __init__(self, load: Loader = load_with_signs) -> None:
        self._load, self._lock = load, threading.Lock()
        self._held: weakref.WeakValueDictionary[object, EventTable] = weakref.WeakValueDictionary()

    def __call__(self, spec: DatasetSpec) -> EventTable:
        """Return the events of a specification."""
        key = _state_of(spec)
        with self._lock:
            found = self._held.get(key)
        if found is not None:
            return found
        return self._load(spec) if key is None else self.keep(spec, lambda: self._load(spec))

    def keep(self, spec: DatasetSpec, load: Callable[[], EventTable]) -> EventTable:
        """Read events, such as for a page, and let runs that begin while somebody holds them have the same ones.

        Args:
            spec: of the events.
            load: reads them.
        """
        key = _state_of(spec)  # of before: a file that changes meanwhile is read anew
        events = load()
        if key is None:
            return events
        with self._lock:
            return self._held.setdefault(key, events)


def _state_of(spec: DatasetSpec) -> object | None:
    """Return what tells events and states of their files apart; None for an address, or too many files to look at."""
    if any(is_address(path) for path in spec.files):
        return None
    try:
        states = [(str(file), file.stat()) for path in spec.files for file in files_of(path)]
    except (DataError, OSError):  # which reading says in words
        return None
    if len(states) > MOST_FILES:
        return None
    return (spec.model_dump_json(), *((name, s.st_mtime_ns, s.st_size, s.st_ino) for name, s in states))


SHARED = SharedLoader()
"""The events that this program's pages and runs hold."""
