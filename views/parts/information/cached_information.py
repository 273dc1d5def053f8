"""Information between variables, shared by all sessions: each is computed once for a data set."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.events.spec import DatasetSpec
from core.events.table import EventClass, effective_number
from core.figures.matrix_words import measure_sentence
from core.information import (
    EstimatedMatrix,
    GivenMatrix,
    InformationMatrix,
    estimated_matrix,
    given_matrix,
    information_matrix,
    matrix_sentence,
    relevance,
    suitable_bins,
)
from core.information.difference import InformationDifference, difference_sentence
from core.information.relevance import Relevance
from core.information.significance import Significance, significance
from core.information.units import Unit
from views.parts.cached import events_of
from views.parts.frame.waiting import Slot, awaited

SEED = 0
QUICK = 5_000_000
"""The pairs of fewer values, events times variables, are counted before a bar could be read."""


@st.cache_data(max_entries=128, show_spinner="Weighing the events")
def n_effective_of(spec: DatasetSpec, event_class: EventClass, *, at_even_odds: bool = False) -> float:
    """Return N_eff of a class from its weights alone: taking its events would copy every column of millions of them."""
    events = events_of(spec)
    weights = events.balanced_weights if at_even_odds else events.weights
    if event_class != "all":
        weights = weights[events.is_signal == (event_class == "signal")]
    return effective_number(weights)


def bins_of(spec: DatasetSpec, event_class: EventClass) -> int:
    """Return as many bins as the events of a class bear without bias."""
    return suitable_bins(n_effective_of(spec, event_class))


@st.cache_resource(max_entries=32, show_spinner=False)
def _matrices(spec: DatasetSpec, names: tuple[str, ...], event_class: EventClass, bins: int) -> Slot[InformationMatrix]:
    return Slot()


def matrix_of(spec: DatasetSpec, names: tuple[str, ...], event_class: EventClass, bins: int) -> InformationMatrix:
    """Compute the information of every pair, under a bar where that takes long; end the page when it was stopped."""
    events = events_of(spec)
    found = awaited(
        _matrices(spec, names, event_class, bins),
        f"Counting pairs of {event_class} events" if event_class != "all" else "Counting pairs",
        lambda tell: information_matrix(events, names, event_class=event_class, bins=bins, progress=tell),
        is_quick=events.n_events * len(names) < QUICK,
    )
    if found is None:
        st.stop()
    return found


@st.cache_resource(max_entries=32, show_spinner=False)
def _givens(spec: DatasetSpec, names: tuple[str, ...], event_class: EventClass, given: str) -> Slot[GivenMatrix]:
    return Slot()


def given_of(spec: DatasetSpec, names: tuple[str, ...], event_class: EventClass, given: str) -> GivenMatrix | None:
    """Compute the information of every pair once a third variable is known, under a bar; None when it was stopped."""
    return awaited(
        _givens(spec, names, event_class, given),
        "Counting three variables at a time",
        lambda tell: given_matrix(events_of(spec), given, names, event_class=event_class, progress=tell),
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def _estimates(
    spec: DatasetSpec, names: tuple[str, ...], event_class: EventClass, estimator: str, bins: int | None
) -> Slot[EstimatedMatrix]:
    return Slot()


def estimated_of(
    spec: DatasetSpec, names: tuple[str, ...], event_class: EventClass, estimator: str, bins: int | None
) -> EstimatedMatrix | None:
    """Estimate the information of every pair under a bar; None when it was stopped.

    Args:
        spec: the data.
        names: the variables.
        event_class: whose events.
        estimator: its name.
        bins: of an estimator that has bins, else None.
    """
    options: dict[str, Any] = {} if bins is None else {"bins": bins}
    return awaited(
        _estimates(spec, names, event_class, estimator, bins),
        f"Estimating pairs of {event_class} events" if event_class != "all" else "Estimating pairs",
        lambda tell: estimated_matrix(
            events_of(spec),
            names,
            estimator,
            event_class=event_class,
            seed=SEED,
            on_pair=lambda done, total: tell(done / total),
            **options,
        ),
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def _significances(spec: DatasetSpec, names: tuple[str, ...], event_class: EventClass, bins: int) -> Slot[Significance]:
    return Slot()


def significance_of(
    spec: DatasetSpec, names: tuple[str, ...], event_class: EventClass, bins: int
) -> Significance | None:
    """Compare every pair with shuffled events under a bar; None when it was stopped."""
    return awaited(
        _significances(spec, names, event_class, bins),
        "Comparing with shuffled events",
        lambda tell: significance(
            events_of(spec),
            names,
            rng=SEED,
            event_class=event_class,
            bins=bins,
            progress=tell,
        ),
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def _about_label(spec: DatasetSpec, names: tuple[str, ...], bins: int) -> Slot[Relevance]:
    return Slot()


def about_label_of(spec: DatasetSpec, names: tuple[str, ...], bins: int) -> Relevance | None:
    """Compute what each variable but the protected ones tells about the label at even odds, under a bar.

    None without a label, and when it was stopped.
    """
    label = spec.roles.label
    usable = [name for name in names if name not in (*spec.roles.protected, label)]
    if label is None or not usable:
        return None
    events = events_of(spec)
    return awaited(
        _about_label(spec, names, bins),
        "Counting what each tells about the label",
        lambda tell: relevance(events, usable, label, bins=bins, progress=tell),
        is_quick=events.n_events * len(usable) < QUICK,
    )


def sentence_of(
    spec: DatasetSpec,
    matrix: InformationMatrix | EstimatedMatrix,
    bins: int,
    measure: str,
    unit: Unit,
    *,
    labelled: bool,
) -> str:
    """Say in words what the matrix shows, and which variables tell most about the protected one and the label.

    Of a measure other than I, the pair that stands out comes first; what I says after it is named as such.
    """
    about_label = about_label_of(spec, matrix.names, bins) if labelled else None
    shared = matrix_sentence(matrix, about_label, unit, spec.roles.protected)
    return _by_measure(matrix, measure, unit, shared, without=spec.roles.label)


def difference_words(difference: InformationDifference, measure: str, unit: Unit) -> str:
    """Say in words which pair differs most between signal and background, by the measure shown and by I."""
    return _by_measure(difference, measure, unit, difference_sentence(difference, unit))


def _by_measure(
    matrix: InformationMatrix | EstimatedMatrix | InformationDifference,
    measure: str,
    unit: Unit,
    shared: str,
    without: str | None = None,
) -> str:
    if measure == "mi":
        return shared
    return f"{measure_sentence(matrix, measure, unit, without)} By mutual information I: {shared}".strip()
