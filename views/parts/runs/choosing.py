"""Runs as pages need them: the opened one, and the baseline beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.audit.audited import Audit
from core.calibration.results import CalibrationView
from core.disentanglement.results import DisentangleView
from core.ensembles.results import EnsembleView
from core.errors import DataError
from core.evaluation.evaluate import Evaluation
from core.event_variables.results import EventVariableView
from core.events.spec import DatasetSpec
from core.jobs.artifacts import read_audit
from core.jobs.beside import baselines_among
from core.results import from_json
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import Run, Status, StoreError
from views.parts.frame.link import came_back, held, hold, let_go
from views.parts.frame.state import RUN, may_see, store, why_runs_wait
from views.parts.frame.users import user

if TYPE_CHECKING:
    from core.unlearning.slide import SlideView

PAGES = {
    "disentangle": "views/disentangle.py",
    "ensembles": "views/ensembles.py",
    "calibrate": "views/calibration.py",
    "event_variables": "views/event_variables.py",
}
"""Task → the page of its own that shows its runs."""


def waits_for(run: Run) -> str:
    """Say what a queued run waits for, and how many are to start before it."""
    if why_runs_wait():
        who = "the cluster" if settings().dask_address else "the server"
        return f"waits: {who} takes no run, the page System says why"
    before = store().place_in_queue(run.id)
    turn = f"{before} run{'s' if before > 1 else ''} before it" if before else "the next to begin"
    return f"waits for a free worker, {turn}"


def open_run(run_id: str) -> None:
    """Make a run the opened one; the link names it from now on."""
    st.session_state[RUN] = run_id
    hold(RUN, run_id)


def opened_run(spec: DatasetSpec | None = None) -> Run | None:
    """Return the run that was opened in this visit, else the one that the link names, else the one opened last.

    Args:
        spec: the data on show; the run opened last is then left alone if it is on other events.
    """
    linked = held(RUN)
    run_id = linked or (None if came_back() else st.session_state.get(RUN))
    if run_id is None:
        return None
    try:
        run = store().get(run_id)
        problem = "" if may_see(run) else f"Run {run_id} is another user's, on events that are not published."
    except StoreError:  # the run may be there
        raise
    except DataError:
        problem = f"There is no run {run_id}; it may have been deleted."
    if problem:
        st.session_state.pop(RUN, None)
        let_go(RUN)
        st.warning(problem)
        return None
    if spec is not None and not linked and not same_events(run.request.dataset, spec):
        return None
    open_run(run_id)
    return run


def own_runs(statuses: Sequence[Status] | None = None) -> list[Run]:
    """Return the user's runs, newest first, of the given statuses if any are given; one person alone owns all."""
    return store().runs(statuses, owner=user().key or None)


def visible_runs(statuses: Sequence[Status] | None = None) -> list[Run]:
    """Return the runs of all users that the user may see, newest first, of the given statuses if any are given."""
    viewer = user()
    return [run for run in store().runs(statuses) if viewer.owns(run.owner) or may_see(run)]


def page_of(run: Run) -> str:
    """Return the page that shows a run."""
    return PAGES.get(run.request.task, "views/unlearn.py")


def evaluation_of(run_id: str) -> tuple[Evaluation, bool] | None:
    """Return a run's newest evaluation, and whether it is final, on held-out events; None where its task has none."""
    found = store().view(run_id)
    if found is None:
        return None
    task = store().get(run_id).request.task
    if task == "slide":
        return slide_view(found[0]).evaluation, found[1]
    if task == "disentangle":
        evaluation = disentangle_view(found[0]).evaluation
        return None if evaluation is None else (evaluation, found[1])
    return (_parsed(found[0]), found[1]) if task == "unlearn" else None


def pin_baseline(run: Run, *, pinned: bool = True) -> None:
    """Make a run the one that the user's other runs on its events are compared with, or no longer."""
    for other in own_runs():
        if other.pinned and other.id != run.id and other.request.dataset == run.request.dataset:
            store().pin(other.id, pinned=False)
    store().pin(run.id, pinned=pinned)


def baseline_of(asked: Run | RunRequest) -> Run | None:
    """Return what a run, or one that is asked for, is compared with; None when there is nothing.

    That is the run which the user pinned on the same events, else the baseline on the same events and seed that trains
    alike, the one of the same click before others: done or on its way, else one that was stopped and has a score. One
    that the server's end interrupted is on its way as long as it waits to be continued.
    """
    request, created = (asked, None) if isinstance(asked, RunRequest) else (asked.request, asked.created)
    runs = visible_runs(("done", "stopped", "running", "queued", "interrupted"))
    runs = [run for run in runs if run.status != "interrupted" or run.waiting]
    for run in runs:
        if run.pinned and user().owns(run.owner) and run.request.dataset == request.dataset:
            return run if run.request != request else None
    alike = baselines_among(runs, request, created)
    whole = [run for run in alike if run.status != "stopped"]
    return next(iter([*whole, *filter(has_score, alike)]), None)


def has_score(run: Run) -> bool:
    """Return whether a run ended with a score of each event: one stopped before its classifier did not."""
    return "auc" in run.headline


def same_events(asked: DatasetSpec, spec: DatasetSpec) -> bool:
    """Return whether what a run asked for is a data set's events with their label, or without one.

    Which of their columns are features or protected is left to the run.
    """
    same = asked.model_copy(update={"roles": spec.roles, "name": spec.name}) == spec
    return same and asked.roles.label in (None, spec.roles.label)


def runs_on(spec: DatasetSpec) -> list[Run]:
    """Return the runs on the events of a data set that ended with a model, newest first."""
    ended = store().runs(("done", "stopped"))
    return [run for run in ended if has_score(run) and same_events(run.request.dataset, spec)]


@st.cache_data(max_entries=64, show_spinner=False)
def _parsed(text: str) -> Evaluation:
    return from_json(Evaluation, text)


@st.cache_data(max_entries=16, show_spinner=False)
def slide_view(text: str) -> SlideView:
    """Return what a λ slider reaches; torch is imported with it."""
    from core.unlearning.slide import SlideView

    return from_json(SlideView, text)


@st.cache_data(max_entries=16, show_spinner=False)
def disentangle_view(text: str) -> DisentangleView:
    """Return what a disentangling training reaches."""
    return from_json(DisentangleView, text)


@st.cache_data(max_entries=16, show_spinner=False)
def ensemble_view(text: str) -> EnsembleView:
    """Return what a training on sets of events reaches."""
    return from_json(EnsembleView, text)


@st.cache_data(max_entries=16, show_spinner=False)
def calibration_view(text: str) -> CalibrationView:
    """Return what calibrations side by side reach."""
    return from_json(CalibrationView, text)


@st.cache_data(max_entries=16, show_spinner=False)
def event_variable_view(text: str) -> EventVariableView:
    """Return what the learning of an event variable reaches."""
    return from_json(EventVariableView, text)


@st.cache_data(max_entries=32, show_spinner=False)
def audit_of(run_id: str, finished: float | None) -> Audit | None:
    """Return what the audit of a run that finished found."""
    return None if finished is None else read_audit(settings().runs / run_id)
