"""What the run store knows of a run."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from sqlalchemy import Row

from core.store.request import RunRequest

Status = Literal["queued", "running", "done", "stopped", "failed", "interrupted"]
LIVE: tuple[Status, ...] = ("queued", "running")


@dataclass(frozen=True)
class Run:
    """Hold what the store knows of one run.

    Args:
        id: short unique name.
        created: when it was asked for, seconds since 1970.
        status: queued, running, done, stopped (by a user), failed, or interrupted (its program ended).
        request: what was asked for.
        config: the full config with defaults filled in.
        epoch: completed epochs.
        n_epochs: epochs asked for.
        started: when its training began, None before; moved by the time that it lay still.
        finished: when it ended, None before.
        error: why it failed; empty otherwise.
        remarks: what a user must know of its result.
        headline: figures of merit on held-out events; empty until it ends.
        stopping: whether a user asked it to stop.
        owner: who asked for it; empty when nobody signs in.
        waiting: whether the next free worker of any server takes it: queued by a dashboard, or interrupted and to be
            continued.
        tags: words that users filed it under.
        pinned: whether it is the one that other runs on its events are compared with.
    """

    id: str
    created: float
    status: Status
    request: RunRequest
    config: Mapping[str, Any]
    epoch: int
    n_epochs: int
    started: float | None
    finished: float | None
    error: str
    remarks: tuple[str, ...]
    headline: Mapping[str, float]
    stopping: bool
    owner: str = ""
    waiting: bool = False
    tags: tuple[str, ...] = ()
    pinned: bool = False

    @property
    def is_live(self) -> bool:
        """Return whether the run is queued, running, or interrupted and to be continued."""
        return self.status in LIVE or self.waiting

    @property
    def seconds(self) -> float:
        """Return how long the training has taken, or took; 0 before it began."""
        return max((self.finished or time.time()) - self.started, 0.0) if self.started else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Return the expected remaining time at the present pace; None when it cannot be told."""
        if self.status != "running" or not self.epoch:
            return None
        return self.seconds / self.epoch * (self.n_epochs - self.epoch)


@dataclass(frozen=True)
class Recorded:
    """Hold one recorded snapshot: its epoch and its scalars by name."""

    epoch: int
    seconds: float
    scalars: Mapping[str, float]


def run_of(row: Row[Any]) -> Run:
    """Return the run that a row of the table of runs describes."""
    return Run(
        id=row.id,
        created=row.created,
        status=cast(Status, row.status),
        request=RunRequest.model_validate_json(row.request),
        config=json.loads(row.config),
        epoch=row.epoch,
        n_epochs=row.n_epochs,
        started=row.started,
        finished=row.finished,
        error=row.error,
        remarks=tuple(json.loads(row.remarks)),
        headline=json.loads(row.headline),
        stopping=row.stopping,
        owner=row.owner,
        waiting=row.waiting,
        tags=tuple(json.loads(row.tags)),
        pinned=row.pinned,
    )
