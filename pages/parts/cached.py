"""Results that all sessions share: each is computed once for a data set."""

import streamlit as st

from core.events.histograms import ClassHistogram, class_histogram
from core.events.labels import label_values
from core.events.quality import QualityReport, quality_report
from core.events.samples import Sample, list_samples
from core.events.spec import DatasetSpec, load_events
from core.events.table import EventClass, EventTable
from core.information import InformationMatrix, PairMap, information_matrix, matrix_sentence, pair_map, relevance


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


@st.cache_data(max_entries=32, show_spinner="Counting pairs")
def matrix_of(spec: DatasetSpec, names: tuple[str, ...], event_class: EventClass, bins: int) -> InformationMatrix:
    """Compute the information of every pair."""
    return information_matrix(events_of(spec), names, event_class=event_class, bins=bins)


@st.cache_data(max_entries=64, show_spinner="Counting the pair")
def pair_of(spec: DatasetSpec, x: str, y: str, event_class: EventClass, bins: int) -> PairMap:
    """Map where two variables share information."""
    return pair_map(events_of(spec), x, y, bins=bins, event_class=event_class)


@st.cache_data(max_entries=32, show_spinner="Counting pairs")
def sentence_of(
    spec: DatasetSpec, names: tuple[str, ...], event_class: EventClass, bins: int, *, labelled: bool
) -> str:
    """Say in words what the matrix shows, and which variable tells most about the label."""
    about = relevance(events_of(spec), names, spec.roles.label, bins=bins) if labelled and spec.roles.label else None
    return matrix_sentence(matrix_of(spec, names, event_class, bins), about)
