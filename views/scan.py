"""Scan: which method? Methods × λ × seeds as one job, and the front that they reach."""

from typing import Any

import pandas as pd
import streamlit as st

from core.exports.titles import method_title
from core.figures.front import Across, front_figure
from core.figures.parameter_scan import MERITS, parameter_figure
from core.jobs.front import FrontPoint, front
from core.jobs.scan import LAMBDA, parameter_title
from core.jobs.scanned import Scan, front_sentence, hypervolumes, scans
from core.numbers import format_number, format_percent
from core.tables.front import front_table
from views.parts.charts.charts import chart, table
from views.parts.definitions import DEFINITIONS
from views.parts.frame.alone import alone
from views.parts.frame.frame import page_title
from views.parts.frame.link import choice, menu
from views.parts.frame.state import mode, needed_dataset, store, told
from views.parts.frame.users import user
from views.parts.runs.choosing import visible_runs
from views.parts.runs.opening import go_to
from views.parts.training.page import needs_label, promised
from views.parts.training.scan_form import NEEDY, scan_form
from views.parts.training.scanning import (
    front_curves,
    open_scan,
    opened_scan,
    parameter_curves,
    point_key,
    point_title,
    seen_scans,
    take_dataset_of_link,
    time_left,
)
from views.parts.training.sides import sides
from views.parts.words import dataset_title, plain_text, symbol_text

POINT = "point"
ACROSS: dict[Across, str] = {"auc": "AUC", "rejection": "Rejection at 50 %"}


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
        line.progress(scan.share, text=f"**{scan.name}** · {of} · {time_left(scan)}")
        own = [run for run in scan.runs if run.is_live and user().owns(run.owner)]
        stopping = all(run.stopping for run in own)
        if button.button("Stop all", key="stop-scan", disabled=stopping, width="stretch"):
            for run in own:
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


@told()
def show(name: str, was_live: bool) -> None:
    """Draw a scan; a live one is redrawn every two seconds while the rest of the page stays usable."""
    scan = next((each for each in scans(visible_runs()) if each.name == name), None)
    if scan is None or (was_live and not scan.is_live):
        st.rerun()
    parameter = parameter_title(scan.task, scan.methods, scan.parameter)
    views = {"front": "Front", "parameter": f"Against {parameter}"}
    first = "front" if scan.parameter == LAMBDA else "parameter"
    wanted = st.segmented_control(
        "View", list(views), required=True, **choice("view", list(views), first), format_func=views.__getitem__,
        label_visibility="collapsed",
    ) or first  # fmt: skip
    tight = wanted == "parameter" and any("tight_jsd_nats" in run.headline for run in scan.runs)
    points = front(scan.runs, scan.parameter, "tight_jsd" if tight else "jsd")
    titles = {method: method_title(method) for method in scan.methods}
    if sentence := front_sentence(points, titles):
        st.markdown(f"**{symbol_text(sentence)}**")
    progress(scan)
    if not points:
        st.caption("The front appears with the first run that ends." if scan.is_live else "No run of this scan ended.")
        return
    if wanted == "front":
        front_view(scan, points, parameter)
    else:
        parameter_view(scan, points, parameter)
    runs_of_point(scan, points, parameter)
    if wanted == "front":
        volumes(points, titles)
    point_table(points, scan.parameter, parameter)


def bars_of(scan: Scan) -> str:
    """Say what the error bars are."""
    n_seeds = len({run.request.seed for run in scan.runs})
    return f"bars: spread over {n_seeds} seeds" if n_seeds > 1 else "bars: bootstrap of one run"


def front_view(scan: Scan, points: tuple[FrontPoint, ...], parameter: str) -> None:
    """Draw separation against sculpting."""
    across = st.segmented_control(
        "Across", list(ACROSS), required=True, format_func=ACROSS.__getitem__, **choice("across", list(ACROSS)),
        label_visibility="collapsed",
    ) or "auc"  # fmt: skip
    curves = front_curves(points, scan.methods, parameter)
    draw(scan, points, "front", front_figure(curves, None, mode(), bars_of(scan), across))


def parameter_view(scan: Scan, points: tuple[FrontPoint, ...], parameter: str) -> None:
    """Draw AUC, 1/JSD and, where there is a latent, MIG against the parameter."""
    curves, n_runs = parameter_curves(points, scan.methods), sum(len(point.runs) for point in points)
    shares = {run.headline["rejected"] for run in scan.runs if "rejected" in run.headline}
    cut = f"{format_percent(max(shares))} background rejection" if shares else "50 % signal efficiency"
    merits = [m for m in MERITS if m != "mig" or any(point.mig.value == point.mig.value for point in points)]
    for place, merit in zip(st.columns(len(merits)), merits, strict=True):
        with place:
            figure = parameter_figure(
                curves, merit, parameter, n_runs=n_runs, subject=bars_of(scan), cut=cut, mode=mode()
            )
            draw(scan, points, merit, figure)


def draw(scan: Scan, points: tuple[FrontPoint, ...], kind: str, figure: Any) -> None:
    """Draw a figure; in a scan that ended, a click on a point chooses it."""

    def numbers() -> pd.DataFrame:
        return front_table(points, scan.parameter)

    clicked = chart(figure, f"scan-{kind}", table=numbers, on_click=not scan.is_live)
    if clicked is not None:
        st.session_state[POINT] = str(clicked)


def runs_of_point(scan: Scan, points: tuple[FrontPoint, ...], parameter: str) -> None:
    """List the runs behind the chosen point; a button opens one."""
    by_key = {point_key(point): point for point in points}
    key = st.selectbox(
        "Runs of a point", list(by_key), format_func=lambda each: point_title(by_key[each], parameter),
        **menu(POINT, [None, *by_key]) | {"index": None}, placeholder="Click a point, or choose one here",
    )  # fmt: skip
    if key is None:
        return
    by_id = {run.id: run for run in scan.runs}
    with st.container(horizontal=True):
        for run_id in by_key[key].runs:
            label = f"Open seed {by_id[run_id].request.seed}"
            if st.button(label, key=f"open-{run_id}", help=f"Run {run_id}, on its own page"):
                go_to(by_id[run_id])


def volumes(points: tuple[FrontPoint, ...], titles: dict[str, str]) -> None:
    """Show the area under each method's front."""
    found = hypervolumes(points)
    with st.container(horizontal=True):
        for method, volume in sorted(found.items(), key=lambda pair: -pair[1]):
            st.metric(f"Area, {titles[method]}", format_number(volume), help=DEFINITIONS["front_area"], width="content")


def point_table(points: tuple[FrontPoint, ...], name: str, parameter: str) -> None:
    """List the points with their errors."""
    has_mig = any(point.mig.value == point.mig.value for point in points)
    rows = [
        {
            "method": method_title(point.method),
            parameter: point.value,
            "runs": len(point.runs),
            "AUC": format_number(point.auc.value, point.auc.error),
            "R50": format_number(point.rejection.value, point.rejection.error),
            "1/JSD": format_number(point.inverse_jsd.value, point.inverse_jsd.error),
            "limit": format_number(point.inverse_limit),
            **({"MIG": format_number(point.mig.value, point.mig.error)} if has_mig else {}),
            "on the front": point.optimal,
        }
        for point in points
    ]
    text = st.column_config.TextColumn
    table(
        pd.DataFrame(rows), "scan-points-table", "front", numbers=lambda: front_table(points, name),
        column_config={
            parameter: st.column_config.NumberColumn(format="%.3g"),
            "AUC": text(help=DEFINITIONS["auc"]),
            "R50": text(help=DEFINITIONS["rejection"]),
            "1/JSD": text("1/JSD [1/nats]", help=DEFINITIONS["jsd"]),
            "MIG": text(help=DEFINITIONS["mig"]),
            "on the front": st.column_config.CheckboxColumn(help=DEFINITIONS["on_front"]),
        },
    )  # fmt: skip


page_title("Which method?")
take_dataset_of_link()
seen = seen_scans()
spec, events = needed_dataset("Methods, λ values and seeds in one go, and the front that they reach.")
if not seen and needs_label(events, NEEDY):
    st.stop()
form, view = sides(view_first=bool(seen))
with form:
    why_not = scan_form(spec, events)
with view:
    scan = opened_scan(seen)
    if scan is None:
        promised(
            "Each method is trained at several λ, each of them several times. The points up and right are the best "
            "there is: little sculpting, much separation. Press **Start the scan**.",
            why_not,
            ":material/scatter_plot:",
        )
    else:
        if len(seen) > 1:
            st.session_state["scan-choice"] = scan.name
            titles = {each.name: described(each) for each in seen}
            st.selectbox(
                "Scan", list(titles), key="scan-choice", format_func=titles.__getitem__,
                on_change=lambda: open_scan(st.session_state["scan-choice"]),
            )  # fmt: skip
        alone(show, every=2.0 if scan.is_live else None)(scan.name, scan.is_live)
