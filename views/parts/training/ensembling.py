"""A training on sets of events as its page shows it: what sets gain, what the four regressions find, what is known."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.ensembles.config import EnsembleConfig
from core.ensembles.construction import CONSTRUCTIONS
from core.ensembles.results import EnsembleView, InformationCurve, RegressionView
from core.ensembles.sets import split_of
from core.ensembles.theta_sets import ThetaSets, split_sets
from core.figures.ensembles import (
    difference_words,
    in_order,
    set_symbol,
    sets_roc_figure,
    sets_sentence,
    sets_words,
)
from core.figures.set_losses import set_losses_figure
from core.figures.theta import differences_figure, information_figure, sets_of, short_way, theta_figure, theta_sentence
from core.jobs.task import TASKS
from core.jobs.tasks.ensembles import METHODS
from core.learning.device import choose_device
from core.numbers import format_number
from core.results import Estimate
from core.store.request import RunRequest
from core.store.store import Recorded, Run
from core.tables.ensembles import (
    areas_table,
    closure_table,
    differences_table,
    information_table,
    sets_roc_table,
    ways_table,
)
from core.tables.runs import history_table
from views.parts.cached import events_of
from views.parts.charts.charts import chart, table
from views.parts.charts.in_print import judged_on, verdict_in_words
from views.parts.definitions import DEFINITIONS
from views.parts.frame.state import mode, told
from views.parts.frame.waiting import Slot, Tell, awaited

TASK = "ensembles"
INFORMATION_EVENTS = 50_000


def check_sets(request: RunRequest) -> None:
    """Check that sets can be made of the events, before a run is queued.

    Raises:
        DataError: an option is out of range, or the events cannot be cut into such sets.
    """
    config = METHODS[request.method](**TASKS[TASK].item.check(request))
    events = events_of(request.dataset)
    if isinstance(config, EnsembleConfig):
        split_of(events, config, request.seed)
    else:
        split_sets(len(ThetaSets.of(events, config, choose_device("cpu"))), config, request.seed)


def losses_part(run: Run, history: Sequence[Recorded]) -> None:
    """Draw the losses of all networks as they were recorded."""
    epochs, scalars = [each.epoch for each in history], [each.scalars for each in history]
    figure = set_losses_figure(epochs, scalars, run.n_epochs, mode=mode())
    chart(figure, f"set-loss-{run.id}", table=lambda: history_table(history))


def classification_part(run: Run, view: EnsembleView, history: Sequence[Recorded], final: bool) -> None:
    """Say and draw what sets of N events gain over single ones, and how near each network is to the product."""
    verdict_in_words(sets_sentence(view), final=final, definition=DEFINITIONS["sets_product"])
    left, right = st.columns(2)
    with left:
        chart(sets_roc_figure(view, mode()), f"set-roc-{run.id}", table=lambda: sets_roc_table(view))
    with right:
        _areas(run, view)
        judged_on(sets_words(view), final=final)
    with left:
        _constructions(view)
    with right:
        losses_part(run, history)


def regression_part(run: Run, view: RegressionView, history: Sequence[Recorded], final: bool) -> None:
    """Say and draw how the four regressions find θ, and how far they differ."""
    verdict_in_words(theta_sentence(view), final=final, definition=DEFINITIONS["theta_ways"])
    left, right = st.columns(2)
    with left:
        chart(theta_figure(view, mode()), f"theta-{run.id}", table=lambda: closure_table(view))
    with right:
        _ways(run, view)
        judged_on(sets_of(view), final=final)
    with left:
        losses_part(run, history)
    with right:
        figure = differences_figure(view, mode())
        chart(figure, f"differences-{run.id}", table=lambda: differences_table(view))


def information_part() -> None:
    """Offer the curve of I(label; x) against ε, which trains ten small classifiers."""
    with st.expander("What does one event tell? Information of the label against ε"):
        st.caption(
            f"Ten pairs of Gaussians, {INFORMATION_EVENTS:,} events each: about a minute.",
            help=DEFINITIONS["label_information"],
        )
        slot = _information_slot()
        if st.button("Estimate", key="estimate-information", disabled=slot.result is not None):
            st.session_state["information-asked"] = True
        if slot.result is None and not st.session_state.get("information-asked"):
            return
        with told():
            curve = awaited(slot, "Training classifiers", _information)
            if curve is not None:
                figure = information_figure(curve, INFORMATION_EVENTS, mode())
                chart(figure, "label-information", table=lambda: information_table(curve))


@st.cache_resource(max_entries=1, show_spinner=False)
def _information_slot() -> Slot[InformationCurve]:
    return Slot()


def _information(tell: Tell) -> InformationCurve:
    from core.ensembles.information import EPSILONS, information_curve

    curves: list[InformationCurve] = []
    for curve in information_curve(INFORMATION_EVENTS, seed=0):
        curves.append(curve)
        tell(len(curves) / len(EPSILONS))
    return curves[-1]


def _written(estimate: Estimate) -> str:
    return format_number(estimate.value, estimate.error)


def _areas(run: Run, view: EnsembleView) -> None:
    """List the area of each classifier and how far it is behind the product."""
    rows = [
        {
            "classifier": "exact ratio" if curve.name == "exact" else set_symbol(curve.symbol),
            "N": str(curve.size),
            "AUC": _written(curve.auc),
            "behind": "–" if curve.name == "product" else difference_words(curve.behind),
        }
        for curve in in_order(view)
    ]
    text = st.column_config.TextColumn
    table(
        pd.DataFrame(rows), f"set-areas-{run.id}", "many-events-auc", numbers=lambda: areas_table(view),
        column_config={
            "classifier": text(help=DEFINITIONS["sets_product"], width=95),
            "N": text(help=DEFINITIONS["sets_size"], width=30),
            "AUC": text(help=DEFINITIONS["sets_auc"], width=110),
            "behind": text("behind product", help=DEFINITIONS["sets_behind"], width=115),
        },
    )  # fmt: skip


def _ways(run: Run, view: RegressionView) -> None:
    rows = [
        {"way": short_way(way.name), "resolution": _written(way.resolution), "bias": _written(way.bias)}
        for way in view.ways
    ]
    text = st.column_config.TextColumn
    table(
        pd.DataFrame(rows), f"ways-{run.id}", "many-events-ways", numbers=lambda: ways_table(view),
        column_config={
            "way": text(help=DEFINITIONS["theta_ways"]),
            "resolution": text(help=DEFINITIONS["theta_resolution"], width=115),
            "bias": text(help=DEFINITIONS["theta_bias"], width=115),
        },
    )  # fmt: skip


def _constructions(view: EnsembleView) -> None:
    """Name the constructions, each with what it does on hover."""
    with st.container(horizontal=True):
        for curve in view.curves:
            if curve.size > 1:
                said = f"{set_symbol(curve.symbol)}: {curve.title}"
                st.caption(said, help=CONSTRUCTIONS[curve.name].summary, width="content")
