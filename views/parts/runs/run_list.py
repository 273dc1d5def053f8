"""The list of runs: the live ones on top, a table that can be filtered, and what users write on runs."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.exports.titles import run_title
from core.figures.runs import LIMIT_OF
from core.numbers import format_number
from core.store.request import RunRequest
from core.store.store import LONGEST_TAG, MOST_TAGS, Run
from core.tables.runs import runs_table
from views.parts.charts import charts
from views.parts.charts.in_print import DASH, written
from views.parts.definitions import DEFINITIONS
from views.parts.frame.alone import alone
from views.parts.frame.link import BETWEEN, choices, text, visit
from views.parts.frame.owners import name_of
from views.parts.frame.state import store, told
from views.parts.frame.users import user
from views.parts.runs.choosing import own_runs, pin_baseline
from views.parts.training.monitor import run_status
from views.parts.words import dataset_title, duration, moment, plain_text, seeded_title

SELECTED = "selected"
LIVE_SHOWN = 4
"""Live runs that have a line of their own on top; a scan has many more."""


def live_runs(shown_below: str | None) -> None:
    """Say how far the user's live runs are, as long as there are any.

    Args:
        shown_below: the run that is drawn on the page in any case.
    """
    live = [run.id for run in own_runs() if run.is_live and run.id != shown_below]
    if live:
        alone(_progress, every=2.0)(live, shown_below)


@told()
def _progress(seen: list[str], shown_below: str | None) -> None:
    live = [run for run in own_runs() if run.is_live and run.id != shown_below]
    if [run.id for run in live] != seen:
        st.rerun()
    for run in live[::-1][:LIVE_SHOWN]:
        run_status(run)
    if len(live) > LIVE_SHOWN:
        st.caption(f"{len(live) - LIVE_SHOWN} more are running or waiting.")


def filtered(runs: Sequence[Run]) -> list[Run]:
    """Choose what is listed by words, status and tags: the live ones first, then pinned ones, each newest first."""
    statuses = list(dict.fromkeys(run.status for run in runs))
    tags = sorted({tag for run in runs for tag in run.tags})
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        typed = st.text_input("Filter", **text("find"), placeholder="method, data, λ, seed, tag …", width=320)
        status = st.multiselect(
            "Status", statuses, **choices("status", statuses), placeholder="any", width=230,
        ) if len(statuses) > 1 else []  # fmt: skip
        filed = st.multiselect("Tags", tags, **choices("tags", tags), placeholder="any", width=230) if tags else []
    wanted = typed.casefold().split()
    found = [
        run
        for run in runs
        if all(word in _words(run) for word in wanted)
        and (not status or run.status in status)
        and set(filed) <= set(run.tags)
    ]
    if data := _one_data_set(found):
        row.caption(f"All on {plain_text(data)}.", width="content")
    return sorted(found, key=lambda run: (not run.is_live, not run.pinned))


def _owner_of(run: Run) -> str:
    return "you" if user().owns(run.owner) else name_of(run.owner) or "another user"


def _one_data_set(runs: Sequence[Run]) -> str:
    """Return the title of the data set that all runs are on; empty where there are several."""
    titles = {dataset_title(run.request.dataset) for run in runs}
    return titles.pop() if len(titles) == 1 else ""


def _words(run: Run) -> str:
    """Return all that a filter looks through."""
    roles = run.request.dataset.roles
    said = (
        run.id, run_title(run), dataset_title(run.request.dataset), run.status, f"seed {run.request.seed}",
        *run.tags, *roles.protected, *(["pinned"] if run.pinned else []),
    )  # fmt: skip
    return " ".join(said).casefold()


def listed(runs: list[Run]) -> list[Run]:
    """Show runs and return those that are selected."""
    me = user()
    others = any(not me.owns(run.owner) for run in runs)
    frame = pd.DataFrame([_row(run, _owner_of(run), others) for run in runs])
    told_above = ["data"] if _one_data_set(runs) else []
    frame = frame.drop(columns=told_above + ([] if any(run.tags for run in runs) else ["tags"]))
    merits: dict[str, Callable[[Run], str]] = {
        "R50": lambda run: _written(run.headline, "r50"),
        "AUC": lambda run: _written(run.headline, "auc"),
        "1/JSD": _flatness,
        "limit": lambda run: format_number(_inverse(run.headline.get("jsd_limit_nats"))),
    }
    listing = hash(tuple(run.id for run in runs))  # rows are selected by place: other runs, only the link selects
    key = f"runs-table-{listing}"
    rows = st.session_state.setdefault(f"selected-{key}-{visit()}", _linked_rows(runs))
    chosen = charts.table(
        written(frame, {name: [tell(run) for run in runs] for name, tell in merits.items()}),
        key,
        "runs",
        numbers=lambda: runs_table(runs),
        on_select="rerun",
        selection_mode="multi-row",
        placeholder=DASH,
        selection_default={"selection": {"rows": rows}},
        column_config=_columns(frame),
    )
    selected = [runs[i] for i in chosen.selection.rows]
    select(selected)
    return selected


def select(runs: Sequence[Run]) -> None:
    """Keep which runs are selected, in the link and for the next visit."""
    st.session_state[text(SELECTED)["key"]] = BETWEEN.join(run.id for run in runs)
    text(SELECTED)  # the link follows


def _columns(frame: pd.DataFrame) -> dict[str, Any]:
    """Return widths and definitions: what stands to the right of the run's id may be out of sight, but no id is cut."""
    column, number = st.column_config.TextColumn, st.column_config.NumberColumn
    return {
        "method": column(width=150),
        "status": column(width=98),
        "seed": number(width=46, help=RunRequest.model_fields["seed"].description),
        "R50": number(help=DEFINITIONS["rejection"], width=76),
        "AUC": number(help=DEFINITIONS["auc"], width=112),
        "1/JSD": number("1/JSD [1/nats]", help=DEFINITIONS["jsd"], width=106),
        "limit": number(help=f"{DEFINITIONS['limit']} Of {LIMIT_OF}.", width=54),
        "tags": column(width=100),
        "run": column(width=136),
        "when": column(width=56 if frame["when"].str.len().max() <= len("00:00") else 130),
        "took": column(width=78),
        "data": column(width=148),
    }


def _linked_rows(runs: list[Run]) -> list[int]:
    """Return the places of the runs that link or session select; say which of them are not listed."""
    asked = [run_id for run_id in st.session_state[text(SELECTED)["key"]].split(BETWEEN) if run_id]
    listed = [run.id for run in runs]
    if missing := [run_id for run_id in asked if run_id not in listed]:
        names = plain_text(" and ".join(missing))
        it, are = ("it", "is") if len(missing) == 1 else ("they", "are")
        st.warning(f"Selected before, {names} {are} not listed here; {it} may have been deleted.")
    return [listed.index(run_id) for run_id in asked if run_id in listed]


def _row(run: Run, owner: str, others: bool) -> dict[str, Any]:
    share = f" · {run.epochs_done / run.n_epochs:.0%}" if run.status == "running" else ""
    return {
        "method": ("📌 " if run.pinned else "") + run_title(run),
        "status": "judging" if run.is_judged else run.status + share,
        "seed": run.request.seed,
        "R50": run.headline.get("r50"),
        "AUC": run.headline.get("auc"),
        "1/JSD": _inverse(run.headline.get("jsd_nats")),
        "limit": _inverse(run.headline.get("jsd_limit_nats")),
        "tags": ", ".join(run.tags),
        **({"owner": owner} if others else {}),
        "run": run.id,
        "when": moment(run.created),
        "took": duration(run.seconds) if run.started else DASH,
        "data": dataset_title(run.request.dataset),
    }


def _written(headline: Any, name: str) -> str:
    return format_number(headline.get(name, float("nan")), headline.get(f"{name}_error"))


def _flatness(run: Run) -> str:
    jsd, error = run.headline.get("jsd_nats"), run.headline.get("jsd_nats_error")
    return format_number(_inverse(jsd), error / jsd**2 if jsd and error else None)


def _inverse(value: float | None) -> float:
    return 1 / value if value else float("nan")


def notes(selected: list[Run], every: Sequence[Run]) -> None:
    """Pin a run as the one that others are compared with, and file runs under tags."""
    own = bool(selected) and all(user().owns(run.owner) for run in selected)
    one = selected[0] if len(selected) == 1 else None
    is_pinned = one is not None and one.pinned
    if st.button(
        "Unpin" if is_pinned else "Pin as baseline", disabled=not own or one is None or "auc" not in one.headline,
        width=150, key="pin-run",
        help="Select one run that has ended: it becomes the reference of all plots of runs on the same events.",
    ) and one is not None:  # fmt: skip
        pin_baseline(one, pinned=not is_pinned)
        st.rerun()
    with st.popover("Tags", disabled=not own, width=150, help="Select your own runs.", key="tags-of-runs"):
        tag_editor(selected, sorted({tag for run in every for tag in run.tags}))


def tag_editor(selected: list[Run], known: list[str]) -> None:
    """Write tags on the selected runs."""
    common = [tag for tag in known if selected and all(tag in run.tags for run in selected)]
    names = "; ".join(seeded_title(run) for run in selected[:3]) + (" …" if len(selected) > 3 else "")
    st.caption(f"Of {plain_text(names)}; type a new one, or choose.")
    key = f"tags-{hash(tuple(run.id for run in selected))}"
    choose, save = st.columns([4, 1], vertical_alignment="bottom")  # beside it, where its menu does not cover it
    chosen = choose.multiselect(
        "Tags", known, default=common, accept_new_options=True, key=key, max_selections=MOST_TAGS,
        placeholder=f"up to {LONGEST_TAG} characters",
    )  # fmt: skip
    if save.button("Save", key=f"save-{key}", type="primary"):
        with told():
            for run in selected:
                store().tag(run.id, [*(tag for tag in run.tags if tag not in common), *chosen])
            st.rerun()
