"""Runs: what did we do?"""

import streamlit as st

from core.errors import DataError
from core.exports.titles import method_title, run_title, without_folders
from core.figures.palette import PALETTES
from core.figures.roc import roc_figure
from core.figures.runs import RunPoint, runs_figure
from core.jobs.scanned import BASELINE
from core.store.store import Run
from core.tables.evaluation import roc_table
from core.tables.runs import runs_table
from views.parts.cached import events_of
from views.parts.charts.charts import chart
from views.parts.frame.frame import page_title
from views.parts.frame.link import BETWEEN, switch
from views.parts.frame.state import DATA, mode, store, told
from views.parts.frame.users import user
from views.parts.runs.applying import apply_part
from views.parts.runs.choosing import evaluation_of, has_score, own_runs, visible_runs
from views.parts.runs.downloads import downloads
from views.parts.runs.opening import go_to
from views.parts.runs.run_list import filtered, listed, live_runs, notes, select
from views.parts.training.comparing import MOST_COMPARED, RUNS, names_of, open_comparison
from views.parts.training.monitor import monitor, run_status
from views.parts.words import moment, plain_text, seeded_title, sentence

DELETED = "deleted"
MOST_NAMED = 3
"""Deleted runs that are called by their names."""


@told()  # beneath the buttons, where the eye is
def actions(selected: list[Run], every: list[Run]) -> None:
    """Open, compare, pin, tag, continue, stop or delete what is selected."""
    row = st.container(horizontal=True)
    told_others(selected)
    if row.button("Open", disabled=len(selected) != 1, width=150, help="Select one run."):
        go_to(selected[0])
    judged = [run.id for run in selected if has_score(run)]
    if row.button(
        "Compare", disabled=not 2 <= len(judged) <= MOST_COMPARED, width=150,
        help=f"Select two to {MOST_COMPARED} runs that have ended.",
    ):  # fmt: skip
        to_compare(sorted(judged, key=reference_first))
    with row:
        notes(selected, every)
    live = [run for run in selected if run.is_live]
    own = all(user().owns(run.owner) for run in selected)
    asked = "" if own else " Only its owner may stop or delete a run."
    stoppable, deletable = bool(live) and own, bool(selected) and own
    help_text = f"Select runs that are queued or running.{asked}"
    # a key that begins with "stop-" would offer to pause the figures
    if row.button("Stop", disabled=not stoppable, width=150, help=help_text, key="end-runs"):
        for run in live:
            store().stop(run.id)
        st.rerun()
    left = [run for run in selected if run.status == "interrupted" and not run.waiting and own]
    if left and row.button("Continue", width=150, help="Trains on from the newest state that was kept."):
        for run in left:
            store().resume(run.id)
        st.rerun()
    if row.button(
        "Delete", disabled=not deletable, width=150, help=f"Can be undone for a day.{asked}", key="delete-runs"
    ):
        for run in selected:
            store().delete(run.id)
        st.session_state[DELETED] = selected
        select([])
        st.rerun()


def told_others(selected: list[Run]) -> None:
    """Say beneath the buttons why some of them are out of use: runs of other users are theirs to change."""
    others = [run.id for run in selected if not user().owns(run.owner)]
    if others:
        named = ", ".join(others[:MOST_NAMED]) + (
            f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
        )
        of = "another user's" if len(others) == 1 else "other users'"
        st.caption(f"{plain_text(named)}: {of}. Only its owner stops, continues, deletes, pins or tags a run.")


def to_compare(run_ids: list[str]) -> None:
    """Open the comparison by its whole link: were it written bit by bit, Back would find this page without its view."""
    open_comparison(run_ids)
    kept = {DATA: st.query_params[DATA]} if DATA in st.query_params else {}
    st.switch_page("views/compare.py", query_params=kept | {RUNS: BETWEEN.join(run_ids)})


def reference_first(run_id: str) -> tuple[bool, bool]:
    """Sort the run that the others are compared with to the front: the pinned one, else a baseline."""
    run = store().get(run_id)
    return not run.pinned, run.request.method != BASELINE


def undo() -> None:
    """Offer to bring back what was just deleted."""
    deleted = st.session_state.get(DELETED)
    if not deleted:
        return
    words, button = st.columns([5, 1], vertical_alignment="center")
    named = [f"{seeded_title(run)} ({run.id})" for run in deleted[:MOST_NAMED]]
    more = [f"{len(deleted) - MOST_NAMED} more"] if len(deleted) > MOST_NAMED else []
    words.info(f"Deleted {plain_text(' and '.join(['; '.join(named), *more]))}.", icon=":material/delete:")
    if button.button("Undo", width="stretch"):
        bring_back([run.id for run in deleted])


def bring_back(run_ids: list[str]) -> None:
    """Take runs out of the deleted ones."""
    for run_id in run_ids:
        store().restore(run_id)
    st.session_state.pop(DELETED, None)
    st.rerun()


def deleted_runs() -> None:
    """List what was deleted within a day, to be brought back."""
    gone = {run.id: run for run in store().runs(owner=user().key or None, deleted=True)}
    if not gone:
        return
    with st.expander(f"Deleted runs: {len(gone)}"):
        st.caption("A day after its deletion a run is gone for good.")
        chosen = st.multiselect(
            "Runs to bring back", list(gone), key="deleted-runs", placeholder="Choose runs",
            format_func=lambda each: f"{seeded_title(gone[each])} · {moment(gone[each].created)} · {each}",
        )  # fmt: skip
        if st.button("Bring back", disabled=not chosen):
            bring_back(chosen)


def one(run: Run) -> None:
    """Draw a run; when its events are gone, offer what is left of it."""
    try:
        events_of(run.request.dataset)
    except DataError as problem:
        run_status(run)
        st.error(sentence(without_folders(str(problem), run.request)), icon=":material/error:")
        downloads(run)
        return
    monitor(run)
    apply_part(run)


def compare(runs: list[Run]) -> None:
    """Draw several runs on common axes, baselines in grey as everywhere."""
    runs = sorted(runs, key=lambda run: run.request.method == "baseline")
    points = [RunPoint(run.id, run_title(run), method_title(run.request.method), run.headline) for run in runs]
    drawn = runs[:MOST_COMPARED]
    judged = {name: evaluation_of(run.id) for name, run in zip(names_of(drawn), drawn, strict=True)}
    curves = {name: found[0] for name, found in judged.items() if found}
    baseline = method_title("baseline")
    figures = {
        "runs-compared": (runs_figure(points, mode()), lambda: runs_table(runs)),
        "roc-compared": (roc_figure(curves, None, mode()), lambda: roc_table(curves)),
    }
    for column, (key, (figure, numbers)) in zip(st.columns(2), figures.items(), strict=True):
        grey = PALETTES[mode()].muted
        for trace in figure.select_traces(lambda trace: str(trace.name).startswith(baseline)):
            if trace.mode == "lines":
                trace.line.update(color=grey, dash="4px,2px")
            else:
                trace.update(marker_color=grey, error_x_color=grey, error_y_color=grey)
        with column:
            chart(figure, key, table=numbers)
    if len(runs) > len(curves):
        st.caption(f"ROC curves of {len(curves)} of {len(runs)} runs; select runs above to see others.")


page_title("What did we do?")
undo()
shared = bool(user().key) and st.toggle(
    "Runs of all users", **switch("all-runs"), help="Theirs on samples, files of the server and published uploads."
)
everything = visible_runs() if shared else own_runs()
if not everything:
    deleted_runs()
    st.info("No runs yet. Train a classifier, and it will be listed here with its results.", icon=":material/list:")
    st.page_link("views/unlearn.py", label="Train a classifier", icon=":material/arrow_forward:")
    st.stop()
top = st.container()
shown = filtered(everything)
if not shown:
    with top:
        live_runs(None)
    st.info(f"None of {len(everything)} runs fits the filter.", icon=":material/filter_alt:")
    st.stop()
selected = listed(shown)
with top:
    live_runs(selected[0].id if len(selected) == 1 else None)
actions(selected, everything)
judged = [run for run in (selected or shown) if has_score(run)]
if len(selected) == 1:
    one(selected[0])
elif judged:
    scope = "Selected runs compared" if selected else "All runs" if len(shown) == len(everything) else "Listed runs"
    st.subheader(scope, anchor=False)
    compare(judged)
deleted_runs()
