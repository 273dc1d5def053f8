"""A run as it goes: progress, live figures, verdict."""

import streamlit as st

from core.errors import DataError
from core.evaluation.evaluate import Evaluation
from core.evaluation.verdict import flatness, inverse, verdict
from core.events.categories import FEW_VALUES
from core.events.table import Column
from core.figures.efficiency import efficiency_figure
from core.figures.losses import losses_figure
from core.figures.roc import roc_figure
from core.figures.spectrum import spectrum_figure
from core.jobs.store import Run, StoreError
from core.numbers import format_events, format_number
from core.results import Estimate
from core.tables.evaluation import efficiency_table, roc_table, spectrum_table
from core.tables.runs import history_table
from pages.parts.audit import show_audit
from pages.parts.cached import events_of
from pages.parts.downloads import downloads
from pages.parts.live_plot import live_plot
from pages.parts.runs import audit_of, baseline_of, evaluation_of, waits_for
from pages.parts.state import mode, store, told
from pages.parts.users import user
from pages.parts.words import capitalised, duration, plain_text, run_title, symbol_text

DEFINITIONS = {
    "rejection": "One over the share of background that passes the cut which keeps half of the signal (R50).",
    "auc": "Area under the curve of signal efficiency against background efficiency; ½ is guessing.",
    "jsd": (
        "One over the Jensen-Shannon divergence (in nats) between the spectra of background that passes and that fails "
        "the cut, in 50 equal bins over the central 99.8 %, or one a value of a variable that takes at most "
        f"{FEW_VALUES}; large is flat. The limit is what statistics give a score that knows nothing of the variable."
    ),
    "mi": (
        "Mutual information of score and protected variable on background, in nats; "
        "0 when the score knows nothing of it."
    ),
}
NOT_OWN = "Only its owner may stop a run."


def monitor(run: Run) -> None:
    """Draw a run; a live one is redrawn each second while the rest of the page stays usable."""
    st.fragment(_monitor, run_every=1.0 if run.is_live else None)(run.id, run.is_live)


@told()  # a fragment runs again by itself, outside the page
def _monitor(run_id: str, was_live: bool) -> None:
    run = still_there(run_id)
    run_status(run)
    if was_live and not run.is_live:
        st.rerun()
    found = evaluation_of(run_id)
    baseline_run = baseline_of(run.request) if run.request.method != "baseline" else None
    compared = evaluation_of(baseline_run.id) if baseline_run else None
    baseline = compared[0] if compared else None
    if found is None:
        if run.is_live:
            st.caption("The first figures appear after the first epoch.")
        return
    evaluation, final = found
    _figures_of_merit(run, evaluation, baseline, final)
    _plots(run, evaluation, baseline)
    if final:
        found_by_audit = audit_of(run.id, run.finished)
        if found_by_audit is not None:
            st.subheader("Audit", anchor=False)
            columns = {each.variable: _column(run, each.variable) for each in found_by_audit.variables}
            show_audit(found_by_audit, columns, f"audit-{run.id}")
        downloads(run)


def still_there(run_id: str) -> Run:
    """Return a run that is redrawn alone; when it was deleted elsewhere, the whole page starts over and says so."""
    try:
        return store().get(run_id)
    except StoreError:  # the run may be there; a page that begins anew would do so for ever
        raise
    except DataError:
        st.rerun()


def run_status(run: Run) -> None:
    """Say where the run stands, and offer to stop it."""
    line, button = st.columns([5, 1], vertical_alignment="center")
    title = f"**{run_title(run)}** · run {run.id}"
    if run.status == "queued":
        line.progress(0.0, text=f"{title} · {waits_for(run)}")
    elif run.status == "running":
        left = run.seconds_left
        if run.epoch >= run.n_epochs:
            words = "judging it on held-out events"
        elif run.stopping:
            words = "stopping after this epoch"
        else:
            words = f"{duration(left)} left" if left is not None else "starting"
        line.progress(run.epoch / run.n_epochs, text=f"{title} · epoch {run.epoch} of {run.n_epochs} · {words}")
    else:
        then = ", will be continued" if run.status == "interrupted" and run.waiting else ""
        epochs = f"{run.epoch} of {run.n_epochs} epochs in {duration(run.seconds)}"
        line.markdown(f"{title} · {run.status}{then} · {epochs}")
    own = user().owns(run.owner)
    if run.is_live and button.button(
        "Stop", key=f"stop-{run.id}", disabled=run.stopping or not own, width="stretch", help=None if own else NOT_OWN
    ):
        store().stop(run.id)
        st.rerun(scope="fragment")
    stays = run.status == "interrupted" and not run.waiting and own
    if stays and button.button("Continue", key=f"resume-{run.id}", width="stretch"):
        store().resume(run.id)
        st.rerun()
    if run.error:
        st.error(f"This run {run.status}: {plain_text(run.error)}", icon=":material/error:")
    for remark in run.remarks:
        st.warning(symbol_text(capitalised(remark)), icon=":material/warning:")


def _figures_of_merit(run: Run, evaluation: Evaluation, baseline: Evaluation | None, final: bool) -> None:
    """Show the headline numbers and, at the end, the verdict in words."""
    if final:
        titles = {p.variable: _column(run, p.variable).title for p in evaluation.protected}
        audit = audit_of(run.id, run.finished)
        failed = audit is not None and any(finding.passed is False for finding in audit.findings)
        show = st.success if all(flatness(p) for p in evaluation.protected) and not failed else st.info
        show(symbol_text(verdict(evaluation, baseline, titles)), icon=":material/gavel:")
    worst = max(evaluation.protected, key=lambda p: p.jsd_nats.value)
    flat = inverse(worst.jsd_nats)
    events = format_events(evaluation.n_events, evaluation.n_effective)
    columns = st.columns(4)
    columns[0].metric(
        "Rejection at ε = 50 %",
        _text(evaluation.rejection),
        help=DEFINITIONS["rejection"],
    )
    columns[1].metric("AUC", _text(evaluation.auc), help=DEFINITIONS["auc"])
    limit = format_number(1 / worst.limit_nats)
    columns[2].metric(f"1/JSD (limit {limit})", _text(flat), help=DEFINITIONS["jsd"])
    title = symbol_text(_column(run, worst.variable).title or worst.variable)
    columns[3].metric(f"I(score; {title}) \\[nats\\]", _text(worst.mi), help=DEFINITIONS["mi"])
    where = "held out from the training" if final else "of the validation sample, while it trains"
    st.caption(f"On {symbol_text(events)} {where}.")


def _text(estimate: Estimate) -> str:
    return format_number(estimate.value, estimate.error)


def _plots(run: Run, evaluation: Evaluation, baseline: Evaluation | None) -> None:
    """Draw spectrum and efficiency of one protected variable, ROC and loss."""
    names = [p.variable for p in evaluation.protected]
    name = names[0]
    if len(names) > 1:
        name = st.segmented_control(
            "Protected variable",
            names,
            default=names[0],
            required=True,
            format_func=lambda each: symbol_text(_column(run, each).title or each),
            key=f"variable-{run.id}",
        )
    column = _column(run, name)
    overlays = {run_title(run): evaluation} | ({"Baseline": baseline} if baseline else {})
    history = store().history(run.id)
    figures = {
        "spectrum": spectrum_figure(evaluation, column, baseline, mode()),
        "efficiency": efficiency_figure(evaluation, column, mode()),
        "roc": roc_figure(overlays, "Baseline" if baseline else None, mode()),
        "loss": losses_figure([h.epoch for h in history], [h.scalars for h in history], run.n_epochs, mode=mode()),
    }
    tables = {
        "spectrum": lambda: spectrum_table(overlays, column),
        "efficiency": lambda: efficiency_table(evaluation, column),
        "roc": lambda: roc_table(overlays),
        "loss": lambda: history_table(history),
    }
    left, right = st.columns(2)
    for k, (kind, figure) in enumerate(figures.items()):
        with (left, right)[k % 2]:
            live_plot(figure, f"{kind}-{run.id}", table=tables[kind])


def _column(run: Run, name: str) -> Column:
    return events_of(run.request.dataset).describe(name)
