"""The state of the installation as its page shows it; logs and metrics, which begin with the first page."""

import logging

import pandas as pd
import streamlit as st

from core.cluster.choice import without_address
from core.errors import DataError
from core.events.summary import in_bytes
from core.logs import recent_lines, set_up_logs
from core.numbers import format_number, format_percent
from core.observability.system import Machine, System, machine_state, system_state
from core.settings import settings
from core.store.run import Run
from core.store.store import RunStore
from views.parts.cached import events_in_memory
from views.parts.frame.ending import end_well
from views.parts.frame.owners import name_of
from views.parts.frame.state import WORKERS, store, told, why_runs_wait
from views.parts.frame.users import user
from views.parts.words import dataset_title, duration, seeded_title, sentence

SHOWN_LINES = 40
DEFINITIONS = {
    "queue": "Runs that train and runs that wait for a worker, of all users.",
    "memory": "Memory of this server process, and what programs can still take of the machine or its container.",
    "events": "Events that are kept in memory for all users, and what they may take; what was not used longest goes.",
    "disk": "Room on the disk of the data folder, which holds runs, uploads and the run store.",
    "uptime": "Since this server process began.",
    "cores": "Processor cores that this process may use.",
    "workers": "Each worker of this server trains one run at a time. It also takes runs asked for on another server.",
    "pace": "Epochs a second of all running trainings together.",
    "epochs": "Epochs of all runs; each was recorded when it ended.",
    "log": "What this process logged last. Passwords and tokens are masked.",
}
BRIEF = 2.0
"""Seconds for which the run store is asked again on behalf of Prometheus."""
log = logging.getLogger(__name__)


def watched() -> None:
    """Begin to log, and to answer Prometheus where a port is named; later calls do nothing."""
    with told():
        set_up_logs()
    _begin()


@st.cache_resource(show_spinner=False)
def _begin() -> None:
    end_well()
    port = settings().metrics_port
    if not port:
        return
    from core.observability.metrics import serve_metrics

    try:
        serve_metrics(port, lambda: system_state(_asked_briefly(), settings()))
    except DataError as problem:  # pages work without metrics
        log.error("%s", problem)


@st.cache_resource(show_spinner=False)
def _asked_briefly() -> RunStore:
    """Return the run store for Prometheus, which gives an answer up after ten seconds: none is said sooner."""
    return RunStore(settings().database_url, patience=BRIEF)


def look() -> Machine:
    """Return the state of the installation; where the run store does not answer, say so and return the rest."""
    with told():
        return system_state(store(), settings())
    return machine_state(settings())


def figures_part(state: Machine) -> None:
    """Show what tells at a glance whether the installation is well."""
    columns = st.columns(5)
    running, queued = ("–", "–")
    if isinstance(state, System):
        running, queued = f"{len(state.queue.running)}", f"{len(state.queue.queued)}"
    columns[0].metric(
        "Running", running, f"{queued} queued", delta_color="off", delta_arrow="off", help=DEFINITIONS["queue"]
    )
    columns[1].metric(
        "Memory", in_bytes(state.memory.process), f"{in_bytes(state.memory.available)} available",
        delta_color="off", delta_arrow="off", help=DEFINITIONS["memory"],
    )  # fmt: skip
    use = events_in_memory()
    columns[2].metric(
        "Events in memory", in_bytes(use.n_bytes), f"of {in_bytes(use.max_bytes)}",
        delta_color="off", delta_arrow="off", help=DEFINITIONS["events"],
    )  # fmt: skip
    columns[3].metric(
        "Free disk", in_bytes(state.disk.free), f"{format_percent(state.disk.free / state.disk.total)} of the disk",
        delta_color="off", delta_arrow="off", help=DEFINITIONS["disk"],
    )  # fmt: skip
    columns[4].metric(
        "Uptime", duration(state.uptime), f"process {state.process}, {state.threads} threads",
        delta_color="off", delta_arrow="off", help=DEFINITIONS["uptime"],
    )  # fmt: skip


def queue_part(state: System) -> None:
    """List what trains and what waits; whose it is, but of others' runs no data."""
    st.subheader("Queue", anchor=False)
    problem = why_runs_wait()
    if problem:
        on_cluster = bool(settings().dask_address)
        if not _runs_the_server():
            problem = without_address(problem) if on_cluster else "the server's log says why: tell whoever runs it"
        where = "on the cluster" if on_cluster else "here"
        st.warning(f"No run can begin {where}. {sentence(problem)}", icon=":material/warning:")
    st.caption(_workers(state), help=DEFINITIONS["workers"])
    live = (*state.queue.running, *state.queue.queued)
    if not live:
        st.caption("Nothing is running or waiting.")
        return
    others = any(not user().owns(run.owner) for run in live)
    text = st.column_config.TextColumn
    rows = [_live_row(run, others) | _place(run, state) for run in live]
    st.dataframe(
        pd.DataFrame(rows), key="system-queue", hide_index=True,
        column_config={
            "data": text(width=130),
            "progress": st.column_config.ProgressColumn(min_value=0, max_value=1, format="percent", width=120),
            "left": text(help="Expected time to the end at the present pace.", width=90),
        },
    )  # fmt: skip
    st.caption(f"{format_number(state.queue.epochs_per_second)} epochs/s", help=DEFINITIONS["pace"])


def devices_part(state: Machine) -> None:
    """List the processor and GPUs."""
    st.subheader("Devices", anchor=False)
    rows = [
        {
            "device": each.kind,
            "name": each.name,
            "cores": str(each.cores or "–"),
            "free memory": f"{in_bytes(each.free_bytes)} of {in_bytes(each.total_bytes)}" if each.total_bytes else "–",
        }
        for each in state.devices
    ]
    cores = st.column_config.TextColumn(help=DEFINITIONS["cores"])
    st.dataframe(pd.DataFrame(rows), key="system-devices", hide_index=True, column_config={"cores": cores})


def store_part(state: System) -> None:
    """Say what the run store is and what it holds; its address to whoever runs the server."""
    st.subheader("Run store", anchor=False)
    kept = state.store
    size = "" if kept.n_bytes is None else f", {in_bytes(kept.n_bytes)}"
    held = f"{_counted(kept.n_runs, 'run')}, {_counted(kept.n_epochs, 'recorded epoch')}"
    st.markdown(f"{kept.kind}{size}: {held}.", help=DEFINITIONS["epochs"])
    if kept.runs:
        st.caption(" · ".join(f"{n:,} {status}" for status, n in kept.runs.items()))
    if _runs_the_server():
        st.code(f"{kept.address}\n{state.disk.folder}", language=None, wrap_lines=True)


def versions_part(state: Machine) -> None:
    """List the versions that can change a result."""
    st.subheader("Versions", anchor=False)
    rows = [{"name": name, "version": version} for name, version in state.versions.items()]
    st.dataframe(pd.DataFrame(rows), key="system-versions", hide_index=True, height="content")


def log_part() -> None:
    """Show the last lines of the log to whoever runs the server; they name the runs of all users."""
    st.subheader("Log", anchor=False, help=DEFINITIONS["log"])
    if not _runs_the_server():
        st.caption("The log is for whoever runs the server: it is written to the server's standard error.")
        return
    lines = recent_lines(SHOWN_LINES)
    if lines:
        st.code("\n".join(lines), language=None, wrap_lines=True, height=240)
    else:
        st.caption("Nothing was logged yet.")


def _runs_the_server() -> bool:
    """Return whether the one person at this machine looks; a server of several users knows no such one."""
    return not user().key


def _counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _workers(state: System) -> str:
    """Say how many trainings this server runs side by side, and how many it runs now."""
    busy = len(state.queue.here)
    if settings().dask_address:
        return f"The workers of the cluster train {_counted(busy, 'run')} of this server."
    return f"This server has {_counted(WORKERS, 'worker')}, {busy} busy."


def _place(run: Run, state: System) -> dict[str, object]:
    """Return where a run trains: in this server, or elsewhere; machine and process to whoever runs the server."""
    if run.id not in state.queue.places:
        return {"trained by": "–"}
    if run.id in state.queue.here:
        return {"trained by": "this server"}
    return {"trained by": state.queue.places[run.id] if _runs_the_server() else "another program"}


def _live_row(run: Run, others: bool) -> dict[str, object]:
    own, left = user().owns(run.owner), run.seconds_left
    return {
        "run": seeded_title(run),
        "data": dataset_title(run.request.dataset) if own else "–",
        **({"owner": "you" if own else name_of(run.owner) or "another user"} if others else {}),
        "status": run.status,
        "progress": run.epoch / run.n_epochs,
        "left": "–" if left is None else duration(left),
    }
