"""Scan: which method? Methods × λ × seeds as one job, and the front that they reach."""

from typing import Any

import pandas as pd
import streamlit as st
from pydantic import ValidationError

from core.events.spec import DatasetSpec
from core.figures.front import Across, front_figure
from core.jobs.request import RunRequest
from core.jobs.runner import check_request
from core.jobs.scan import FrontPoint, ScanPlan, front, lam_values, scan_command, scan_requests
from core.jobs.scanned import Scan, expected_seconds, front_sentence, hypervolumes, scans, submit_scan
from core.jobs.task import plain_errors
from core.numbers import format_number
from core.tables.front import front_table
from core.unlearning.check import check_events
from core.unlearning.method import METHODS, TrainingConfig
from pages.parts.cached import events_of
from pages.parts.charts import chart, table
from pages.parts.frame import page_title
from pages.parts.live_plot import live_plot
from pages.parts.monitor import DEFINITIONS
from pages.parts.runs import open_run
from pages.parts.scanning import (
    front_curves,
    open_scan,
    opened_scan,
    point_key,
    point_title,
    take_dataset_of_link,
)
from pages.parts.state import WORKERS, mode, needed_dataset, runner, store, told
from pages.parts.words import dataset_title, duration, method_title, plain_text, symbol_text

PREFERRED = ("baseline", "disco", "flat0")
MOST_POINTS, MOST_SEEDS = 20, 10
ACROSS: dict[str, Across] = {"AUC": "auc", "Rejection at 50 %": "rejection"}
VOLUME = (
    "Area that the front dominates in the plane of AUC (from 0.7) and log₁₀ 1/JSD (from 0.3): "
    "larger is better. A method with more points can only gain."
)


def scan_form(spec: DatasetSpec) -> None:
    """Choose methods, λ values and seeds; say what that costs; start."""
    entries = {entry.name: entry.title for entry in METHODS}
    methods = st.multiselect(
        "Methods", sorted(entries, key=lambda name: name not in PREFERRED), [m for m in PREFERRED if m in entries],
        format_func=method_title, key="scan-methods", help="The baseline unlearns nothing: what others compare with.",
    )  # fmt: skip
    fields = ScanPlan.model_fields
    left, right = st.columns(2)
    points = left.number_input(
        "λ values each", 1, MOST_POINTS, 5, key="scan-points", help=f"λ values {fields['points'].description}."
    )
    seeds = right.number_input("Seeds", 1, MOST_SEEDS, 3, key="scan-seeds", help=fields["seeds"].description)
    default = TrainingConfig.model_fields["epochs"].default
    epochs = st.number_input("Epochs", 1, 20_000, default, key="scan-epochs", help="Of every run.")
    with_lam = [name for name in methods if "lam" in METHODS[name].item.config.model_fields]
    with st.expander("Own λ values"):
        texts = {
            name: st.text_input(method_title(name), key=f"scan-lam-{name}", placeholder="such as 1, 10, 100")
            for name in with_lam
        }
        if not texts:
            st.caption("No chosen method has a λ.")
    if not methods:
        st.caption("Choose at least one method.")
    plan = None
    with told():
        plan = made_plan(methods, int(points), int(seeds), int(epochs), texts)
    requests = planned(plan, spec)
    if st.button("Start the scan", type="primary", width="stretch", disabled=not requests) and requests:
        start(spec, requests)
    if plan is not None and requests:
        with st.expander("The same on the command line"):
            st.code(scan_command(plan, spec), language="bash", wrap_lines=True)


def made_plan(methods: list[str], points: int, seeds: int, epochs: int, texts: dict[str, str]) -> ScanPlan | None:
    """Return the plan of a form; None as long as no method is chosen.

    Raises:
        DataError: what was typed is not allowed.
    """
    if not methods:
        return None
    lams = {name: lam_values(text) for name, text in texts.items() if text.strip()}
    try:
        return ScanPlan(methods=tuple(methods), points=points, lams=lams, seeds=seeds, config={"epochs": epochs})
    except ValidationError as errors:
        raise plain_errors(errors, "scan", ScanPlan.model_fields) from None


def planned(plan: ScanPlan | None, spec: DatasetSpec) -> list[RunRequest]:
    """Return the runs of a plan, and say how many they are and how long they will take."""
    if plan is None:
        return []
    with told():
        requests = scan_requests(plan, spec)
        for request in requests:
            check_request(request)
        seconds = expected_seconds(requests, store(), WORKERS)
        cost = f", about {duration(seconds)}" if seconds is not None else "; the first will tell how long they take"
        st.caption(f"{len(requests)} run{'s' if len(requests) > 1 else ''}{cost}.")
        return requests
    return []  # a request is not allowed


def start(spec: DatasetSpec, requests: list[RunRequest]) -> None:
    """Check the events, then queue all runs of a scan or none."""
    with told():
        check_events(events_of(spec))
        submit_scan(runner(), requests)
        open_scan(requests[0].scan)
        st.rerun()


def data_of(scan: Scan) -> str:
    """Return the title of a scan's data."""
    return dataset_title(scan.runs[0].request.dataset)


def described(scan: Scan) -> str:
    """Return what the menu says of a scan."""
    return f"{scan.name} · {', '.join(method_title(method) for method in scan.methods)} · {data_of(scan)}"


def progress(scan: Scan) -> None:
    """Say how far a scan is, and which of its runs failed."""
    line, button = st.columns([5, 1], vertical_alignment="center")
    of = f"{scan.n_ended} of {len(scan.runs)} runs"
    if scan.is_live:
        left = scan.seconds_left
        words = f"{duration(left)} left" if left is not None else "starting"
        line.progress(scan.share, text=f"**{scan.name}** · {of} · {words}")
        stopping = all(run.stopping for run in scan.runs if run.is_live)
        if button.button("Stop all", key="stop-scan", disabled=stopping, width="stretch"):
            for run in scan.runs:
                if run.is_live:
                    store().stop(run.id)
            st.rerun()
    else:
        stopped = sum(run.status == "stopped" for run in scan.runs)
        said = f"{of} ended" + (f", {stopped} of them stopped" if stopped else "")
        line.markdown(f"**{scan.name}** · {plain_text(data_of(scan))} · {said}")
    reasons: dict[str, list[str]] = {}
    for run in scan.failed:
        reasons.setdefault(f"{method_title(run.request.method)}: {run.error}", []).append(run.id)
    for reason, ids in reasons.items():
        st.error(f"{len(ids)} run{'s' if len(ids) > 1 else ''} failed. {plain_text(reason)}.", icon=":material/error:")


def show(name: str, was_live: bool) -> None:
    """Draw a scan; a live one is redrawn every two seconds while the rest of the page stays usable."""
    scan = next((each for each in scans(store().runs()) if each.name == name), None)
    if scan is None or (was_live and not scan.is_live):
        st.rerun()
    points = front(scan.runs)
    titles = {method: method_title(method) for method in scan.methods}
    if sentence := front_sentence(points, titles):
        st.markdown(f"**{symbol_text(sentence)}**")
    progress(scan)
    if not points:
        st.caption("The front appears with the first run that ends." if scan.is_live else "No run of this scan ended.")
        return
    across = st.segmented_control(
        "Across", list(ACROSS), default="AUC", required=True, key="scan-across", label_visibility="collapsed"
    )
    curves = front_curves(points, scan.methods)
    n_seeds = len({run.request.seed for run in scan.runs})
    subject = f"bars: spread over {n_seeds} seeds" if n_seeds > 1 else "bars: bootstrap of one run"
    figure = front_figure(curves, None, mode(), subject, ACROSS[across or "AUC"])
    if scan.is_live:
        live_plot(figure, "scan-growing", table=lambda: front_table(points))
    else:
        follow_click(chart(figure, "scan-front", table=lambda: front_table(points), on_select=True), scan)
    runs_of_point(scan, points)
    volumes(points, titles)
    point_table(points)


def follow_click(clicked: Any, scan: Scan) -> None:
    """Make the point that was clicked the chosen one, once for each click."""
    keys = [str(each["customdata"]) for each in clicked.selection.points if each.get("customdata")]
    key = keys[0] if keys else None
    if key != st.session_state.get("scan-clicked"):
        st.session_state["scan-clicked"] = key
        st.session_state[f"point-{scan.name}"] = key


def runs_of_point(scan: Scan, points: tuple[FrontPoint, ...]) -> None:
    """List the runs behind the chosen point; a button opens one."""
    by_key = {point_key(point): point for point in points}
    key = st.selectbox(
        "Runs of a point", list(by_key), None, format_func=lambda each: point_title(by_key[each]),
        key=f"point-{scan.name}", placeholder="Click a point, or choose one here",
    )  # fmt: skip
    if key is None:
        return
    by_id = {run.id: run for run in scan.runs}
    with st.container(horizontal=True):
        for run_id in by_key[key].runs:
            label = f"Open seed {by_id[run_id].request.seed}"
            if st.button(label, key=f"open-{run_id}", help=f"Run {run_id}, on the page Train"):
                open_run(run_id)
                st.switch_page("pages/unlearn.py")


def volumes(points: tuple[FrontPoint, ...], titles: dict[str, str]) -> None:
    """Show the area under each method's front."""
    found = hypervolumes(points)
    with st.container(horizontal=True):
        for method, volume in sorted(found.items(), key=lambda pair: -pair[1]):
            st.metric(f"Area, {titles[method]}", format_number(volume), help=VOLUME, width="content")


def point_table(points: tuple[FrontPoint, ...]) -> None:
    """List the points with their errors."""
    rows = [
        {
            "method": method_title(point.method),
            "λ": point.lam,
            "runs": len(point.runs),
            "AUC": format_number(point.auc.value, point.auc.error),
            "R50": format_number(point.rejection.value, point.rejection.error),
            "1/JSD": format_number(point.inverse_jsd.value, point.inverse_jsd.error),
            "limit": format_number(point.inverse_limit),
            "on the front": point.optimal,
        }
        for point in points
    ]
    text = st.column_config.TextColumn
    table(
        pd.DataFrame(rows), "scan-points-table", "front", numbers=lambda: front_table(points),
        column_config={
            "λ": st.column_config.NumberColumn(format="%.3g"),
            "AUC": text(help=DEFINITIONS["auc"]),
            "R50": text(help=DEFINITIONS["rejection"]),
            "1/JSD": text(help=DEFINITIONS["jsd"]),
            "on the front": st.column_config.CheckboxColumn(help="No other point has a higher AUC and a higher 1/JSD."),
        },
    )  # fmt: skip


page_title("Which method?")
take_dataset_of_link()
spec, _ = needed_dataset("Methods, λ values and seeds in one go, and the front that they reach.")
form, view = st.columns([1, 3], gap="medium")
with form:
    scan_form(spec)
with view:
    found = scans(store().runs())
    scan = opened_scan(found)
    if scan is None:
        st.info(
            "Each method is trained at several λ, each of them several times. The points up and right are the best "
            "there is: little sculpting, much separation. Press **Start the scan**.",
            icon=":material/scatter_plot:",
        )
    else:
        if len(found) > 1:
            st.session_state["scan-choice"] = scan.name
            titles = {each.name: described(each) for each in found}
            st.selectbox(
                "Scan", list(titles), key="scan-choice", format_func=titles.__getitem__,
                on_change=lambda: open_scan(st.session_state["scan-choice"]),
            )  # fmt: skip
        st.fragment(show, run_every=2.0 if scan.is_live else None)(scan.name, scan.is_live)
