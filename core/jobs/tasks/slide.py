"""The task of training a λ slider: one network for all strengths of a penalty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from core.errors import DataError
from core.events.table import EventTable
from core.jobs.task import TASKS, Task, plain_errors
from core.learning.device import choose_device
from core.learning.snapshot import Checkpoint, Conclusion, Snapshot
from core.learning.state import State
from core.store.request import RunRequest
from core.unlearning.method import METHODS
from core.unlearning.slide import SlideView, conclude_slide, fit_slide, slidable_methods
from core.unlearning.slide_steps import SlideConfig


def _config(request: RunRequest) -> SlideConfig:
    if request.method not in slidable_methods():
        METHODS[request.method]
        raise DataError(
            f"{request.method} has no penalty whose λ could slide; allowed: {', '.join(slidable_methods())}"
        )
    try:
        return SlideConfig(**request.config)
    except ValidationError as errors:
        raise plain_errors(errors, "slide", SlideConfig.model_fields) from None


def _check(request: RunRequest) -> Mapping[str, Any]:
    choose_device(request.device)
    return _config(request).model_dump(mode="json")


def _fit(events: EventTable, request: RunRequest, state: State | None = None) -> Iterator[Snapshot[SlideView]]:
    device = choose_device(request.device)
    return fit_slide(events, request.method, _config(request), device=device, seed=request.seed, state=state)


def _conclude(events: EventTable, request: RunRequest, checkpoint: Checkpoint) -> Conclusion[SlideView]:
    device = choose_device(request.device)
    return conclude_slide(events, _config(request), checkpoint, device=device, seed=request.seed)


TASKS.register(
    "slide",
    Task(_check, _fit, _conclude, SlideView),
    title="λ slider",
    summary="Trains one network for a whole range of λ.",
    reference="",
)
