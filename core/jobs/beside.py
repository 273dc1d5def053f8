"""The baseline beside a run: which one a click asks for, and which ones agree with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import DataError
from core.jobs.scanned import BASELINE
from core.jobs.task import EVENT_OPTIONS, TASKS
from core.store.request import RunRequest
from core.store.run import Run

PLAIN = "unlearn"
"""Task whose methods share the options of the baseline."""
LAMBDA_OPTIONS = ("warmup", "ramp")
"""Options of the baseline's config that say how λ rises: it has none, and trains the same whatever they are."""


def baseline_request(request: RunRequest) -> RunRequest:
    """Return what to train as the baseline beside a run: its options that a plain classifier has too.

    Of a method of unlearning that is all but how λ rises. Other tasks, such as a λ slider or an autoencoder, call other
    things by the same names: of theirs, only which events are learnt from.

    Args:
        request: of the run, with the options that differ from its method's defaults.
    """
    plain = RunRequest(task=PLAIN, method=BASELINE, dataset=request.dataset, seed=request.seed, device=request.device)
    names = set(EVENT_OPTIONS) if request.task != PLAIN else set(_full(plain)) - set(LAMBDA_OPTIONS)
    options = {name: value for name, value in request.config.items() if name in names}
    return plain.model_copy(update={"config": options})


def baselines_among(runs: Sequence[Run], request: RunRequest, created: float | None = None) -> list[Run]:
    """Return the runs that are a baseline of a request: on its events, of its seed, trained as it would be beside it.

    Args:
        runs: to choose from, newest first.
        request: of the run to compare.
        created: when that was asked for; the baseline of the same click or scan is then first, otherwise the newest.

    Returns:
        Them, best first; an option that a run of an earlier version lacks counts as the default.
    """
    wanted = baseline_request(request)
    defaults = _full(wanted.model_copy(update={"config": {}}))
    try:
        config = _full(wanted)
    except DataError:  # options that no training takes
        return []
    found = [run for run in runs if _same_training(run.request, wanted) and _agree({**defaults, **run.config}, config)]
    return found if created is None else sorted(found, key=lambda run: abs(run.created - created))


def _same_training(one: RunRequest, other: RunRequest) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in ("task", "method", "dataset", "seed"))


def _agree(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one[name] == other[name] for name in other.keys() - set(LAMBDA_OPTIONS))


def _full(request: RunRequest) -> Mapping[str, Any]:
    """Return all options; where it shall train is not asked, which may be on another machine."""
    return TASKS[request.task].item.check(request.model_copy(update={"device": "auto"}))
