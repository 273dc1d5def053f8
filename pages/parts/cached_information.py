"""Information between variables, shared by all sessions: each is computed once for a data set."""

import streamlit as st

from core.events.spec import DatasetSpec
from core.events.table import EventClass
from core.information import (
    InformationMatrix,
    PairMap,
    information_matrix,
    matrix_sentence,
    pair_map,
    relevance,
    suitable_bins,
)
from pages.parts.cached import events_of


@st.cache_data(max_entries=32, show_spinner=False)
def bins_of(spec: DatasetSpec, event_class: EventClass) -> int:
    """Return as many bins as the events of a class bear without bias."""
    return suitable_bins(events_of(spec).of_class(event_class).n_effective)


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
    about = None
    if labelled and spec.roles.label:
        usable = [name for name in names if name not in spec.roles.protected]
        about = relevance(events_of(spec), usable, spec.roles.label, bins=bins)
    return matrix_sentence(matrix_of(spec, names, event_class, bins), about)
