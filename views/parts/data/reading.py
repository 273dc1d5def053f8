"""Reading the events of a data set under a bar: how far it is, how long it takes, and a button that stops it."""

from collections.abc import Callable

import streamlit as st

from core.events.histograms import ClassHistogram
from core.events.quality import QualityReport, quality_report
from core.events.source import inspect_file
from core.events.spec import DatasetSpec, bytes_in_memory
from core.events.table import EventTable
from core.numbers import format_count
from views.parts.cached import are_loaded, events_of, histogram_of
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


@st.cache_resource(max_entries=16, show_spinner=False)
def _qualities(spec: DatasetSpec) -> Slot[QualityReport]:
    return Slot()


def quality_of(spec: DatasetSpec) -> QualityReport | None:
    """Look for what is odd about the events, under a bar where that takes long; None when it was stopped.

    Raises:
        DataError: the events cannot be read.
    """
    events = read_events(spec)
    if events is None:
        return None
    return awaited(
        _qualities(spec),
        f"Looking for what is odd about {format_count(events.n_events)} events",
        lambda tell: quality_report(events, _shares(tell)),
        is_quick=bytes_in_memory(spec) < QUICK,
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def _histograms(spec: DatasetSpec, names: tuple[str, ...]) -> Slot[list[ClassHistogram]]:
    return Slot()


def histograms_of(spec: DatasetSpec, names: tuple[str, ...]) -> list[ClassHistogram] | None:
    """Histogram some columns, signal beside background, under a bar where that takes long; None when it was stopped.

    Raises:
        DataError: the events cannot be read.
    """
    if read_events(spec) is None:
        return None

    def work(tell: Tell) -> list[ClassHistogram]:
        found = []
        for k, name in enumerate(names):
            tell(k / len(names))
            found.append(histogram_of(spec, name))
        return found

    words = f"Counting {len(names)} variables"
    return awaited(_histograms(spec, names), words, work, is_quick=bytes_in_memory(spec) < QUICK)


def _key(spec: DatasetSpec) -> str:
    return f"events-{hash(spec.model_dump_json())}"


def _shares(tell: Tell) -> Callable[[int, int], None]:
    return lambda done, total: tell(done / total)
