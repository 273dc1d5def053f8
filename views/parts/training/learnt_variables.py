"""A learnt event variable as its page shows it: what it is, what it knows of θ, and how it was found."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from core.event_variables.blueprint import BLUEPRINTS
from core.event_variables.results import EventVariableView
from core.event_variables.sample import sample_of
from core.event_variables.toys import PREFIX, sample_in
from core.figures.event_variables import (
    agreement_figure,
    event_variable_sentence,
    information_bars,
    separation_bars,
    slices_figure,
    written,
)
from core.figures.objective import objective_figure
from core.jobs.task import TASKS
from core.numbers import format_events
from core.store.request import RunRequest
from core.store.store import Recorded, Run
from core.tables.event_variables import comparisons_table, density_table, figures_table, slices_table
from core.tables.runs import history_table
from views.parts.cached import events_of
from views.parts.charts.charts import chart, table
from views.parts.charts.in_print import judged_on, verdict_in_words
from views.parts.definitions import DEFINITIONS
from views.parts.frame.link import choice
from views.parts.frame.state import mode
from views.parts.training.page import is_toy
from views.parts.words import menu_text, symbol_text

TASK = "event_variables"


def is_topology(path: str) -> bool:
    """Return whether a file holds events of a topology."""
    return is_toy(path) and Path(path).name.startswith(PREFIX)


def topology_of(run: Run | None) -> str | None:
    """Return the topology whose events a run of this task learns from; None for other runs."""
    if run is None or run.request.task != TASK or not is_topology(run.request.dataset.path):
        return None
    sample = sample_in(Path(run.request.dataset.path), run.request.seed)
    return sample.topology if sample else None


def check_learnable(request: RunRequest) -> None:
    """Check that a blueprint can learn from the events, before a run is queued.

    Raises:
        DataError: an option is out of range, or the events lack what the blueprint needs.
    """
    blueprint = BLUEPRINTS[request.method].item
    config = blueprint.config(**TASKS[TASK].item.check(request))
    sample_of(events_of(request.dataset), blueprint, config, request.seed)


def objective_part(run: Run, history: Sequence[Recorded]) -> None:
    """Draw what the training maximises, as it was recorded."""
    epochs, scalars = [each.epoch for each in history], [each.scalars for each in history]
    figure = objective_figure(epochs, scalars, run.n_epochs, mode=mode())
    chart(figure, f"objective-{run.id}", table=lambda: history_table(history))


def variable_part(run: Run, view: EventVariableView, history: Sequence[Recorded], final: bool) -> None:
    """Say and draw what was learnt: beside a known variable, at several θ, and what it tells of θ."""
    verdict_in_words(event_variable_sentence(view), final=final, definition=DEFINITIONS["learnt"])
    place = _chosen(run, view)
    left, right = st.columns(2)
    with left:
        _agreement(run, view, place)
    with right:
        spectrum = view.spectra[place]
        chart(slices_figure(spectrum, view.theta, mode()), f"slices-{run.id}", table=lambda: slices_table(spectrum))
    with left:
        _merit(run, view)
        judged_on(format_events(view.n_events), final=final)
    with right:
        objective_part(run, history)
    if view.comparisons:
        _comparisons(run, view)


def _chosen(run: Run, view: EventVariableView) -> int:
    """Choose one of several learnt variables."""
    if len(view.learnt) == 1:
        return 0
    titles = [symbol_text(words.title) for words in view.learnt]
    return st.segmented_control(
        "Learnt variable", range(len(titles)), required=True, format_func=titles.__getitem__,
        **choice("learnt", range(len(titles))),
    )  # fmt: skip


def _agreement(run: Run, view: EventVariableView, place: int) -> None:
    """Draw a learnt variable against a known one that is chosen, at first the one that it resembles most."""
    learnt = view.learnt[place].name
    found = {each.known.name: each for each in view.comparisons if each.learnt.name == learnt}
    if not found:
        st.info("There is no known variable to compare with: name one under *Compare with*.", icon=":material/compare:")
        return
    titles = {name: symbol_text(each.known.title) for name, each in found.items()}
    known = st.segmented_control(
        "Against", list(found), required=True, format_func=titles.__getitem__,
        **choice("against", list(found)), help="Known variables; none of them was seen in training.",
    )  # fmt: skip
    comparison = found[known]
    figure = agreement_figure(comparison, view.n_signal, mode())
    chart(figure, f"agreement-{run.id}", table=lambda: density_table(comparison))


def _merit(run: Run, view: EventVariableView) -> None:
    """Draw what the variables tell of θ, and of signal against background."""
    if view.information:
        chart(
            information_bars(view, mode()), f"theta-information-{run.id}",
            table=lambda: figures_table(view.information, "mi [nats]", "mutual information of the variable and θ"),
        )  # fmt: skip
    if view.separation:
        chart(
            separation_bars(view, mode()), f"separation-{run.id}",
            table=lambda: figures_table(view.separation, "auc", "area under the ROC curve"),
        )  # fmt: skip


def _comparisons(run: Run, view: EventVariableView) -> None:
    """List how each learnt variable agrees with each known one."""
    rows = [
        {
            "learnt": menu_text(each.learnt.title),
            "known": menu_text(each.known.title),
            "τ": written(each.tau),
            "I": written(each.information),
            "I/H": written(each.share),
        }
        for each in view.comparisons
    ]
    text = st.column_config.TextColumn
    table(
        pd.DataFrame(rows), f"comparisons-{run.id}", "event-variable-comparisons",
        numbers=lambda: comparisons_table(view),
        column_config={
            "learnt": text(help=DEFINITIONS["learnt"]),
            "known": text(help="A variable that was known before; it was not seen in training."),
            "τ": text("Kendall's τ", help=DEFINITIONS["tau"]),
            "I": text("I [nats]", help=DEFINITIONS["known_information"]),
            "I/H": text("I/H(known)", help=DEFINITIONS["known_share"]),
        },
    )  # fmt: skip
