"""Leading from a list of runs to the page of one, with its data."""

import streamlit as st

from core.errors import DataError
from core.events.source import vanished
from core.jobs.datasets import remember
from core.settings import settings
from core.store.store import Run
from views.parts.frame.link import hold
from views.parts.frame.state import DATA, RUN, told
from views.parts.runs.choosing import page_of, same_events


def go_to(run: Run) -> None:
    """Open a run on its page: on the data on show where they are its events, else with its own; say if these are gone.

    The link is handed on: a switch of pages drops what is in it, and a page leaves alone a run on other events.
    """
    with told():
        link = _link_to(run)
        st.session_state[RUN] = run.id
        hold(RUN, run.id, in_link=False)
        st.switch_page(page_of(run), query_params=link)


def _link_to(run: Run) -> dict[str, str]:
    """Return the link of a run and of its data.

    Raises:
        DataError: its data are gone.
    """
    from views.parts.training.page import is_toy  # imports torch

    dataset, shown = run.request.dataset, st.session_state.get(DATA)
    if is_toy(dataset.path) or (shown is not None and same_events(dataset, shown)):
        kept = {DATA: st.query_params[DATA]} if DATA in st.query_params else {}
        return kept | {RUN: run.id}
    if missing := vanished(*dataset.files):
        raise DataError(f"run {run.id} cannot be opened: {' and '.join(missing)} is no longer there")
    key = remember(dataset, settings().datasets)
    return {DATA: key, RUN: run.id}
