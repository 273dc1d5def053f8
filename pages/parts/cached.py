"""Events and what is told of them, shared by all sessions: each is computed once for a data set."""

import streamlit as st

from core.events.histograms import ClassHistogram, class_histogram
from core.events.labels import label_values
from core.events.quality import QualityReport, quality_report
from core.events.samples import Sample, list_samples
from core.events.spec import DatasetSpec, load_events
from core.events.table import EventTable


@st.cache_resource(show_spinner=False)
def load_methods() -> None:
    """Import torch once, after the first page is drawn, so that the first training need not wait for it."""
    from core.unlearning.method import METHODS

    METHODS.names()


@st.cache_data
def samples() -> tuple[Sample, ...]:
    """List the samples that ship with the program."""
    return list_samples()


@st.cache_resource(max_entries=4, show_spinner="Reading the events")
def events_of(spec: DatasetSpec) -> EventTable:
    """Load a data set."""
    return load_events(spec)


@st.cache_data(max_entries=256, show_spinner=False)
def histogram_of(spec: DatasetSpec, name: str) -> ClassHistogram:
    """Histogram one column, signal beside background."""
    return class_histogram(events_of(spec), name)


@st.cache_data(max_entries=16, show_spinner="Looking for what is odd")
def quality_of(spec: DatasetSpec) -> QualityReport:
    """Look for what is odd about the events."""
    return quality_report(events_of(spec))


@st.cache_data(max_entries=64, show_spinner="Reading the label")
def label_values_of(path: str, column: str) -> dict[str | float, int]:
    """Count the values of the label column."""
    return label_values(path, column)
