"""What the guide computes of the loaded events, shared by all sessions: each is computed once for a data set."""

import streamlit as st

from core.events.spec import DatasetSpec
from core.events.table import EventClass
from core.guide.remaining import Remaining, remaining
from core.guide.sculpting import OneCut, one_cut
from core.guide.sets import SetsGain, gain_of_sets
from core.guide.sharing import Extremes, extremes
from core.guide.unlabelled import RANK, with_rank
from core.information import GivenMatrix, PairMap, default_names, given_matrix, pair_map, suitable_bins
from core.information.relevance import Relevance
from views.parts.cached import events_of
from views.parts.information.cached_information import bins_of, matrix_of
from views.parts.information.cached_ranking import relevance_of, suited_bins_of

SEED = 0
MOST_VARIABLES = 60
MOST_BESIDE = 8
"""Variables beside a protected one of which the guide draws a matrix."""


def extremes_of(spec: DatasetSpec, event_class: EventClass) -> Extremes:
    """Find the pair that shares most and an independent one."""
    names = default_names(events_of(spec), "background")[:MOST_VARIABLES]
    return extremes(matrix_of(spec, names, event_class, bins_of(spec, event_class)))


def about_label_of(spec: DatasetSpec) -> Relevance:
    """Compute what each feature tells about the label."""
    return relevance_of(spec, _features(spec), str(spec.roles.label), "all", suited_bins_of(spec))


def most_telling_of(spec: DatasetSpec, protected: str, event_class: EventClass) -> Relevance:
    """Compute what each feature tells about a protected variable."""
    return relevance_of(spec, _features(spec), protected, event_class, bins_of(spec, event_class))


@st.cache_data(max_entries=32, show_spinner="Cutting on one variable")
def cut_of(spec: DatasetSpec, protected: str) -> OneCut:
    """Judge a cut on one variable, as it is and made flat."""
    leaked = most_telling_of(spec, protected, "background")
    return one_cut(events_of(spec), about_label_of(spec), leaked, SEED)


@st.cache_data(max_entries=32, show_spinner="Counting three variables at a time")
def remaining_of(spec: DatasetSpec, protected: str) -> Remaining:
    """Compute what features tell about the label once a protected variable is known."""
    return remaining(events_of(spec), about_label_of(spec), protected)


@st.cache_data(max_entries=32, show_spinner="Adding events up")
def gain_of(spec: DatasetSpec) -> SetsGain:
    """Compute how well sets of events are told apart by one variable."""
    return gain_of_sets(events_of(spec), about_label_of(spec), SEED)


@st.cache_data(max_entries=32, show_spinner="Ranking events of one mass")
def ranked_of(spec: DatasetSpec, name: str, protected: str) -> tuple[PairMap, PairMap]:
    """Map what a variable, and its rank at fixed m, share with a protected variable; without a label."""
    events = with_rank(events_of(spec), name, protected, SEED)
    bins = suitable_bins(events.n_effective)
    pair, ranked = (pair_map(events, each, protected, bins=bins) for each in (name, RANK))
    return pair, ranked


@st.cache_data(max_entries=32, show_spinner="Counting three variables at a time")
def beside_of(spec: DatasetSpec, protected: str) -> GivenMatrix:
    """Compute what the features that know most of a protected variable share, alone and beside it; without a label."""
    names = most_telling_of(spec, protected, "all").names[:MOST_BESIDE]
    return given_matrix(events_of(spec), protected, names)


def _features(spec: DatasetSpec) -> tuple[str, ...]:
    return tuple(name for name in spec.roles.features if name not in spec.roles.protected)[:MOST_VARIABLES]
