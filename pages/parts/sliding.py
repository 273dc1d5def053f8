"""A trained λ slider as its page needs it: loaded once, scored and judged at any λ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.errors import DataError
from core.evaluation.evaluate import Evaluation, evaluate
from core.events.table import EventTable
from core.jobs.artifacts import read_model, read_split
from core.jobs.store import Run
from core.learning.split import HELD_OUT
from core.settings import settings
from core.unlearning.slide import Slider
from pages.parts.cached import events_of
from pages.parts.state import store

MOST_EVENTS = 100_000


@dataclass(frozen=True)
class Loaded:
    """Hold a slider and the held-out events that it is judged on."""

    slider: Slider
    events: EventTable


@st.cache_resource(max_entries=4, show_spinner="Loading the slider")
def loaded_slider(run_id: str) -> Loaded:
    """Load a finished slider with the events that its training held out, at most 100,000 of them."""
    run, folder = store().get(run_id), settings().runs / run_id
    held_out = np.flatnonzero(read_split(folder) == HELD_OUT)
    if len(held_out) > MOST_EVENTS:
        held_out = np.sort(np.random.default_rng(0).choice(held_out, MOST_EVENTS, replace=False))
    events = events_of(run.request.dataset).take(held_out)
    return Loaded(Slider.of(read_model(folder), run.config, events), events)


@st.cache_data(max_entries=256, show_spinner=False)
def at_lambda(run_id: str, lam: float, signal_efficiency: float) -> Evaluation:
    """Judge a slider at one λ and one working point."""
    found = loaded_slider(run_id)
    scores = found.slider.score(lam)
    rng = np.random.default_rng(0)
    return evaluate(scores, found.events, rng=rng, signal_efficiency=signal_efficiency, replicas=0, dependence=False)


def newest_slider(run: Run | None, dataset_path: str) -> Run | None:
    """Return the opened run if it is a slider, else the newest slider of the data set."""
    if run is not None and run.request.task == "slide":
        return run
    for other in store().runs(("queued", "running", "done", "stopped")):
        if other.request.task == "slide" and other.request.dataset.path == dataset_path:
            return other
    return None


def lambda_reaching(lams: np.ndarray, inverse: np.ndarray, wanted: float) -> float:
    """Return the smallest λ whose 1/JSD reaches what is wanted, interpolated in the logarithms of both.

    Raises:
        DataError: no λ of the slider does.
    """
    best = np.maximum.accumulate(inverse)
    if not wanted <= best[-1]:
        raise DataError(f"1/JSD = {wanted:g} is beyond this slider; it reaches {best[-1]:.3g}")
    rising = np.concatenate([[True], np.diff(best) > 0])
    return float(np.exp(np.interp(np.log(max(wanted, best[0])), np.log(best[rising]), np.log(lams[rising]))))
