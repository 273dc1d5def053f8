"""A finished model on other events: scored here where they are few enough, on the command line otherwise."""

import tempfile
from pathlib import Path

import streamlit as st

from core.errors import DataError
from core.events.source import inspect_file
from core.numbers import format_count
from core.settings import settings
from core.store.store import Run
from views.parts.frame.state import current_dataset, told
from views.parts.runs.choosing import has_score
from views.parts.words import dataset_title, plain_text

MOST_EVENTS = 5_000_000
"""More events take the command line, which streams them."""
TASKS = ("unlearn", "slide", "disentangle", "event_variables")


def apply_part(run: Run) -> None:
    """Offer the scores that a finished model gives other events."""
    if not has_score(run) or run.request.task not in TASKS:
        return
    spec, key = current_dataset(), f"applied-{run.id}"
    with st.expander("Apply it to other events"):
        if spec is not None and st.button(
            f"Score the current data, {plain_text(dataset_title(spec))}", key=f"apply-{run.id}"
        ):
            st.session_state.pop(key, None)
            with told(), st.spinner("Scoring the events"):
                st.session_state[key] = spec.path, scores_of(run.id, spec.path)
        path, content = st.session_state.get(key, ("", b""))
        if spec is not None and path == spec.path:
            st.download_button(
                f"Scores (Parquet, {len(content) / 1e6:.3g} MB)", content, f"{run.id}-on-{Path(path).stem}.parquet",
                key=f"download-{key}", on_click="ignore", type="primary",
            )  # fmt: skip
        st.caption("Or of any file that has the columns which the model takes:")
        st.code(f"python -m core apply {run.id} FILE --out scores.parquet", language="bash")


def scores_of(run_id: str, file: str) -> bytes:
    """Return the score of each event of a file, in their order, as Parquet.

    Raises:
        DataError: the file lacks a column that the model takes, or has too many events to be scored by a page.
    """
    from core.jobs.apply import apply_model
    from core.jobs.saved import load_model

    n = inspect_file(file).n_events
    if n > MOST_EVENTS:
        raise DataError(f"{format_count(n)} events are too many for a page; allowed: {format_count(MOST_EVENTS)}")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "scores.parquet"
        apply_model(load_model(settings().runs / run_id), file, out)
        return out.read_bytes()
