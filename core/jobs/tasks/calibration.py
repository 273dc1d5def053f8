"""The task of calibrating: from measured features to the truth, by several methods and under several spectra."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from core.calibration.config import CalibrationConfig
from core.calibration.method import METHODS
from core.calibration.results import CalibrationView
from core.calibration.train import conclude, fit
from core.errors import DataError
from core.events.table import EventTable
from core.jobs.task import TASKS, Task, plain_errors
from core.learning.device import choose_device
from core.learning.snapshot import Checkpoint, Conclusion, Snapshot
from core.learning.state import State
from core.store.request import RunRequest

METHOD = "side_by_side"
"""What a request asks for: the config names the methods that are compared."""


def _config(request: RunRequest) -> CalibrationConfig:
    if request.method != METHOD:
        raise DataError(f"unknown method {request.method!r}; allowed: {METHOD}, whose config names the methods")
    try:
        config = CalibrationConfig(**request.config)
    except ValidationError as errors:
        raise plain_errors(errors, request.method, CalibrationConfig.model_fields) from None
    for name in config.methods:
        METHODS[name]
    return config


def _check(request: RunRequest) -> Mapping[str, Any]:
    choose_device(request.device)
    return _config(request).model_dump(mode="json")


def _fit(events: EventTable, request: RunRequest, state: State | None = None) -> Iterator[Snapshot[CalibrationView]]:
    return fit(events, _config(request), device=choose_device(request.device), seed=request.seed, state=state)


def _conclude(events: EventTable, request: RunRequest, checkpoint: Checkpoint) -> Conclusion[CalibrationView]:
    device = choose_device(request.device)
    return conclude(events, _config(request), checkpoint, device=device, seed=request.seed)


TASKS.register(
    "calibrate",
    Task(_check, _fit, _conclude, CalibrationView),
    title="Calibration",
    summary="Learns the truth from what is measured, and shows what depends on the training spectrum.",
    reference="Gambhir, Nachman, Thaler 2022, arXiv:2205.03413",
)
