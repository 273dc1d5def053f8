"""What a page says when the server can keep nothing any more, or its cluster trains nothing."""

import streamlit as st

from core.cluster.choice import without_address
from core.settings import settings
from core.store.address import without_server
from core.store.disk import why_unwritable
from core.store.run import Run
from views.parts.frame.state import store, why_runs_wait
from views.parts.frame.users import user
from views.parts.words import sentence

MEANWHILE = (
    "Until then events can be explored, but no upload, link or run is kept; runs that were training wait, and go on by "
    "themselves."
)


def say_if_unwritable() -> None:
    """Say on top of a page why nothing can be kept; the folder is told to whoever runs the server alone."""
    problem = why_unwritable(settings().data)
    if problem:
        told = sentence(problem) if not user().key else "The server can write nothing: tell whoever runs it."
        st.error(f"{told} {MEANWHILE}", icon=":material/hard_disk:")


def why_not_recorded(run: Run) -> str:
    """Return why a run that trains records no epochs any more; empty where it does, or where nobody tried to."""
    if run.status != "running":
        return ""
    if trouble := store().trouble:
        return f"waits: its epochs cannot be recorded ({without_server(trouble)}); it goes on by itself when they can"
    if settings().dask_address and (lost := why_runs_wait()):
        return f"waits: {without_address(lost)}; it goes on from its last state by itself when a worker is there"
    return ""
