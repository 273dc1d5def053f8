"""One pair of variables, shared by all sessions: each result is computed once for a data set."""

from collections.abc import Callable
from itertools import product

import streamlit as st

from core.errors import DataError
from core.events.spec import DatasetSpec
from core.events.table import EventClass, EventTable
from core.information import PairMap, pair_map, relevance, suitable_bins
from core.information.profile import PairSample, Profile, profile, sample_pair
from views.parts.cached import events_of
from views.parts.frame.waiting import Slot, Tell, awaited
from views.parts.information.cached_information import n_effective_of

MOST_PARTNERS = 40
QUICK_EVENTS = 1_000_000
"""A pair of fewer events is counted before a bar could be read."""


def counted_events(spec: DatasetSpec, x: str, y: str) -> EventTable:
    """Return the events as a pair counts them: at even odds of signal and background where one of it is the label."""
    events = events_of(spec)
    return events.balanced() if spec.roles.label in (x, y) else events


def suited_bins_of(spec: DatasetSpec, x: str, y: str, classes: tuple[EventClass, ...]) -> int:
    """Return as many bins as the events of every class bear without bias."""
    is_even = spec.roles.label in (x, y)
    return min(suitable_bins(n_effective_of(spec, each, at_even_odds=is_even)) for each in classes)


@st.cache_data(max_entries=128, show_spinner=False)
def pair_of(spec: DatasetSpec, x: str, y: str, event_class: EventClass, bins: int) -> PairMap:
    """Map where two variables share information."""
    return pair_map(counted_events(spec, x, y), x, y, bins=bins, event_class=event_class)


@st.cache_data(max_entries=128, show_spinner=False)
def profile_of(spec: DatasetSpec, x: str, y: str, event_class: EventClass) -> Profile:
    """Average y in bins of x."""
    return profile(counted_events(spec, x, y), x, y, event_class=event_class)


@st.cache_data(max_entries=128, show_spinner=False)
def sample_of(spec: DatasetSpec, x: str, y: str, event_class: EventClass) -> PairSample:
    """Draw a few events, always the same."""
    return sample_pair(counted_events(spec, x, y), x, y, event_class=event_class, rng=0)


@st.cache_resource(max_entries=64, show_spinner=False)
def _pairs(
    spec: DatasetSpec, x: str, y: str, classes: tuple[EventClass, ...], bins: int
) -> Slot[list[tuple[PairMap, PairSample, Profile]]]:
    return Slot()


def pairs_of(
    spec: DatasetSpec, x: str, y: str, classes: tuple[EventClass, ...], bins: int
) -> list[tuple[PairMap, PairSample, Profile]] | None:
    """Count, sample and average a pair in every class, under a bar where that takes long; None when it was stopped."""
    steps: list[Callable[[EventClass], object]] = [
        lambda each: pair_of(spec, x, y, each, bins),
        lambda each: sample_of(spec, x, y, each),
        lambda each: profile_of(spec, x, y, each),
    ]

    def work(tell: Tell) -> list[tuple[PairMap, PairSample, Profile]]:
        for k, (each, step) in enumerate(product(classes, steps)):
            tell(k / (len(classes) * len(steps)))
            step(each)
        return [
            (pair_of(spec, x, y, each, bins), sample_of(spec, x, y, each), profile_of(spec, x, y, each))
            for each in classes
        ]

    is_quick = events_of(spec).n_events < QUICK_EVENTS
    return awaited(_pairs(spec, x, y, classes, bins), "Counting the pair", work, is_quick=is_quick)


@st.cache_resource(max_entries=32, show_spinner=False)
def _default_pairs(spec: DatasetSpec, names: tuple[str, ...], event_class: EventClass) -> Slot[tuple[str, str]]:
    return Slot()


def default_pair_of(spec: DatasetSpec, names: tuple[str, ...], event_class: EventClass) -> tuple[str, str] | None:
    """Return the protected variable, or the first, and the other one that shares most with it in a class.

    Many events are counted under a bar; None when that was stopped.
    """
    known = [name for name in spec.roles.protected if name in names]
    target = known[0] if known else names[0]
    others = [name for name in names if name not in (target, spec.roles.label)][:MOST_PARTNERS]

    def work(tell: Tell) -> tuple[str, str]:
        try:
            found = relevance(events_of(spec), others, target, event_class=event_class, bins=16, progress=tell).names
        except DataError:  # too much negative weight somewhere: any pair will do to begin with
            found = ()
        return target, next(iter(found), next(name for name in names if name != target))

    is_quick = events_of(spec).n_events < QUICK_EVENTS
    return awaited(_default_pairs(spec, names, event_class), "Looking for a pair", work, is_quick=is_quick)
