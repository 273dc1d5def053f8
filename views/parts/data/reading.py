"""Reading the events of a data set under a bar: how far it is, how long it takes, and a button that stops it."""

from collections.abc import Callable

import streamlit as st

from core.events.source import inspect_file
from core.events.spec import DatasetSpec, bytes_in_memory
from core.events.table import EventTable
from core.numbers import format_count
from views.parts.cached import are_loaded, events_of
from views.parts.frame.waiting import Slot, Tell, awaited, forget_stop

ONCE_READ = "once-read"
"""What the sidebar of this run draws anew once the events are read."""
QUICK = 2**25
"""Columns of no more than that are read before a bar could be seen [bytes]."""


def is_at_hand(spec: DatasetSpec) -> bool:
    """Return whether the events of a data set are in memory, or are there at once."""
    return are_loaded(spec) or bytes_in_memory(spec) < QUICK


def read_events(spec: DatasetSpec) -> EventTable | None:
    """Return the events of a data set, read under a bar unless they are in memory; None when that was stopped.

    Raises:
        DataError: the events cannot be read.
    """
    if are_loaded(spec):
        return events_of(spec)
    n_events = inspect_file(*spec.files).n_events
    found = awaited(
        Slot(key=_key(spec)),  # the events stay in the memory that all sessions share
        f"Reading {format_count(n_events)} events",
        lambda tell: events_of(spec, _shares(tell)),
        is_quick=bytes_in_memory(spec) < QUICK,
    )
    if found is not None and (tell := st.session_state.get(ONCE_READ)) is not None:
        tell()
    return found


def read_anew(spec: DatasetSpec) -> EventTable | None:
    """Return the events as `read_events` does, also where that was stopped before: somebody asked for them."""
    forget_stop(_key(spec))
    return read_events(spec)


def _key(spec: DatasetSpec) -> str:
    return f"events-{hash(spec.model_dump_json())}"


def _shares(tell: Tell) -> Callable[[int, int], None]:
    return lambda done, total: tell(done / total)
