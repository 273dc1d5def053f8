"""The sidebar: the current data and the live runs, on every page."""

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.events.source import inspect_file, vanished
from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.exports.titles import method_title
from core.figures.words import shorten
from core.jobs.scanned import scans
from core.numbers import format_count, format_events
from core.observability.system import devices
from core.settings import settings
from core.store.store import LIVE
from views.parts.cached import events_of
from views.parts.data.reading import ONCE_READ, is_at_hand
from views.parts.definitions import DEFINITIONS
from views.parts.frame.alone import alone
from views.parts.frame.shortcuts import shortcuts
from views.parts.frame.state import CHOOSE, DATA, current_dataset, is_labelled, runner, store, told
from views.parts.frame.users import remember_browser, sign_out_button
from views.parts.runs.choosing import own_runs, waits_for
from views.parts.runs.opening import go_to
from views.parts.training.scanning import open_scan, time_left
from views.parts.words import (
    dataset_title,
    duration,
    plain_text,
    seeded_title,
    signal_share,
    symbol_text,
    title_text,
)

LONGEST_CUT = 80
"""Characters of a cut that the sidebar shows; the rest is on hover."""
LOOK, LOOK_FOR_NEW = 2.0, 10.0
"""Seconds between looks at live runs, and for runs begun in another window where there are none."""
DENSE = """<style>
[data-testid="stNavSectionHeader"] { margin: 0; padding-top: 0.4rem; padding-bottom: 0 }
[data-testid="stSidebarNavItems"] li { margin: 0 }
[data-testid="stSidebarNavLink"] { margin: 0; padding-top: 0; padding-bottom: 0; height: 26px }
[data-testid="stSidebarUserContent"] { padding-top: 0 }
</style>"""  # the data in sight beneath all pages


def sidebar() -> None:
    """Draw what the sidebar has beneath the navigation."""
    st.html(DENSE)
    runner()
    data, live = st.container(), st.container()
    with data:
        _current_data()
    with live:  # at one place with and without data: elsewhere it would be another part, and a look under way be lost
        alone(_live_runs, every=LOOK if own_runs(LIVE) else LOOK_FOR_NEW)()
    _device()
    shortcuts()
    sign_out_button()
    remember_browser()


def _current_data() -> None:
    spec = current_dataset()
    st.session_state.pop(ONCE_READ, None)
    if spec is None:
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption("CURRENT DATA", width="content")
        st.page_link(
            "views/data.py", label=":small[change]", help="Another sample, file or roles", width="content",
            query_params={DATA: key, CHOOSE: key} if (key := st.query_params.get(DATA)) else None,
        )  # fmt: skip
    place = st.empty()
    _told_data(place, spec)
    st.session_state[ONCE_READ] = partial(_told_data, place, spec)


def _told_data(place: DeltaGenerator, spec: DatasetSpec) -> None:
    """Say what the current data are; how many events there are is known once they are read."""
    with place.container(), told():
        events = events_of(spec) if is_at_hand(spec) else None  # many events are read by the page that needs them
        roles = spec.roles
        protected = [plain_text(name) if events is None else title_text(events, name) for name in roles.protected]
        features = f"{len(roles.features)} feature{'' if len(roles.features) == 1 else 's'}"
        counted = _counted(spec, events)
        st.markdown(
            f"**{plain_text(dataset_title(spec))}**  \n"
            f"{counted}  \n"
            f"{features} · protected: {', '.join(protected) or 'none'}  \n"
            f"label: {plain_text(roles.label or 'none')} · weight: {plain_text(roles.weight or 'none')}" + _cuts(spec),
            help=_hover(spec, counted),
        )


def _counted(spec: DatasetSpec, events: EventTable | None) -> str:
    """Return how many events there are, or in the file while they are not read."""
    if events is None:
        return f"{format_count(inspect_file(*spec.files).n_events)} events in the file, not read yet"
    counted = format_events(events.n_events, _effective(events), even_odds=is_labelled(events))
    if _cuts(spec) and not vanished(*spec.files):
        counted = counted.replace(" event", f" of {format_count(inspect_file(*spec.files).n_events)} event", 1)
    return f"{symbol_text(counted)}{_signal(events)}"


def _cuts(spec: DatasetSpec) -> str:
    """Return a line that says which events of the file are left out; empty where none are."""
    selection = [f"cut: {plain_text(shorten(spec.selection, LONGEST_CUT))}"] if spec.selection else []
    invalid = ["finite only"] if spec.drop_invalid else []
    return "  \n" + " · ".join([*selection, *invalid]) if selection or invalid else ""


def _hover(spec: DatasetSpec, counted: str) -> str | None:
    """Return what the numbers mean, and the whole cut where it is too long for the sidebar."""
    term = "n_effective_even" if "even odds" in counted else "n_effective" if "eff" in counted else None
    said = [symbol_text(DEFINITIONS[term])] if term else []
    if spec.selection and len(spec.selection) > LONGEST_CUT:
        said.append(f"Cut: {plain_text(spec.selection)}")
    return "  \n".join(said) or None


def _signal(events: EventTable) -> str:
    return f", {signal_share(events)} signal".replace(" %", "\N{NO-BREAK SPACE}%") if is_labelled(events) else ""


def _effective(events: EventTable) -> float:
    """Return N_eff, with both classes weighted alike where there are two."""
    return events.balanced_n_effective if is_labelled(events) else events.n_effective


@told()
def _live_runs() -> None:
    """List the user's live runs; a scan of many is one line."""
    live = own_runs(LIVE)
    if not live:
        return
    st.caption("RUNNING")
    if any(run.request.scan for run in live):
        _live_scans()
    for run in reversed(live):
        if run.request.scan:
            continue
        left = run.seconds_left
        note = f"{duration(left)} left" if left is not None else run.status
        note = waits_for(run) if run.status == "queued" else note
        judged = f"judging it, {note}" if left is not None else "judging it"
        note = judged if run.is_judged else "stopping" if run.stopping else note
        st.progress(min(run.epochs_done / run.n_epochs, 1.0), text=f"{seeded_title(run)} · {note}")
        with st.container(horizontal=True):
            is_opened = st.button("Open", key=f"open-{run.id}", type="tertiary")
            st.button(
                "Stop run", key=f"end-{run.id}", type="tertiary", disabled=run.stopping, on_click=_stop, args=(run.id,)
            )
        if is_opened:
            go_to(run)


@told()
def _stop(run_id: str) -> None:
    store().stop(run_id)


def _live_scans() -> None:
    for scan in reversed([each for each in scans(own_runs()) if each.is_live]):
        titles = ", ".join(method_title(method) for method in scan.methods)
        st.progress(scan.share, text=f"Scan of {titles} · {scan.n_ended} of {len(scan.runs)} runs · {time_left(scan)}")
        if st.button("Open", key=f"open-{scan.name}", type="tertiary"):
            open_scan(scan.name)
            st.switch_page("views/scan.py")


def _device() -> None:
    """Say on what runs train; GPUs are unknown until torch is imported, after the first page."""
    if settings().dask_address:
        st.caption("Trains on a cluster")
        return
    processor, *gpus = devices()
    cores = f"{processor.cores} processor core{'' if processor.cores == 1 else 's'}"
    st.caption(plain_text(f"Trains on {gpus[0].name if gpus else cores}"), help=processor.name or None)
