"""What the run store knows of a run."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from sqlalchemy import Row

from core.errors import DataError
from core.store.request import RunRequest

Status = Literal["queued", "running", "done", "stopped", "failed", "interrupted"]
LIVE: tuple[Status, ...] = ("queued", "running")
LONGEST_TAG, MOST_TAGS = 40, 12


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
        batch: batches done of the epoch that it trains; 0 in a short epoch, which tells none.
        batches: batches of that epoch; 0 where ``batch`` says nothing.
        batch_seconds: time that those done took [s].
        began: when its training began for the first time, None before; ``started`` moves, this does not.
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
    batch: int = 0
    batches: int = 0
    batch_seconds: float = 0.0
    began: float | None = None

    @property
    def is_live(self) -> bool:
        """Return whether the run is queued, running, or interrupted and to be continued."""
        return self.status in LIVE or self.waiting

    @property
    def seconds(self) -> float:
        """Return how long the training has taken, or took; 0 before it began."""
        return max((self.finished or time.time()) - self.started, 0.0) if self.started else 0.0

    @property
    def epochs_done(self) -> float:
        """Return how many epochs are done, with the part of the present one."""
        return self.epoch + (self.batch / self.batches if self.batches else 0.0)

    @property
    def seconds_left(self) -> float | None:
        """Return the expected remaining time at the present pace; None when it cannot be told."""
        if self.status != "running" or not self.epochs_done:
            return None
        if not self.epoch:  # before it began, events were read: that is no pace
            return self.batch_seconds * (self.n_epochs * self.batches / self.batch - 1)
        return self.seconds / self.epochs_done * (self.n_epochs - self.epochs_done)


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
        batch=row.batch,
        batches=row.batches,
        batch_seconds=row.batch_seconds,
        began=row.began,
    )


def checked_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Return tags without blanks around them, empty and repeated ones.

    Raises:
        DataError: a tag is longer than 40 characters, or they are more than 12.
    """
    kept = tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))
    if long := [tag for tag in kept if len(tag) > LONGEST_TAG]:
        raise DataError(f"tag {long[0]!r} is too long; allowed: {LONGEST_TAG} characters")
    if len(kept) > MOST_TAGS:
        raise DataError(f"{len(kept)} tags are too many for one run; allowed: {MOST_TAGS}")
    return kept
