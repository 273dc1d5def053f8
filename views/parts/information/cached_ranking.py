"""Rankings and maps of variables, shared by all sessions: each is computed once for a data set."""

import time
from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from core.events.spec import DatasetSpec
from core.events.table import EventClass
from core.information.class_divergences import Divergence, class_divergences
from core.information.estimate import suitable_bins
from core.information.geometry import Geometry, geometry
from core.information.ranking import JointInformation, Scoreboard, nested_bounds, scoreboard
from core.information.relevance import Relevance, relevance
from views.parts.cached import events_of
from views.parts.frame.waiting import Slot, Tell, awaited
from views.parts.information.cached_information import QUICK, n_effective_of
from views.parts.words import duration, plain_text

T = TypeVar("T")


def suited_bins_of(spec: DatasetSpec) -> int:
    """Return as many bins as both bear: the events at even odds, which tell of the label, and background."""
    return suitable_bins(min(n_effective_of(spec, "all", at_even_odds=True), n_effective_of(spec, "background")))


def _counted(slot: Slot[T], spec: DatasetSpec, names: tuple[str, ...], words: str, work: Callable[[Tell], T]) -> T:
    """Return what is counted of some variables, under a bar where that takes long; end the page when it was stopped."""
    found = awaited(slot, words, work, is_quick=events_of(spec).n_events * len(names) < QUICK)
    if found is None:
        st.stop()
    return found


@st.cache_resource(max_entries=32, show_spinner=False)
def _scoreboards(spec: DatasetSpec, names: tuple[str, ...], bins: int) -> Slot[Scoreboard]:
    return Slot()


def scoreboard_of(spec: DatasetSpec, names: tuple[str, ...], bins: int) -> Scoreboard:
    """Compute what each variable tells about the label, alone and in pairs, under a bar."""
    return _counted(
        _scoreboards(spec, names, bins),
        spec,
        names,
        "Counting pairs of each class",
        lambda tell: scoreboard(events_of(spec), names, bins=bins, progress=tell),
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def _relevances(
    spec: DatasetSpec, names: tuple[str, ...], target: str, event_class: EventClass, bins: int
) -> Slot[Relevance]:
    return Slot()


def awaited_relevance_of(
    spec: DatasetSpec, names: tuple[str, ...], target: str, event_class: EventClass, bins: int
) -> Relevance:
    """Compute what each variable tells about the label or a protected variable, under a bar."""
    return _counted(
        _relevances(spec, names, target, event_class, bins),
        spec,
        names,
        f"Counting what each tells about {'the label' if target == spec.roles.label else plain_text(target)}",
        lambda tell: relevance(events_of(spec), names, target, event_class=event_class, bins=bins, progress=tell),
    )


@st.cache_data(max_entries=64, show_spinner="Counting pairs")
def relevance_of(
    spec: DatasetSpec, names: tuple[str, ...], target: str, event_class: EventClass, bins: int
) -> Relevance:
    """Compute what each variable tells about the label or a protected variable, within other cached work."""
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


@st.cache_resource(max_entries=32, show_spinner=False)
def _geometries(spec: DatasetSpec, names: tuple[str, ...], event_class: EventClass, bins: int) -> Slot[Geometry]:
    return Slot()


def geometry_of(spec: DatasetSpec, names: tuple[str, ...], event_class: EventClass, bins: int) -> Geometry:
    """Place the variables on a map and in a tree, under a bar."""
    return _counted(
        _geometries(spec, names, event_class, bins),
        spec,
        names,
        "Measuring distances",
        lambda tell: geometry(events_of(spec), names, event_class=event_class, bins=bins, progress=tell),
    )
