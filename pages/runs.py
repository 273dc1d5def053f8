"""Runs: what did we do?"""

import pandas as pd
import streamlit as st

from core.errors import DataError
from core.figures.palette import PALETTES
from core.figures.roc import roc_figure
from core.figures.runs import RunPoint, runs_figure
from core.jobs.scanned import BASELINE
from core.jobs.store import Run
from core.tables.evaluation import roc_table
from core.tables.runs import runs_table
from pages.parts.cached import events_of
from pages.parts.charts import chart, table
from pages.parts.comparing import MOST_COMPARED, names_of, open_comparison
from pages.parts.downloads import downloads
from pages.parts.frame import page_title
from pages.parts.monitor import DEFINITIONS, monitor, run_status
from pages.parts.runs import evaluation_of, has_score, open_run, own_runs, page_of, visible_runs
from pages.parts.state import mode, store
from pages.parts.users import user
from pages.parts.words import dataset_title, duration, method_title, moment, run_title, sentence

DELETED = "deleted"


def listed(runs: list[Run]) -> list[Run]:
    """Show runs and return those that are selected."""
    me = user()
    others = any(not me.owns(run.owner) for run in runs)
    rows = [
        {
            "run": run.id,
            "when": moment(run.created),
            "data": dataset_title(run.request.dataset),
            "method": run_title(run),
            "status": run.status,
            **({"owner": "you" if me.owns(run.owner) else "another user"} if others else {}),
            "progress": run.epoch / run.n_epochs,
            "R50": run.headline.get("r50"),
            "AUC": run.headline.get("auc"),
            "1/JSD": _inverse(run.headline.get("jsd_nats")),
            "limit": _inverse(run.headline.get("jsd_limit_nats")),
            "took": duration(run.seconds),
        }
        for run in runs
    ]
    number = st.column_config.NumberColumn
    listing = hash(tuple(run.id for run in runs))  # rows are selected by place: other runs, nothing is selected
    chosen = table(
        pd.DataFrame(rows),
        f"runs-table-{listing}",
        "runs",
        numbers=lambda: runs_table(runs),
        on_select="rerun",
        selection_mode="multi-row",
        column_config={
            "progress": st.column_config.ProgressColumn("progress", min_value=0, max_value=1, format="percent"),
            "R50": number(format="%.3g", help=DEFINITIONS["rejection"]),
            "AUC": number(format="%.3f", help=DEFINITIONS["auc"]),
            "1/JSD": number(format="%.3g", help=DEFINITIONS["jsd"]),
            "limit": number(format="%.3g", help="1/JSD that statistics give a score which knows nothing of the mass."),
        },
    )
    return [runs[i] for i in chosen.selection.rows]


def _inverse(value: float | None) -> float | None:
    return 1 / value if value else None


def actions(selected: list[Run]) -> None:
    """Open, compare, stop or delete what is selected."""
    row = st.container(horizontal=True)
    if row.button("Open", disabled=len(selected) != 1, width=150, help="Select one run."):
        open_run(selected[0].id)
        st.switch_page(page_of(selected[0]))
    judged = [run.id for run in selected if has_score(run)]
    if row.button(
        "Compare", disabled=not 2 <= len(judged) <= MOST_COMPARED, width=150,
        help=f"Select two to {MOST_COMPARED} runs that have ended.",
    ):  # fmt: skip
        open_comparison(sorted(judged, key=lambda each: store().get(each).request.method != BASELINE))
        st.switch_page("pages/compare.py")
    live = [run for run in selected if run.is_live]
    own = all(user().owns(run.owner) for run in selected)
    asked = "" if own else " Only its owner may stop or delete a run."
    stoppable, deletable = bool(live) and own, bool(selected) and own
    help_text = f"Select runs that are queued or running.{asked}"
    if row.button("Stop", disabled=not stoppable, width=150, help=help_text, key="stop-runs"):
        for run in live:
            store().stop(run.id)
        st.rerun()
    if row.button(
        "Delete", disabled=not deletable, width=150, help=f"Can be undone for a day.{asked}", key="delete-runs"
    ):
        for run in selected:
            store().delete(run.id)
        st.session_state[DELETED] = [run.id for run in selected]
        st.rerun()


def undo() -> None:
    """Offer to bring back what was just deleted."""
    deleted = st.session_state.get(DELETED)
    if not deleted:
        return
    words, button = st.columns([5, 1], vertical_alignment="center")
    words.info(f"Deleted {len(deleted)} run{'s' if len(deleted) > 1 else ''}.", icon=":material/delete:")
    if button.button("Undo", width="stretch"):
        for run_id in deleted:
            store().restore(run_id)
        del st.session_state[DELETED]
        st.rerun()


def one(run: Run) -> None:
    """Draw a run; when its events are gone, offer what is left of it."""
    try:
        events_of(run.request.dataset)
    except DataError as problem:
        run_status(run)
        st.error(sentence(str(problem)), icon=":material/error:")
        downloads(run)
        return
    monitor(run)


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
    "Runs of all users", key="all-runs", help="Theirs on samples, files of the server and published uploads."
)
everything = visible_runs() if shared else own_runs()
if not everything:
    st.info("No runs yet. Train a classifier, and it will be listed here with its results.", icon=":material/list:")
    st.page_link("pages/unlearn.py", label="Train a classifier", icon=":material/arrow_forward:")
    st.stop()
selected = listed(everything)
actions(selected)
judged = [run for run in (selected or everything) if has_score(run)]
if len(selected) == 1:
    one(selected[0])
elif judged:
    st.subheader("Selected runs compared" if selected else "All runs", anchor=False)
    compare(judged)
