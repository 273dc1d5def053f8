"""The task of training a classifier that unlearns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from core.evaluation.evaluate import Evaluation
from core.events.table import EventTable
from core.jobs.task import TASKS, Task, plain_errors
from core.learning.device import choose_device
from core.learning.snapshot import Checkpoint, Conclusion, Snapshot
from core.learning.state import State
from core.store.request import RunRequest
from core.unlearning.conclude import conclude
from core.unlearning.method import METHODS, TrainingConfig
from core.unlearning.train import fit


def _config(request: RunRequest) -> TrainingConfig:
    kind = METHODS[request.method].item.config
    try:
        config: TrainingConfig = kind(**request.config)
    except ValidationError as errors:
        raise plain_errors(errors, request.method, kind.model_fields) from None
    return config


def _check(request: RunRequest) -> Mapping[str, Any]:
    choose_device(request.device)
    return _config(request).model_dump(mode="json")


def _fit(events: EventTable, request: RunRequest, state: State | None = None) -> Iterator[Snapshot[Evaluation]]:
    device = choose_device(request.device)
    return fit(events, request.method, _config(request), device=device, seed=request.seed, state=state)


def _conclude(events: EventTable, request: RunRequest, checkpoint: Checkpoint) -> Conclusion[Evaluation]:
    device = choose_device(request.device)
    return conclude(events, request.method, _config(request), checkpoint, device=device, seed=request.seed)


TASKS.register(
    "unlearn",
    Task(_check, _fit, _conclude, Evaluation),
    title="Unlearning",
    summary="Trains a classifier that forgets the protected variables.",
    reference="",
)
