"""What a browser session holds: its data set, kept in the link, and the caches all sessions share."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import streamlit as st

from core.cluster.choice import runner_for
from core.errors import DataError
from core.events.allowed import require_allowed_data
from core.events.labels import require_labelled
from core.events.source import vanished
from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.jobs.datasets import recall, remember
from core.jobs.loading import SHARED
from core.jobs.runner import ThreadRunner
from core.jobs.uploads import may_open
from core.settings import settings
from core.store.address import without_server
from core.store.request import RunRequest
from core.store.store import LIVE, Run, RunStore, StoreError
from views.parts.data.reading import is_at_hand, read_events
from views.parts.frame.link import visit
from views.parts.frame.users import user
from views.parts.words import plain_text, sentence

DATA, RUN = "data", "run"
CHOOSE = "choose"
"""In the link to Data: the data set in whose place another one is to be chosen."""
NOWHERE, TAKEN = "link-nowhere", "link-taken"
"""What the link asked for in vain, and in which visit; the visit that has its data."""
WORKERS = 2
"""Runs trained at the same time: a method and its baseline side by side."""
log = logging.getLogger(__name__)


def mode() -> Literal["light", "dark"]:
    """Return whether the browser shows the light or the dark theme."""
    return "dark" if st.context.theme.type == "dark" else "light"


def use_dataset(spec: DatasetSpec) -> None:
    """Make a data set the current one; the link names it from now on, where that can be kept."""
    st.session_state[DATA] = spec
    try:
        st.query_params[DATA] = remember(spec, settings().datasets)
    except DataError as problem:  # the page says so on top; this session goes on without a link
        log.error("%s", problem)
        st.query_params.pop(DATA, None)


def close_dataset(path: str) -> None:
    """Let go of the current data set if it is of a file that is no more."""
    opened: DatasetSpec | None = st.session_state.get(DATA)
    if opened is not None and any(each.startswith(path) for each in opened.files):
        del st.session_state[DATA]
        st.query_params.pop(DATA, None)


def current_dataset() -> DatasetSpec | None:
    """Return the session's data set, or that of the data or the run that the link names; None when there is none.

    A new visit takes the data that its link names: what was seen then may be of other data than the session's.
    """
    spec: DatasetSpec | None = st.session_state.get(DATA)
    key, run_id = st.query_params.get(DATA), st.query_params.get(RUN)
    if key and st.session_state.get(TAKEN) != visit():
        spec = None
    try:
        if spec is None and key:
            spec = recall(key, settings().datasets)
        elif spec is None and run_id:
            run = store().get(run_id)
            spec = run.request.dataset if may_see(run) else None
        if spec is not None and spec != st.session_state.get(DATA):
            require_allowed_data(spec)
    except StoreError:  # the run may be there
        raise
    except DataError as problem:
        st.query_params.clear()  # a page draws itself again at once: what was wrong is kept for it
        st.session_state[NOWHERE] = visit(), sentence(f"the link leads nowhere: {problem}")
        return None
    if spec is not None:
        use_dataset(spec)
        st.session_state[TAKEN] = visit()
    return spec


def say_nowhere() -> None:
    """Say on the page which data the link asked for in vain, as long as the page is shown and has no data."""
    when, words = st.session_state.get(NOWHERE, (None, ""))
    if when == visit() and DATA not in st.session_state:
        st.warning(words, icon=":material/link_off:")


def may_see(run: Run) -> bool:
    """Return whether the user may see a run: their own, or one on events that they may see.

    Those are the samples, files of the server, their own uploads, published ones, and what a link led to.
    """
    opened: DatasetSpec | None = st.session_state.get(DATA)
    files = run.request.dataset.files
    if user().owns(run.owner) or (opened is not None and opened.files == files):
        return True
    return all(may_open(path, settings().uploads, user().key) for path in files)


def needed_dataset(purpose: str) -> tuple[DatasetSpec, EventTable]:
    """Return the current data set and its events, or show what to do and end the page."""
    spec = current_dataset()
    if spec is None:
        say_nowhere()
        st.info(f"{purpose} Choose a sample or upload a file first.", icon=":material/database:")
        st.page_link("views/data.py", label="Choose data", icon=":material/arrow_forward:")
        st.stop()
    events, known = None, False
    with told():
        known = is_at_hand(spec)
        events = read_events(spec)
    if events is None:
        st.page_link("views/data.py", label="Choose other data", icon=":material/arrow_back:")
        st.stop()
    if not known:
        st.rerun()  # the sidebar knows the events from now on
    if missing := vanished(*spec.files):
        st.warning(
            f"{plain_text(' and '.join(missing))} is no longer there: what is shown is of the events in memory.",
            icon=":material/link_off:",
        )
    return spec, events


def is_labelled(events: EventTable) -> bool:
    """Return whether the events have both classes."""
    try:
        require_labelled(events)
    except DataError:
        return False
    return True


@contextmanager
def told() -> Iterator[None]:
    """Show bad input as a sentence on the page instead of a traceback; what the server lacks is logged too."""
    try:
        yield
    except DataError as problem:
        if isinstance(problem, StoreError):
            log.error("%s", problem)
        st.error(sentence(without_server(str(problem))), icon=":material/error:")
    except OSError as problem:
        log.error("the server cannot read or write its data: %s", problem)
        st.error(sentence(f"the server cannot read or write its data: {problem.strerror}"), icon=":material/error:")


@st.cache_resource
def store() -> RunStore:
    """Open the run store once."""
    return RunStore(settings().database_url)


class Desk:
    """Take the user's requests: every run bears its owner."""

    def submit(self, request: RunRequest) -> Run:
        """Check a request, queue it and return its run; one that is already on its way is not queued twice.

        Raises:
            DataError: the request is not allowed, or the user has as many runs as is allowed.
        """
        owner = user().key
        twin = next((run for run in store().runs(LIVE, owner) if run.request == request and not run.stopping), None)
        if twin is not None:
            return twin
        run = _workers().submit(request, owner=owner)
        _log_asked([run])
        return run

    def submit_all(self, requests: Sequence[RunRequest]) -> list[Run]:
        """Check requests, queue all of them or none, and return their runs.

        Raises:
            DataError: a request is not allowed, or they are more runs than the user is allowed.
        """
        runs = _workers().submit_all(requests, owner=user().key)
        _log_asked(runs)
        return runs


def _log_asked(runs: Sequence[Run]) -> None:
    """Log who asked for runs; one who does not sign in is told from others by a key."""
    who = user()
    for run in runs:
        log.info("run %s: asked for by %s, %s by %s", run.id, who.told, run.request.task, run.request.method)


def runner() -> Desk:
    """Return what takes requests; the workers start with the first call."""
    _workers()
    return Desk()


def why_runs_wait() -> str:
    """Return what keeps runs from being begun, such as a scheduler that does not answer; empty when nothing does."""
    return _workers().problem


@st.cache_resource
def _workers() -> ThreadRunner:
    return runner_for(settings(), store(), workers=WORKERS, load=SHARED)
