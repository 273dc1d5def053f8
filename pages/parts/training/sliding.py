"""A trained λ slider as its page needs it: loaded once, judged once at each λ."""

import streamlit as st

from core.evaluation.evaluate import Evaluation
from core.jobs.sliders import HeldOutSlider, load_slider
from core.settings import settings
from core.store.store import Run
from pages.parts.cached import events_of
from pages.parts.frame.state import store

CAME_FROM = "came-from-lam"
"""λ of the run whose other λ are looked for, until the slider stands there."""


@st.cache_resource(max_entries=4, show_spinner="Loading the slider")
def loaded_slider(run_id: str) -> HeldOutSlider:
    """Load a finished slider before its held-out events."""
    run = store().get(run_id)
    return load_slider(run, events_of(run.request.dataset), settings().runs / run_id)


@st.cache_data(max_entries=256, show_spinner=False)
def at_lambda(run_id: str, lam: float, signal_efficiency: float) -> Evaluation:
    """Judge a slider at one λ and one working point."""
    return loaded_slider(run_id).at(lam, signal_efficiency)


def begin_where_one_came_from(key: str, stops: list[float]) -> None:
    """Put the slider of a key at the stop nearest to the λ of the run that led here, unless the link says where.

    Args:
        key: of the slider, and its name in the link.
        stops: positive values of λ.
    """
    came = st.session_state.pop(CAME_FROM, 0.0)
    if came > 0 and key not in st.query_params:
        st.query_params[key] = f"{min(stops, key=lambda stop: max(stop / came, came / stop)):.6g}"


def newest_slider(run: Run | None, dataset_path: str) -> Run | None:
    """Return the opened run if it is a slider, else the newest slider of the data set."""
    if run is not None and run.request.task == "slide":
        return run
    for other in store().runs(("queued", "running", "done", "stopped")):
        if other.request.task == "slide" and other.request.dataset.path == dataset_path:
            return other
    return None
