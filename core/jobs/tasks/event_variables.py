"""The task of learning an event variable by one of the blueprints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from core.event_variables.blueprint import BLUEPRINTS
from core.event_variables.config import VariableConfig
from core.event_variables.decorrelation import check_penalty
from core.event_variables.results import EventVariableView
from core.event_variables.train import conclude, fit
from core.events.table import EventTable
from core.jobs.task import TASKS, Task, plain_errors
from core.learning.device import choose_device
from core.learning.snapshot import Checkpoint, Conclusion, Snapshot
from core.learning.state import State
from core.store.request import RunRequest


def _config(request: RunRequest) -> VariableConfig:
    kind = BLUEPRINTS[request.method].item.config
    try:
        config = kind(**request.config)
    except ValidationError as errors:
        raise plain_errors(errors, request.method, kind.model_fields) from None
    if config.decorrelate:
        check_penalty(config)
    return config


def _check(request: RunRequest) -> Mapping[str, Any]:
    choose_device(request.device)
    return _config(request).model_dump(mode="json")


def _fit(
    events: EventTable, request: RunRequest, state: State | None = None, /
) -> Iterator[Snapshot[EventVariableView]]:
    device = choose_device(request.device)
    return fit(events, request.method, _config(request), device=device, seed=request.seed, state=state)


def _conclude(events: EventTable, request: RunRequest, checkpoint: Checkpoint) -> Conclusion[EventVariableView]:
    device = choose_device(request.device)
    return conclude(events, request.method, _config(request), checkpoint, device=device, seed=request.seed)


TASKS.register(
    "event_variables",
    Task(_check, _fit, _conclude, EventVariableView),
    title="Event variables",
    summary="Learns a variable of an event through a small network that tells hypotheses apart by it alone.",
    reference="Kim, Kong, Matchev, Park, Shyamsundar 2021, arXiv:2105.10126",
)
