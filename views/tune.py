"""Tune: which λ? One network that is every classifier, under a slider."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.errors import DataError
from core.evaluation.evaluate import Evaluation
from core.evaluation.verdict import flat_words, flatness, inverse
from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.exports.titles import method_title
from core.figures.efficiency import efficiency_figure
from core.figures.front import FrontCurve, front_figure
from core.figures.roc import roc_figure
from core.figures.spectrum import spectrum_figure
from core.figures.words import events as events_words
from core.numbers import format_count, format_number
from core.results import Estimate
from core.store.request import RunRequest
from core.store.store import Run
from core.tables.evaluation import efficiency_table, roc_table, spectrum_table
from core.unlearning.method import METHODS
from core.unlearning.slide import SlideView, slidable_methods
from core.unlearning.slide_steps import SlideConfig
from views.parts.cached import events_of
from views.parts.charts.charts import chart
from views.parts.definitions import DEFINITIONS
from views.parts.frame.alone import alone
from views.parts.frame.frame import page_title
from views.parts.frame.link import number, position
from views.parts.frame.state import mode, needed_dataset, runner, store, told
from views.parts.runs.choosing import baseline_of, evaluation_of, open_run, opened_run, slide_view
from views.parts.training.following import seed_field
from views.parts.training.form import FIRST, config_form
from views.parts.training.monitor import run_status, still_there
from views.parts.training.page import MANY_EVENTS, needs_label, newest_run, promised, refused, told_large
from views.parts.training.sides import sides
from views.parts.training.sliding import (
    at_lambda,
    begin_where_one_came_from,
    nearest,
    run_one_came_from,
    shown_view,
    take_nearest_of_link,
)
from views.parts.training.starting import answering, asked
from views.parts.words import sentence, symbol_text, title_text

PREFERRED = "flat0"
STOPS = 61
LAM = "lam"
NEEDY = "A slider"
SLOWER = 2
"""Times that a step at one λ of a slider takes as long as one of a training, roughly, measured."""


def training_form(spec: DatasetSpec, events: EventTable) -> str:
    """Choose a penalty and the ends of the slider; train it; return why these events cannot be trained on, if so."""
    if needs_label(events, NEEDY):
        return ""
    methods = sorted(slidable_methods(), key=lambda name: name != PREFERRED)
    method = st.selectbox("Penalty", methods, format_func=method_title, key="slide-method", persist_state="session")
    st.caption(symbol_text(f"{METHODS[method].title}. {METHODS[method].summary}"))
    key = f"slide-{method}"
    first = (*FIRST, "train_events") if events.n_events > MANY_EVENTS else FIRST
    options = config_form(SlideConfig, key, SlideConfig.around(method), first=first)
    st.caption("Protected: " + (", ".join(title_text(events, name) for name in spec.roles.protected) or "none"))
    seed = seed_field("slide")
    why_not = refused(spec, events, spec.roles)
    at_once = not why_not and told_of_many(events, options, f"{key}-train_events")
    if asked("Train the slider", disabled=bool(why_not)) or at_once:
        with answering():
            request = RunRequest(task="slide", method=method, dataset=spec, config=options, seed=seed)
            open_run(runner().submit(request).id)
    return why_not


def told_of_many(events: EventTable, options: Mapping[str, Any], key: str) -> bool:
    """Say what a slider on many events takes; return whether to train on fewer at once is asked for."""
    try:
        config = SlideConfig(**options)
    except ValueError:  # what is wrong with it is said at the click
        return False
    also = f", for {config.draws} λ in each step" if config.draws > 1 else ""
    return told_large(events, config, key, also=also, times=SLOWER * config.draws)


@told()
def while_training(run_id: str) -> None:
    """Show how far the training is, and the front as it grows."""
    run = still_there(run_id)
    run_status(run)
    if not run.is_live:
        st.rerun()
    found = store().view(run_id)
    if found is None:
        st.caption("The front appears after the first epoch.")
        return
    curves = [slider_curve(run, slide_view(found[0])), *run_one_came_from(run)]
    chart(front_figure(curves, None, mode(), "validation events, while it trains"), f"growing-{run_id}")


def slider_curve(run: Run, view: SlideView) -> FrontCurve:
    """Return the front of a slider as its figure takes it."""
    flat = tuple(inverse(each) for each in view.jsd_nats)
    limits = tuple(1 / limit for limit in view.limit_nats)
    name = f"{method_title(run.request.method)}, slider"
    return FrontCurve(name, tuple(view.lam), view.auc, flat, limits, joined=True)


@alone
def moved(run: Run, view: SlideView, held_out: int) -> None:
    """Draw everything at the λ of the slider; moving it redraws this part of the page alone.

    Args:
        run: the slider.
        view: what it reaches on the events that the page judges it on.
        held_out: how many events its training held out: those, or more.
    """
    lams = view.stops(STOPS)
    left, right, reach = st.columns([3, 2, 2], vertical_alignment="bottom")
    reach.number_input(
        "Reach 1/JSD \\[1/nats\\]", 0.0, None, None, key=f"reach-{run.id}", placeholder="such as 100", format="%g",
        help="Sets the slider to the smallest λ whose 1/JSD, at 50 % signal efficiency, is at least this.",
        on_change=reach_target, args=(run.id, view, lams),
    )  # fmt: skip
    begin_where_one_came_from(LAM, lams)
    take_nearest_of_link(LAM, lams)
    lam = left.select_slider(
        "λ",
        lams,
        **position(LAM, lams, lams[STOPS // 2]),
        format_func=_lambda,
        help="Left: best separation.",
        on_change=forget_target,
        args=(run.id,),
    )
    cut = number("efficiency", 5, 95, 50)
    efficiency = right.slider("Signal efficiency of the cut [%]", 5, 95, step=5, **cut) / 100
    if message := st.session_state.pop(f"refused-{run.id}", None):
        st.warning(message)
    with told():
        draw(run, view, lam, efficiency, held_out)


def _lambda(lam: float) -> str:
    """Return λ with three figures, without a power of ten."""
    return format_count(float(f"{lam:.3g}")) if lam >= 1000 else f"{lam:.3g}"


def reach_target(run_id: str, view: SlideView, lams: list[float]) -> None:
    """Set the slider to the λ that reaches what was asked for."""
    wanted = st.session_state.get(f"reach-{run_id}")
    if not wanted:
        return
    try:
        lam = view.lambda_reaching(wanted)
        st.session_state[LAM] = next((each for each in lams if each >= lam * 0.999), lams[-1])
    except DataError as problem:
        st.session_state[f"refused-{run_id}"] = sentence(str(problem))


def forget_target(run_id: str) -> None:
    """Empty the field of the target: the slider was moved away from what it asked for."""
    st.session_state[f"reach-{run_id}"] = None


def draw(run: Run, view: SlideView, lam: float, efficiency: float, held_out: int) -> None:
    """Draw numbers and figures at one λ and one working point."""
    evaluation = at_lambda(run.id, lam, efficiency)
    at_half = evaluation if efficiency == 0.5 else at_lambda(run.id, lam, 0.5)
    worst = max(evaluation.protected, key=lambda p: p.jsd_nats.value)
    columns = st.columns(3)
    percent = f"{100 * efficiency:.0f} %"
    columns[0].metric(f"Rejection at ε = {percent}", _text(evaluation.rejection), help=DEFINITIONS["rejection"])
    columns[1].metric("AUC", _text(evaluation.auc), help=DEFINITIONS["auc"])
    columns[2].metric(
        f"1/JSD \\[1/nats\\] (limit {format_number(1 / worst.limit_nats)})",
        _text(inverse(worst.jsd_nats)),
        help=DEFINITIONS["jsd"],
    )
    subject = events_words(evaluation.n_events, evaluation.n_effective, even_odds=True)
    if evaluation.n_events < held_out:
        subject += f" of the {format_count(held_out)} held out, for speed"
        st.caption(f"All numbers and figures here: {symbol_text(subject)}.")
    told_flat(run, view, evaluation)
    baseline_run = baseline_of(run)
    compared = evaluation_of(baseline_run.id) if baseline_run else None
    baseline = compared[0] if compared else None
    column = events_of(run.request.dataset).describe(worst.variable)
    at_half_worst = max(p.jsd_nats.value for p in at_half.protected)
    name = f"λ = {_lambda(lam)}"
    overlays = {name: evaluation} | ({"Baseline": baseline} if baseline else {})
    same_cut = baseline if efficiency == 0.5 else None
    left, right = st.columns(2)
    with left:
        figure = spectrum_figure(evaluation, column, same_cut, mode())
        chart(figure, "tune-spectrum", table=lambda: spectrum_table({name: evaluation}, column))
        roc = roc_figure(overlays, "Baseline" if baseline else None, mode())
        chart(roc, "tune-roc", table=lambda: roc_table(overlays))
    with right:
        here = (at_half.auc.value, 1 / at_half_worst)
        curves = [slider_curve(run, view), *run_one_came_from(run, evaluation.n_events)]
        chart(front_figure(curves, here, mode(), subject), "tune-front")
        figure = efficiency_figure(evaluation, column, mode())
        chart(figure, "tune-efficiency", table=lambda: efficiency_table(evaluation, column))
    with st.expander("Take this λ along"):
        st.code(
            f"python -m core apply {run.id} FILE --lam {lam:g} --out scores.parquet\n"
            f"python -m core export {run.id} --lam {lam:g} --out model.onnx",
            language="bash",
        )


def told_flat(run: Run, view: SlideView, evaluation: Evaluation) -> None:
    """Say how flat the spectrum is at the λ shown, and lead to the smallest λ that is flat."""
    events = events_of(run.request.dataset)
    titles = {each.variable: events.describe(each.variable).title for each in evaluation.protected}
    is_flat = all(flatness(each) for each in evaluation.protected)
    said, leads = st.columns([3, 1])
    (said.success if is_flat else said.info)(symbol_text(flat_words(evaluation, titles)), icon=":material/gavel:")
    smallest = view.smallest_flat()
    if smallest is None:
        leads.caption(
            f"None of {len(view.lam)} λ along this slider is flat within statistics at 50 % signal efficiency."
        )
        return
    there = nearest(smallest, view.stops(STOPS))
    leads.button(
        f"Flat at λ = {_lambda(there)}",
        width="stretch",
        key=f"flat-{run.id}",
        help=f"Sets the slider to the smallest λ, of {len(view.lam)} along it, whose sculpting is within statistics at "
        "50 % signal efficiency. A larger λ need not be flat.",
        on_click=lambda: st.session_state.update({LAM: there, f"reach-{run.id}": None}),
    )


def _text(estimate: Estimate) -> str:
    return format_number(estimate.value, estimate.error)


page_title("Which λ?")
opened = opened_run()
spec, events = needed_dataset("One network that is every classifier between no unlearning and full unlearning.")
slider = newest_run(opened, "slide", spec)
if slider is None and needs_label(events, NEEDY):
    st.stop()
form, view_column = sides(view_first=slider is not None)
with form, st.expander("Train a slider" if slider is None else "Train another slider", expanded=slider is None):
    why_not = training_form(spec, events)
with view_column:
    if slider is None:
        promised(
            "Train one network for all λ at once. Then move λ: spectrum, efficiency and ROC follow at once.",
            why_not,
            ":material/tune:",
        )
    elif slider.is_live:
        alone(while_training, every=1.0)(slider.id)
    else:
        run_status(slider)
        stored = store().view(slider.id)
        if stored is not None and stored[1]:
            with told():
                whole = slide_view(stored[0])
                moved(slider, shown_view(slider.id, whole), whole.evaluation.n_events)
