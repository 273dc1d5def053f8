"""The verdict on a run: in words with its numbers, and what to do next."""

import streamlit as st

from core.audit.bump import bump_sentence
from core.audit.outcome import outcome
from core.evaluation.evaluate import Evaluation
from core.evaluation.verdict import flatness, verdict
from core.exports.titles import stopped_words
from core.store.request import RunRequest
from core.store.store import Run
from views.parts.cached import events_of
from views.parts.frame.state import DATA, RUN, runner, store
from views.parts.runs.choosing import audit_of, visible_runs
from views.parts.runs.downloads import export_menu
from views.parts.training.sliding import CAME_FROM, FROM
from views.parts.words import symbol_text

PREFERRED = "flat0"
"""Penalty of the slider where the run's own method has no λ that could slide."""


def show_verdict(run: Run, evaluation: Evaluation, baseline: Evaluation | None) -> None:
    """Say what a finished training came to; green where it is flat and its audit found nothing.

    Args:
        run: that is over.
        evaluation: of its held-out events.
        baseline: of the run to compare with, on the same events; None when there is none, or it is not over.
    """
    events = events_of(run.request.dataset)
    titles = {each.variable: events.describe(each.variable).title for each in evaluation.protected}
    audit = audit_of(run.id, run.finished)
    failed = audit is not None and any(finding.passed is False for finding in audit.findings)
    said, next_steps = st.columns([9, 2])
    show = said.success if all(flatness(each) for each in evaluation.protected) and not failed else said.info
    words = [
        stopped_words(run, store().history(run.id)),
        verdict(evaluation, baseline, titles),
        bump_sentence(audit, titles) if audit else "",
        outcome(audit, evaluation),
    ]
    show(symbol_text(" ".join(filter(None, words))), icon=":material/gavel:")
    with next_steps:
        if run.request.task in ("unlearn", "slide") and st.button(
            "Try other λ",
            type="primary",
            width="stretch",
            key=f"other-lambda-{run.id}",
            help="Opens one network that is the classifier of every λ, under a slider. It is trained first, unless "
            "there is one.",
        ):
            slider = run if run.request.task == "slide" else slider_beside(run)
            if slider.request.method == run.request.method:
                st.session_state[CAME_FROM] = run.config.get("lam", 0.0)
            link = {DATA: st.query_params[DATA], RUN: slider.id}
            st.switch_page("views/tune.py", query_params=link if slider is run else link | {FROM: run.id})
        export_menu(run)


def slider_beside(run: Run) -> Run:
    """Return the newest λ slider of a run's method on its events, or begin one.

    Raises:
        DataError: the slider may not be trained, such as when the user has as many runs as is allowed.
    """
    from core.unlearning.slide import slidable_methods  # imports torch
    from core.unlearning.slide_steps import SlideConfig

    asked = run.request
    method = asked.method if asked.method in slidable_methods() else PREFERRED
    for other in visible_runs(("done", "running", "queued")):
        if (other.request.task, other.request.method, other.request.dataset) == ("slide", method, asked.dataset):
            return other
    config = SlideConfig.around(method)
    return runner().submit(
        RunRequest(
            task="slide", method=method, dataset=asked.dataset, config=config, seed=asked.seed, device=asked.device
        )
    )
