"""The task of learning from sets of events: classifiers of sets, or a parameter from sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from core.ensembles import regress, train
from core.ensembles.config import EnsembleConfig, RegressionConfig
from core.ensembles.results import EnsembleView
from core.ensembles.sets import chosen_constructions
from core.errors import DataError
from core.events.table import EventTable
from core.jobs.task import TASKS, Task, plain_errors
from core.learning.device import choose_device
from core.learning.snapshot import Checkpoint, Conclusion, Snapshot
from core.learning.state import State
from core.store.request import RunRequest

METHODS: Mapping[str, type[EnsembleConfig] | type[RegressionConfig]] = {
    "classification": EnsembleConfig,
    "regression": RegressionConfig,
}


def _config(request: RunRequest) -> EnsembleConfig | RegressionConfig:
    if request.method not in METHODS:
        raise DataError(f"unknown method {request.method!r}; allowed: {', '.join(METHODS)}")
    kind = METHODS[request.method]
    try:
        config = kind(**request.config)
    except ValidationError as errors:
        raise plain_errors(errors, request.method, kind.model_fields) from None
    if isinstance(config, EnsembleConfig):
        chosen_constructions(config)
    return config


def _check(request: RunRequest) -> Mapping[str, Any]:
    choose_device(request.device)
    return _config(request).model_dump(mode="json")


def _fit(events: EventTable, request: RunRequest, state: State | None = None) -> Iterator[Snapshot[EnsembleView]]:
    config, device = _config(request), choose_device(request.device)
    if isinstance(config, RegressionConfig):
        return regress.fit(events, config, device=device, seed=request.seed, state=state)
    return train.fit(events, config, device=device, seed=request.seed, state=state)


def _conclude(events: EventTable, request: RunRequest, checkpoint: Checkpoint) -> Conclusion[EnsembleView]:
    config, device = _config(request), choose_device(request.device)
    if isinstance(config, RegressionConfig):
        return regress.conclude(events, config, checkpoint, device=device, seed=request.seed)
    return train.conclude(events, config, checkpoint, device=device, seed=request.seed)


TASKS.register(
    "ensembles",
    Task(_check, _fit, _conclude, EnsembleView),
    title="Many events",
    summary="Trains classifiers of sets of events, or four regressions of a parameter from sets.",
    reference="Nachman, Thaler 2021, arXiv:2101.07263",
)
