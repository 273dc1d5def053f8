"""What a browser session holds: its data set, kept in the link, and the caches all sessions share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import streamlit as st

from core.errors import DataError
from core.events.labels import require_labelled
from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.jobs.datasets import recall, remember
from core.jobs.runner import ThreadRunner
from core.jobs.store import RunStore
from core.settings import settings
from pages.parts.cached import events_of
from pages.parts.words import sentence

DATA, RUN = "data", "run"
WORKERS = 2
"""Runs trained at the same time: a method and its baseline side by side."""


def mode() -> Literal["light", "dark"]:
    """Return whether the browser shows the light or the dark theme."""
    return "dark" if st.context.theme.type == "dark" else "light"


def use_dataset(spec: DatasetSpec) -> None:
    """Make a data set the current one; the link names it from now on."""
    st.session_state[DATA] = spec
    st.query_params[DATA] = remember(spec, settings().datasets)


def current_dataset() -> DatasetSpec | None:
    """Return the session's data set, or that of the data or the run that the link names; None when there is none."""
    spec: DatasetSpec | None = st.session_state.get(DATA)
    key, run_id = st.query_params.get(DATA), st.query_params.get(RUN)
    try:
        if spec is None and key:
            spec = recall(key, settings().datasets)
        elif spec is None and run_id:
            spec = store().get(run_id).request.dataset
    except DataError as problem:
        st.query_params.clear()
        st.warning(sentence(f"the link leads nowhere: {problem}"))
        return None
    if spec is not None:
        use_dataset(spec)
    return spec


def needed_dataset(purpose: str) -> tuple[DatasetSpec, EventTable]:
    """Return the current data set and its events, or show what to do and end the page."""
    spec = current_dataset()
    if spec is None:
        st.info(f"{purpose} Choose a sample or upload a file first.", icon=":material/database:")
        st.page_link("pages/data.py", label="Choose data", icon=":material/arrow_forward:")
        st.stop()
    events = None
    with told():
        events = events_of(spec)
    if events is None:
        st.page_link("pages/data.py", label="Choose other data", icon=":material/arrow_back:")
        st.stop()
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
    """Show bad input as a sentence on the page instead of a traceback."""
    try:
        yield
    except DataError as problem:
        st.error(sentence(str(problem)), icon=":material/error:")


@st.cache_resource
def store() -> RunStore:
    """Open the run store once."""
    return RunStore(settings().database_url)


@st.cache_resource
def runner() -> ThreadRunner:
    """Start the workers once."""
    return ThreadRunner(store(), settings().runs, workers=WORKERS)
