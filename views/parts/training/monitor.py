"""A run as it goes: progress, verdict, live figures, audit, files."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import DataError
from core.evaluation.evaluate import Evaluation
from core.evaluation.verdict import inverse
from core.events.table import Column
from core.exports.titles import run_title, without_folders
from core.figures.efficiency import efficiency_figure
from core.figures.losses import losses_figure
from core.figures.roc import roc_figure
from core.figures.spectrum import spectrum_figure
from core.jobs.scanned import BASELINE
from core.numbers import format_count, format_events, format_number
from core.results import Estimate
from core.store.store import Run, StoreError
from core.tables.evaluation import efficiency_table, roc_table, spectrum_table
from core.tables.runs import history_table
from views.parts.cached import events_of
from views.parts.charts.charts import chart
from views.parts.charts.in_print import judged_on
from views.parts.definitions import DEFINITIONS
from views.parts.frame.alone import alone
from views.parts.frame.disk import why_not_recorded
from views.parts.frame.link import choice, choices
from views.parts.frame.state import mode, store, told
from views.parts.frame.users import user
from views.parts.frame.waiting import skeletons
from views.parts.runs.choosing import (
    audit_of,
    baseline_of,
    evaluation_of,
    has_score,
    same_events,
    visible_runs,
    waits_for,
)
from views.parts.runs.downloads import downloads
from views.parts.training.anew import offer_to_train_anew, told_of_baseline
from views.parts.training.audit import show_audit
from views.parts.training.comparing import names_of
from views.parts.training.sides import NARROW
from views.parts.training.verdict import show_verdict
from views.parts.words import capitalised, duration, plain_text, seeded_title, sentence, symbol_text

NOT_OWN = "Only its owner may stop a run."
BOTH = "The baseline that was asked for by the same click stops too; it has a Stop of its own."
JUDGING = "Ends the judging too: the run then has no verdict, and can be continued from its last state."
ANOTHERS = "another user's"
BASELINE_TITLE = "Baseline"
MOST_BESIDE = 4
SAME_CLICK = 5.0
"""A run and its baseline that were asked for within so many seconds were asked for by one click."""
TWO_A_ROW = f"""<style>@media ({NARROW}) {{
.st-key-merit .stColumn {{ min-width: calc(50% - 1rem) }}
}}</style>"""  # on a phone, so that the spectrum is in sight


def monitor(run: Run) -> None:
    """Draw a run; while it or its baseline is live, it is redrawn each second and the rest of the page stays usable."""
    st.html(TWO_A_ROW)  # not in the fragment: Streamlit keeps styles apart, where a fragment cannot put them
    goes_on = _goes_on(run, _baseline_of(run))
    if goes_on:
        alone(_monitor, every=1.0)(run.id, goes_on)
    else:  # at the same place, and each export menu, which is opened now, runs again alone
        with st.container():
            _monitor(run.id, goes_on)


@told()  # a fragment runs again by itself, outside the page
def _monitor(run_id: str, went_on: bool) -> None:
    run = still_there(run_id)
    baseline_run = _baseline_of(run)
    with st.container():  # places of their own, so that no figure moves, and is drawn anew, at the end of the training
        run_status(run, beside=baseline_run)
        if baseline_run is not None and baseline_run.is_live:
            run_status(baseline_run)
        elif baseline_run is not None:
            told_of_baseline(baseline_run, ANOTHERS)
    if went_on and not _goes_on(run, baseline_run):
        st.rerun()
    said = st.container()
    found = evaluation_of(run_id)
    beside = evaluation_of(baseline_run.id) if baseline_run else None
    if found is None:
        if run.is_live:
            skeletons("The first figures appear after the first epoch.")
        return
    evaluation, final = found
    if final:
        with said:
            show_verdict(run, evaluation, beside[0] if beside and beside[1] else None)
    _figures_of_merit(run, evaluation, final)
    _plots(run, evaluation, beside[0] if beside else None)
    if final:
        if (found_by_audit := audit_of(run.id, run.finished)) is not None:
            st.subheader("Audit", anchor=False)
            columns = {each.variable: _column(run, each.variable) for each in found_by_audit.variables}
            show_audit(found_by_audit, columns, f"audit-{run.id}")
        downloads(run)


def _baseline_of(run: Run) -> Run | None:
    return None if run.request.method == BASELINE else baseline_of(run)


def _goes_on(run: Run, baseline: Run | None) -> bool:
    return run.is_live or (baseline is not None and baseline.is_live)


def still_there(run_id: str) -> Run:
    """Return a run that is redrawn alone; when it was deleted elsewhere, the whole page starts over and says so."""
    try:
        return store().get(run_id)
    except StoreError:  # the run may be there; a page that begins anew would do so for ever
        raise
    except DataError:
        st.rerun()


def run_status(run: Run, beside: Run | None = None) -> None:
    """Say where the run stands, and offer to stop it, with the run beside it that was asked for by the same click."""
    line, button = st.columns([5, 1], vertical_alignment="center")
    own = user().owns(run.owner)
    title = f"**{seeded_title(run)}** · run {run.id}{'' if own else f' · {ANOTHERS}'}"
    if run.status == "queued":
        line.progress(0.0, text=f"{title} · {waits_for(run)}")
    elif run.status == "running":
        line.progress(_share(run), text=f"{title} · {_where(run)} · {_going_on(run)}")
    else:
        then = ", continues when a worker is free" if run.waiting else ""
        line.markdown(f"{title} · {run.status}{then} · {run.epoch} of {run.n_epochs} epochs in {duration(run.seconds)}")
    if run.is_live:
        _stop_button(button, run, beside, own=own)
    stays = run.status == "interrupted" and not run.waiting and own
    if stays and button.button("Continue", key=f"resume-{run.id}", width="stretch"):
        store().resume(run.id)
        st.rerun()
    if run.status == "stopped" and run.stopping and own:
        offer_to_train_anew(line, button, run)
    if run.status == "failed":
        st.error(f"This run failed: {plain_text(without_folders(run.error, run.request))}", icon=":material/error:")
    elif run.error:
        st.warning(sentence(run.error), icon=":material/pause_circle:")
    for remark in run.remarks:
        st.warning(symbol_text(capitalised(remark)), icon=":material/warning:")


def _stop_button(place: DeltaGenerator, run: Run, beside: Run | None, *, own: bool) -> None:
    """Offer to stop what a live run does as it is drawn: a click on the training's Stop never ends the judging."""
    trains = [each for each in (run, beside) if each is not None and each.is_live and not each.is_judged]
    same_click = [each for each in trains if user().owns(each.owner) and abs(each.created - run.created) < SAME_CLICK]
    both = run in trains and len(same_click) > 1
    asked = [(each.id, False) for each in same_click] if both else [(run.id, run.is_judged)]
    place.button(
        "Stop",
        key=f"stop-{run.id}",
        disabled=run.phase == "leaving" or (run.stopping and not run.is_judged) or not own,
        width="stretch",
        help=(JUDGING if run.is_judged else BOTH if both else None) if own else NOT_OWN,
        on_click=_stop,
        args=(asked,),
    )


@told()
def _stop(asked: list[tuple[str, bool]]) -> None:
    """Stop runs: id, and whether it is their judging that shall end."""
    for run, judging in asked:
        store().stop(run, judging=judging)


def _share(run: Run) -> float:
    """Return how full the bar of a running run is: by its epochs, or by what is read or judged."""
    done = run.batch / run.batches if run.phase and run.batches else run.epochs_done / run.n_epochs
    return min(done, 1.0)


def _going_on(run: Run) -> str:
    """Return what a running run does, how much of that is done, and the time that is left."""
    if not_recorded := why_not_recorded(run):
        return not_recorded
    left, within = run.seconds_left, f": {100 * _share(run):.0f} %" if run.batches else ""
    if run.is_judged:
        if run.phase == "leaving":
            return "its judging is being stopped"
        what = "stopped, judging the best network so far" if run.stopping and run.epoch < run.n_epochs else "judging it"
        return f"{what} on held-out events{within}{f' · {duration(left)} left' if left is not None else ''}"
    if run.stopping or left is not None:
        return "stopping" if run.stopping else f"{duration(left)} left"
    if run.epoch:
        return "the time left is known after the next epoch"
    soon = f" · {duration(run.phase_left)} left, then the first epoch" if run.phase_left is not None else ""
    return f"reading the events{within}{soon or ', then the first epoch'}"


def _where(run: Run) -> str:
    """Return how many epochs are done; within a long one, which it is and how many of its batches are."""
    if not run.batches or run.phase:
        return f"epoch {run.epoch} of {run.n_epochs}"
    batches = f"batch {format_count(run.batch)} of {format_count(run.batches)}"
    return f"{batches} in epoch {run.epoch + 1} of {run.n_epochs}"


def _figures_of_merit(run: Run, evaluation: Evaluation, final: bool) -> None:
    """Show the headline numbers; of several protected variables, the one that fares worst."""
    worst = max(evaluation.protected, key=lambda p: p.jsd_nats.value)
    flat = inverse(worst.jsd_nats)
    events = format_events(evaluation.n_events, evaluation.n_effective, even_odds=True)
    with st.container(key="merit"):
        columns = st.columns(4)
    columns[0].metric(
        "Rejection at ε = 50 %",
        _text(evaluation.rejection),
        help=DEFINITIONS["rejection"],
    )
    columns[1].metric("AUC", _text(evaluation.auc), help=DEFINITIONS["auc"])
    columns[2].metric(
        f"1/JSD \\[1/nats\\] (limit {format_number(1 / worst.limit_nats)})", _text(flat), help=DEFINITIONS["jsd"]
    )
    title = symbol_text(_column(run, worst.variable).title or worst.variable)
    columns[3].metric(f"I(score; {title}) \\[nats\\]", _text(worst.mi), help=DEFINITIONS["mi"])
    definition = symbol_text(DEFINITIONS["n_effective_even"]) if "even odds" in events else None
    judged_on(events, final=final, definition=definition)


def _text(estimate: Estimate) -> str:
    return format_number(estimate.value, estimate.error)


def _plots(run: Run, evaluation: Evaluation, baseline: Evaluation | None) -> None:
    """Draw spectrum and efficiency of one protected variable, ROC and loss."""
    column = _column(run, _variable(run, evaluation))
    history = store().history(run.id)
    left, right = st.columns(2)
    with left:
        drawn = {run_title(run): evaluation} | ({BASELINE_TITLE: baseline} if baseline else {})
        figure = spectrum_figure(evaluation, column, baseline, mode())
        chart(figure, f"spectrum-{run.id}", table=lambda: spectrum_table(drawn, column))
        place = st.container()
        curves = drawn | _others(run)
        with place:
            figure = roc_figure(curves, BASELINE_TITLE, mode())
            chart(figure, f"roc-{run.id}", table=lambda: roc_table(curves))
    with right:
        figure = efficiency_figure(evaluation, column, mode())
        chart(figure, f"efficiency-{run.id}", table=lambda: efficiency_table(evaluation, column))
        figure = losses_figure([h.epoch for h in history], [h.scalars for h in history], run.n_epochs, mode=mode())
        chart(figure, f"loss-{run.id}", table=lambda: history_table(history))


def _variable(run: Run, evaluation: Evaluation) -> str:
    """Choose which protected variable is drawn where there are several."""
    names = [p.variable for p in evaluation.protected]
    if len(names) == 1:
        return names[0]
    chosen: str = st.segmented_control(
        "Protected variable",
        names,
        required=True,
        format_func=lambda each: symbol_text(_column(run, each).title or each),
        **choice("protected", names),
    )
    return chosen


def _others(run: Run) -> dict[str, Evaluation]:
    """Choose further runs on the same events for the ROC figure; return their evaluations by name."""
    ended = [each for each in visible_runs(("done", "stopped")) if has_score(each) and each.id != run.id]
    others = [each for each in ended if each.request.method != BASELINE]
    runs = [each for each in others if same_events(each.request.dataset, run.request.dataset)]
    if not runs:
        return {}
    names = {each.id: name for each, name in zip(runs, names_of(runs), strict=True)}
    chosen = st.multiselect(
        "Runs beside it",
        list(names),
        format_func=names.__getitem__,
        max_selections=MOST_BESIDE,
        placeholder="Other runs on these events, on the axes above",
        **choices("beside", list(names)),
        label_visibility="collapsed",
    )
    found = {names[each]: evaluation_of(each) for each in chosen}
    return {name: each[0] for name, each in found.items() if each}


def _column(run: Run, name: str) -> Column:
    return events_of(run.request.dataset).describe(name)
