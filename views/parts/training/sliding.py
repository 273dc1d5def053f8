"""A trained λ slider as its page needs it: loaded once, judged once at each λ."""

import streamlit as st

from core.evaluation.evaluate import Evaluation
from core.evaluation.verdict import inverse
from core.figures.front import FrontCurve
from core.jobs import sliders
from core.jobs.sliders import HeldOutSlider, load_slider
from core.numbers import format_count
from core.settings import settings
from core.store.store import Run
from core.unlearning.slide import SlideView
from views.parts.cached import events_of
from views.parts.frame.link import came_back
from views.parts.frame.state import may_see, store, told
from views.parts.runs.choosing import evaluation_of

CAME_FROM = "came-from-lam"
"""λ of the run whose other λ are looked for, until the slider stands there."""
FROM = "from"
"""In the link: the run whose other λ are looked for."""
THIS_RUN = "this run"
ROUNDED = 0.01
"""By how much a λ of three figures may lie beyond the end of the slider that it stands for, as a share."""


@st.cache_resource(max_entries=4, show_spinner="Loading the slider")
def loaded_slider(run_id: str) -> HeldOutSlider:
    """Load a finished slider before its held-out events."""
    run = store().get(run_id)
    return load_slider(run, events_of(run.request.dataset), settings().runs / run_id)


@st.cache_data(max_entries=256, show_spinner=False)
def at_lambda(run_id: str, lam: float, signal_efficiency: float) -> Evaluation:
    """Judge a slider at one λ and one working point."""
    return loaded_slider(run_id).at(lam, signal_efficiency)


def shown_view(run_id: str, view: SlideView) -> SlideView:
    """Return what a finished slider reaches on the events that ``at_lambda`` judges it on.

    Args:
        run_id: of the slider.
        view: what was stored, judged on all held-out events.
    """
    return view if view.evaluation.n_events <= sliders.MOST_EVENTS else _front_on_fewer(run_id, view)


@st.cache_data(max_entries=16, show_spinner="Judging the slider")
def _front_on_fewer(run_id: str, _view: SlideView) -> SlideView:
    return loaded_slider(run_id).front(_view)


def begin_where_one_came_from(key: str, stops: list[float]) -> None:
    """Put the slider of a key at the stop nearest to the λ of the run that led here, unless the link says where.

    Args:
        key: of the slider, and its name in the link.
        stops: positive values of λ.
    """
    came = st.session_state.pop(CAME_FROM, 0.0)
    if came > 0 and key not in st.query_params:
        st.query_params[key] = f"{nearest(came, stops):.6g}"


def take_nearest_of_link(key: str, stops: list[float]) -> None:
    """Let a link whose λ lies between the ends of the slider, rounded maybe, mean the stop nearest to it.

    Args:
        key: of the slider, and its name in the link.
        stops: positive values of λ, the smallest first.
    """
    try:
        asked = float(st.query_params.get(key, ""))
    except ValueError:
        return
    if not stops[0] * (1 - ROUNDED) <= asked <= stops[-1] * (1 + ROUNDED):
        return
    meant = f"{nearest(asked, stops):.6g}"
    if st.query_params[key] != meant:
        st.query_params[key] = meant


def nearest(lam: float, stops: list[float]) -> float:
    """Return the stop whose ratio to a λ is nearest to one.

    Example:
        >>> nearest(622.0, [547.1, 621.7, 700.0])
        621.7
    """
    return min(stops, key=lambda stop: max(stop / lam, lam / stop))


def run_one_came_from(slider: Run, judged: int | None = None) -> list[FrontCurve]:
    """Return, as a point of the front, the finished run of the same events that the link says one came from, if any.

    Args:
        slider: whose front it is; the session remembers of each where one came from.
        judged: on how many held-out events the slider was judged; None while it trains, on validation events.
    """
    kept = f"{FROM}-{slider.id}"
    if FROM not in st.query_params and kept in st.session_state and not came_back():
        st.query_params[FROM] = st.session_state[kept]
    run_id = st.query_params.get(FROM)
    if run_id in (None, slider.id):
        return []
    st.session_state[kept] = run_id
    with told():
        run = store().get(run_id)
        found = evaluation_of(run_id)
        if found is None or not found[1] or run.request.dataset != slider.request.dataset or not may_see(run):
            return []
        evaluation, lam = found[0], run.config.get("lam", float("nan"))
        worst = max(evaluation.protected, key=lambda each: each.jsd_nats.value)
        flat, limit = inverse(worst.jsd_nats), 1 / worst.limit_nats
        sample = "" if evaluation.n_events == judged else f"{format_count(evaluation.n_events)} held-out events"
        return [FrontCurve(THIS_RUN, (lam,), (evaluation.auc,), (flat,), (limit,), sample=sample)]
    return []
