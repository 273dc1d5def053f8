"""The task of disentangling: an autoencoder that sets the protected variables apart, then a classifier without them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from core.disentanglement.conclude import conclude
from core.disentanglement.config import VAEConfig
from core.disentanglement.disentangle import fit, require_room
from core.disentanglement.downstream import downstream_config
from core.disentanglement.model import MODELS
from core.disentanglement.results import DisentangleView
from core.events.table import EventTable
from core.jobs.task import TASKS, Task, plain_errors
from core.learning.device import choose_device
from core.learning.snapshot import Checkpoint, Conclusion, Snapshot
from core.learning.state import State
from core.store.request import RunRequest


def _config(request: RunRequest) -> VAEConfig:
    kind = MODELS[request.method].item.config
    try:
        config: VAEConfig = kind(**request.config)
    except ValidationError as errors:
        raise plain_errors(errors, request.method, kind.model_fields) from None
    downstream_config(config)
    require_room(config, len(request.dataset.roles.protected))
    return config


def _check(request: RunRequest) -> Mapping[str, Any]:
    choose_device(request.device)
    return _config(request).model_dump(mode="json")


def _fit(events: EventTable, request: RunRequest, state: State | None = None) -> Iterator[Snapshot[DisentangleView]]:
    device = choose_device(request.device)
    return fit(events, request.method, _config(request), device=device, seed=request.seed, state=state)


def _conclude(events: EventTable, request: RunRequest, checkpoint: Checkpoint) -> Conclusion[DisentangleView]:
    device = choose_device(request.device)
    return conclude(events, _config(request), checkpoint, device=device, seed=request.seed)


TASKS.register(
    "disentangle",
    Task(_check, _fit, _conclude, DisentangleView),
    title="Disentangling",
    summary="Trains an autoencoder that sets the protected variables apart, and a classifier on the rest.",
    reference="Urquijo, Tan 2020",
)
