"""ABCD: can two classifiers count a background?"""

import streamlit as st

from core.evaluation.abcd import Closure, ClosureMap, ScorePlane, TwoScores
from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.figures.abcd import closure_figure, plane_figure
from core.jobs.two_scores import held_out_pair
from core.numbers import format_number, format_percent
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import Run
from core.tables.abcd import closure_table, regions_table
from core.unlearning.check import check_events
from core.unlearning.method import METHODS
from views.parts.cached import events_of
from views.parts.charts.charts import chart
from views.parts.charts.in_print import verdict_in_words
from views.parts.definitions import DEFINITIONS
from views.parts.frame.alone import alone
from views.parts.frame.frame import page_title
from views.parts.frame.link import position
from views.parts.frame.state import mode, needed_dataset, runner, store, told
from views.parts.runs.choosing import open_run, opened_run, same_events
from views.parts.training.following import seed_field
from views.parts.training.form import config_form
from views.parts.training.monitor import run_status, still_there
from views.parts.training.page import needs_label
from views.parts.training.sides import sides
from views.parts.training.starting import answering, asked
from views.parts.words import moment, seeded_title, symbol_text

METHOD, CHOICE = "double_disco", "abcd-run"
NEEDY = "A count by two classifiers"


@st.cache_resource(max_entries=4, show_spinner="Reading the scores")
def scores_of(run_id: str) -> TwoScores:
    """Read both scores of a run once."""
    return held_out_pair(settings().runs / run_id)


@st.cache_data(max_entries=8, show_spinner=False)
def surveyed(run_id: str) -> tuple[ClosureMap, ScorePlane]:
    """Judge all pairs of cuts of a run once."""
    scores = scores_of(run_id)
    return scores.scan(), scores.plane()


def training_form(spec: DatasetSpec, events: EventTable) -> None:
    """Choose λ, and train two classifiers side by side."""
    if needs_label(events, NEEDY):
        return
    st.caption(symbol_text(METHODS[METHOD].summary) + f" {METHODS[METHOD].reference}.")
    options = config_form(METHODS[METHOD].item.config, "abcd")
    seed = seed_field("abcd")
    if asked("Train both"):
        with answering():
            check_events(events_of(spec))
            request = RunRequest(method=METHOD, dataset=spec, config=options, seed=seed)
            open_run(runner().submit(request).id)
        st.page_link("views/data.py", label="Change roles, or drop events", icon=":material/table:")


def runs_of(spec: DatasetSpec, opened: Run | None) -> list[Run]:
    """Return the runs of two classifiers on these data, failed ones too, the opened one first."""
    runs = [run for run in store().runs() if run.request.method == METHOD and same_events(run.request.dataset, spec)]
    return sorted(runs, key=lambda run: opened is None or run.id != opened.id)


@told()
def while_training(run_id: str) -> None:
    """Show how far the training is."""
    run = still_there(run_id)
    run_status(run)
    if not run.is_live:
        st.rerun()


def counted(run: Run) -> None:
    """Draw plane, closure and numbers at the cuts of the sliders."""
    found, plane = surveyed(run.id)
    left, right = st.columns(2)
    options = [float(e) for e in found.efficiencies]
    efficiency_f, efficiency_g = (
        column.select_slider(
            f"Cut on the {name} score: signal efficiency", options, format_func=format_percent,
            **position(name, options, 0.7), help="Right: looser.",
        )
        for column, name in ((left, "first"), (right, "second"))
    )  # fmt: skip
    cut_f, cut_g = (
        float(cuts[options.index(efficiency)])
        for cuts, efficiency in ((found.cuts_f, efficiency_f), (found.cuts_g, efficiency_g))
    )
    closure = scores_of(run.id).closure(cut_f, cut_g)
    numbers(closure)
    left, right = st.columns(2)
    with left:
        chart(plane_figure(plane, closure, mode()), "abcd-plane", table=lambda: regions_table(closure))
    with right:
        figure = closure_figure(found, (efficiency_f, efficiency_g), mode())
        chart(figure, "abcd-closure", table=lambda: closure_table(found))


def numbers(closure: Closure) -> None:
    """Say what the count gives, in numbers and in words."""
    ratio, r = closure.ratio, closure.contamination
    columns = st.columns(4)
    columns[0].metric("Predicted / true", format_number(ratio.value, ratio.error), help=DEFINITIONS["abcd_ratio"])
    columns[1].metric("Contamination r", format_number(r), help=DEFINITIONS["abcd_contamination"])
    columns[2].metric(
        "Signal in A", format_percent(closure.signal_efficiency), help=DEFINITIONS["abcd_efficiency"]
    )  # fmt: skip
    columns[3].metric("Rejection of A", format_number(closure.rejection), help=DEFINITIONS["abcd_rejection"])
    verdict_in_words(in_words(closure))


def in_words(closure: Closure) -> str:
    """Say whether the count closes, and what a signal would do to it."""
    ratio, r = closure.ratio, closure.contamination
    true, predicted = closure.regions[0].background, closure.predicted
    if not ratio.value > 0:
        return "A region holds no background: loosen a cut."
    off = abs(ratio.value - 1)
    closes = "within 10 %" if off <= 0.1 else "within its error" if off <= 2 * ratio.error else None
    verdict = f"The count closes {closes}" if closes else "The count does not close: the scores still know each other"
    counts = (
        f"B, C and D predict {format_number(predicted.value, predicted.error)} background in A, "
        f"and {format_number(true.value, true.error)} are there"
    )
    leak = f"Of each signal event in A, {format_number(r)} would be taken for background"
    return f"{verdict}: {counts}. {leak}."


page_title("Can two classifiers count my background?")
opened = opened_run()
spec, events = needed_dataset("Two classifiers that are independent on background count it by four regions.")
runs = runs_of(spec, opened)
if not runs and needs_label(events, NEEDY):
    st.stop()
form, view = sides(view_first=bool(runs))
with form:
    training_form(spec, events)
with view:
    if not runs:
        st.info(
            "Train two classifiers whose scores are independent on background. Then two cuts make four regions, and "
            "three of them count the fourth.",
            icon=":material/grid_view:",
        )
    else:
        titles = {run.id: f"{seeded_title(run)} · {moment(run.created)} · {run.id}" for run in runs}
        run = runs[0]
        st.session_state[CHOICE] = run.id
        st.selectbox(
            "Run", list(titles), format_func=titles.__getitem__, key=CHOICE,
            on_change=lambda: open_run(st.session_state[CHOICE]),
        )  # fmt: skip
        if run.is_live:
            alone(while_training, every=1.0)(run.id)
        else:
            run_status(run)
            if run.headline:
                with told():
                    alone(counted)(run)
