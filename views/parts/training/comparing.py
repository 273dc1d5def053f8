"""Runs to compare: which the link names, their scores on held-out events, and what to call them."""

from collections.abc import Sequence

import streamlit as st

from core.errors import DataError
from core.evaluation.compare import Difference, PassingSpectra, Scored, compare, passing_spectra
from core.exports.titles import method_title, run_title
from core.jobs.held_out import held_out_scores
from core.settings import settings
from core.store.store import Run
from views.parts.frame.link import came_back, held, hold, let_go
from views.parts.frame.state import may_see, store
from views.parts.runs.choosing import evaluation_of, has_score
from views.parts.words import sentence

RUNS = "runs"
MOST_COMPARED = 6
CHOSEN = "compared"


def open_comparison(run_ids: Sequence[str]) -> None:
    """Make runs those that are compared; the page's link names them from then on."""
    st.session_state[CHOSEN] = list(run_ids)


def compared_runs() -> list[Run]:
    """Return the runs that the link names or that were chosen before; say which of them cannot be compared, and why."""
    link = held(RUNS)
    asked = link.split(",") if link else [] if came_back() else st.session_state.get(CHOSEN, [])
    found, refused = [], []
    for run_id in dict.fromkeys(part.strip() for part in asked if part.strip()):
        try:
            run = store().get(run_id)
        except DataError as problem:
            refused.append(str(problem))
            continue
        if not may_see(run):
            refused.append(f"run {run_id} is another user's, on events that are not published")
            continue
        if has_score(run):
            found.append(run)
        else:
            refused.append(f"run {run_id} ({run_title(run)}) is {run.status} and has no result to compare")
    if len(found) > MOST_COMPARED:
        refused.append(f"{len(found)} runs are too many to compare; the first {MOST_COMPARED} are shown")
    for reason in refused:
        st.warning(sentence(reason), icon=":material/link_off:")
    return found[:MOST_COMPARED]


def write_link(run_ids: Sequence[str]) -> None:
    """Let the link name the runs that are compared."""
    open_comparison(run_ids)
    if run_ids:
        hold(RUNS, ",".join(run_ids))
    else:
        let_go(RUNS)


def names_of(runs: Sequence[Run]) -> list[str]:
    """Return what to call each run: its method with λ, and in brackets what tells it from others: seed, end of its id.

    Short, since legends cut long names at their end.
    """
    details: list[list[str]] = [[] for _ in runs]
    for detail in (lambda run: f"seed {run.request.seed}", lambda run: run.id.rpartition("-")[2], lambda run: run.id):
        names = [_name(run, words) for run, words in zip(runs, details, strict=True)]
        said = [detail(run) for run in runs]
        for words, name, own in zip(details, names, said, strict=True):
            if len({other for other, its in zip(said, names, strict=True) if its == name}) > 1:
                words.append(own)
    return [_name(run, words) for run, words in zip(runs, details, strict=True)]


def _name(run: Run, details: Sequence[str]) -> str:
    slider = " slider" if run.request.task == "slide" else ""
    lam = run.config.get("lam_max" if slider else "lam")
    name = f"{method_title(run.request.method)}{slider}" + (f" λ = {lam:g}" if lam is not None else "")
    return f"{name} ({', '.join(details)})" if details else name


@st.cache_resource(max_entries=12, show_spinner="Reading the scores")
def scored_run(run_id: str, name: str) -> Scored:
    """Read what a run gave its held-out events.

    Raises:
        DataError: the run left no scores or no evaluation.
    """
    found = evaluation_of(run_id)
    if found is None:
        raise DataError(f"run {run_id} has no evaluation")
    scores, events = held_out_scores(settings().runs / run_id)
    return Scored(name, scores, events, found[0])


@st.cache_data(max_entries=32, show_spinner="Comparing")
def differences_of(run_ids: tuple[str, ...], names: tuple[str, ...], variable: str) -> tuple[Difference, ...]:
    """Compare runs with the first one."""
    return compare(_scored(run_ids, names), variable)


@st.cache_data(max_entries=32, show_spinner=False)
def spectra_of(run_ids: tuple[str, ...], names: tuple[str, ...], variable: str) -> PassingSpectra:
    """Histogram the background that passes the cut of each run."""
    return passing_spectra(_scored(run_ids, names), variable)


def _scored(run_ids: Sequence[str], names: Sequence[str]) -> list[Scored]:
    return [scored_run(run_id, name) for run_id, name in zip(run_ids, names, strict=True)]
