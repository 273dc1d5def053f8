"""Finished runs on the current events, which the guide shows in place of its own computations."""

from dataclasses import dataclass

from core.disentanglement.results import Latents
from core.evaluation.evaluate import Evaluation
from core.events.spec import DatasetSpec
from core.store.store import Run
from views.parts.frame.state import store
from views.parts.runs.choosing import baseline_of, disentangle_view, evaluation_of, runs_on


@dataclass(frozen=True)
class Finished:
    """Hold a finished run and its evaluation on held-out events.

    Args:
        run: the run.
        evaluation: with the protected variable that was asked for.
        baseline: that of the baseline beside it; None when there is none.
    """

    run: Run
    evaluation: Evaluation
    baseline: Evaluation | None


def finished_baseline(spec: DatasetSpec, protected: str) -> Finished | None:
    """Return the newest finished baseline on these events."""
    return next((each for each in _finished(spec, protected) if each.run.request.method == "baseline"), None)


def finished_unlearned(spec: DatasetSpec, protected: str) -> Finished | None:
    """Return the newest finished run that unlearned the protected variable on these events."""
    return next((each for each in _finished(spec, protected) if each.run.request.method != "baseline"), None)


def finished_latents(spec: DatasetSpec, protected: str) -> tuple[Run, Latents] | None:
    """Return the newest finished disentangling on these events, and what its latent dimensions hold."""
    for run in _done(spec, "disentangle"):
        found = store().view(run.id)
        if found is not None and found[1] and protected in run.request.dataset.roles.protected:
            return run, disentangle_view(found[0]).latents
    return None


def _done(spec: DatasetSpec, task: str) -> list[Run]:
    """Return the finished runs of a task on the same events, whatever roles their columns have, newest first."""
    return [run for run in runs_on(spec) if run.status == "done" and run.request.task == task]


def _finished(spec: DatasetSpec, protected: str) -> list[Finished]:
    found = []
    for run in _done(spec, "unlearn"):
        evaluation = _final(run, protected)
        if evaluation is not None:
            other = baseline_of(run)
            beside = None if other is None or other.id == run.id else _final(other, protected)
            found.append(Finished(run, evaluation, beside))
    return found


def _final(run: Run, protected: str) -> Evaluation | None:
    """Return the evaluation of a run on held-out events, if it judges the protected variable."""
    found = evaluation_of(run.id)
    if found is None or not found[1] or all(each.variable != protected for each in found[0].protected):
        return None
    return found[0]
