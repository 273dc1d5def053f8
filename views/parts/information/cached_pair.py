"""One pair of variables, shared by all sessions: each result is computed once for a data set."""

import streamlit as st

from core.errors import DataError
from core.events.spec import DatasetSpec
from core.events.table import EventClass, EventTable
from core.information import PairMap, pair_map, relevance, suitable_bins
from core.information.profile import PairSample, Profile, profile, sample_pair
from views.parts.cached import events_of

MOST_PARTNERS = 40


def counted_events(spec: DatasetSpec, x: str, y: str) -> EventTable:
    """Return the events as a pair counts them: at even odds of signal and background where one of it is the label."""
    events = events_of(spec)
    return events.balanced() if spec.roles.label in (x, y) else events


@st.cache_data(max_entries=64, show_spinner=False)
def suited_bins_of(spec: DatasetSpec, x: str, y: str, classes: tuple[EventClass, ...]) -> int:
    """Return as many bins as the events of every class bear without bias."""
    events = counted_events(spec, x, y)
    return min(suitable_bins(events.of_class(each).n_effective) for each in classes)


@st.cache_data(max_entries=128, show_spinner="Counting the pair")
def pair_of(spec: DatasetSpec, x: str, y: str, event_class: EventClass, bins: int) -> PairMap:
    """Map where two variables share information."""
    return pair_map(counted_events(spec, x, y), x, y, bins=bins, event_class=event_class)


@st.cache_data(max_entries=128, show_spinner="Averaging in bins")
def profile_of(spec: DatasetSpec, x: str, y: str, event_class: EventClass) -> Profile:
    """Average y in bins of x."""
    return profile(counted_events(spec, x, y), x, y, event_class=event_class)


@st.cache_data(max_entries=128, show_spinner="Drawing a sample")
def sample_of(spec: DatasetSpec, x: str, y: str, event_class: EventClass) -> PairSample:
    """Draw a few events, always the same."""
    return sample_pair(counted_events(spec, x, y), x, y, event_class=event_class, rng=0)


@st.cache_data(max_entries=32, show_spinner="Looking for a pair")
def default_pair_of(spec: DatasetSpec, names: tuple[str, ...], event_class: EventClass) -> tuple[str, str]:
    """Return the protected variable, or the first, and the other one that shares most with it in a class."""
    known = [name for name in spec.roles.protected if name in names]
    target = known[0] if known else names[0]
    others = [name for name in names if name not in (target, spec.roles.label)][:MOST_PARTNERS]
    try:
        found = relevance(events_of(spec), others, target, event_class=event_class, bins=16).names
    except DataError:  # too much negative weight somewhere: any pair will do to begin with
        found = ()
    return target, next(iter(found), next(name for name in names if name != target))
