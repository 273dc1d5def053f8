"""Events and what is told of them, shared by all sessions: each is computed once for a data set."""

from collections.abc import Callable

import streamlit as st

from core.events.allowed import load_allowed, require_allowed_data
from core.events.histograms import ClassHistogram, class_histogram
from core.events.labels import label_values, without_refused_label
from core.events.samples import Sample, list_samples
from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.jobs.loading import SHARED
from core.memory import ByteCache, CacheUse
from core.settings import settings

IDLE_SECONDS = 30 * 60.0
"""Events that nobody looked at for as long leave the memory."""

_BESIDES = 2 * 8 + 1  # bytes an event: two sets of weights and the label, which a table works out when asked


@st.cache_resource(show_spinner=False)
def load_methods() -> None:
    """Import torch once, after the first page is drawn, so that the first training need not wait for it."""
    from core.unlearning.method import METHODS

    METHODS.names()


@st.cache_data
def samples() -> tuple[Sample, ...]:
    """List the samples that ship with the program."""
    return list_samples()


@st.cache_resource(show_spinner=False)
def _tables() -> ByteCache[str, EventTable]:
    return ByteCache(settings().cache_bytes, _n_bytes, idle_seconds=IDLE_SECONDS)


def events_of(spec: DatasetSpec, report: Callable[[int, int], None] | None = None) -> EventTable:
    """Load a data set, unless its events are in memory; report the events read so far and those of the file."""
    return _tables().get(spec.model_dump_json(), lambda: SHARED.keep(spec, lambda: load_allowed(spec, report)))


def are_loaded(spec: DatasetSpec) -> bool:
    """Return whether the events of a data set are in memory."""
    return spec.model_dump_json() in _tables()


def events_in_memory() -> CacheUse:
    """Return how much memory the events of all sessions take, and how much they may."""
    return _tables().use


def _n_bytes(events: EventTable) -> int:
    return sum(values.nbytes for values in events.columns.values()) + events.n_events * _BESIDES


@st.cache_data(max_entries=256, show_spinner=False)
def histogram_of(spec: DatasetSpec, name: str) -> ClassHistogram:
    """Histogram one column, signal beside background; all events where the label does not tell them apart."""
    return class_histogram(without_refused_label(events_of(spec)), name)


@st.cache_data(max_entries=64, show_spinner="Reading the label")
def label_values_of(path: str, column: str, background: str | None = None) -> dict[str | float, int]:
    """Count the values of the label column."""
    require_allowed_data(DatasetSpec(path=path, background=background))
    return label_values(path, column, background)
