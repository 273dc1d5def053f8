"""Rankings and maps of variables, shared by all sessions: each is computed once for a data set."""

import time

import streamlit as st

from core.events.spec import DatasetSpec
from core.events.table import EventClass
from core.information.class_divergences import Divergence, class_divergences
from core.information.estimate import suitable_bins
from core.information.geometry import Geometry, geometry
from core.information.ranking import JointInformation, Scoreboard, nested_bounds, scoreboard
from core.information.relevance import Relevance, relevance
from views.parts.cached import events_of
from views.parts.words import duration


@st.cache_data(max_entries=32, show_spinner=False)
def suited_bins_of(spec: DatasetSpec) -> int:
    """Return as many bins as both bear: the events at even odds, which tell of the label, and background."""
    events = events_of(spec)
    return suitable_bins(min(events.balanced().n_effective, events.of_class("background").n_effective))


@st.cache_data(max_entries=32, show_spinner="Counting pairs of each class")
def scoreboard_of(spec: DatasetSpec, names: tuple[str, ...], bins: int) -> Scoreboard:
    """Compute what each variable tells about the label, alone and in pairs."""
    return scoreboard(events_of(spec), names, bins=bins)


@st.cache_data(max_entries=64, show_spinner="Counting pairs")
def relevance_of(
    spec: DatasetSpec, names: tuple[str, ...], target: str, event_class: EventClass, bins: int
) -> Relevance:
    """Compute what each variable tells about the label or a protected variable."""
    return relevance(events_of(spec), names, target, event_class=event_class, bins=bins)


@st.cache_data(max_entries=32, show_spinner="Comparing signal with background")
def divergences_of(spec: DatasetSpec, names: tuple[str, ...], bins: int) -> tuple[Divergence, ...]:
    """Compute entropies and divergences of both classes."""
    return class_divergences(events_of(spec), names, bins=bins)


@st.cache_data(max_entries=512, show_spinner=False)
def joint_of(spec: DatasetSpec, names: tuple[str, ...]) -> JointInformation:
    """Train a classifier to see what a set of variables tells about the label; sort the names to find it again."""
    from core.evaluation.joint_information import joint_information  # imports torch, which other pages can do without

    return joint_information(events_of(spec), names)


def joint_path(
    spec: DatasetSpec, chosen: tuple[str, ...], names: tuple[str, ...]
) -> tuple[dict[int, JointInformation], JointInformation]:
    """Measure what the first 1, 2, … chosen variables tell together, and what all do, under a progress bar."""
    sets = [tuple(sorted(chosen[: n + 1])) for n in range(len(chosen))] + [tuple(sorted(names))]
    words, started, found = "Measuring what they tell together", time.monotonic(), []
    bar = st.progress(0.0, text=words)
    for n, each in enumerate(sets, start=1):
        found.append(joint_of(spec, each))
        left = (time.monotonic() - started) / n * (len(sets) - n)
        bar.progress(n / len(sets), text=f"{words}: {n} of {len(sets)} sets · {duration(left)} left")
    bar.empty()
    found = list(nested_bounds(found))
    return dict(enumerate(found[:-1], start=1)), found[-1]


@st.cache_data(max_entries=32, show_spinner="Measuring distances")
def geometry_of(spec: DatasetSpec, names: tuple[str, ...], event_class: EventClass, bins: int) -> Geometry:
    """Place the variables on a map and in a tree."""
    return geometry(events_of(spec), names, event_class=event_class, bins=bins)
