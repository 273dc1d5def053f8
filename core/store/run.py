"""What the run store knows of a run."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from sqlalchemy import Row

from core.errors import DataError
from core.events.portable import at_home
from core.settings import Settings
from core.store.request import RunRequest

Status = Literal["queued", "running", "done", "stopped", "failed", "interrupted"]
LIVE: tuple[Status, ...] = ("queued", "running")
Phase = Literal["", "reading", "judging", "leaving"]
"""What a running run does: it trains, reads its events, is judged, or somebody stopped its judging too."""
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
        batch: batches done of the epoch that it trains, or steps of its phase; 0 in a short one, which tells none.
        batches: batches of that epoch, or steps of the phase; 0 where ``batch`` says nothing.
        batch_seconds: time that those done took [s].
        began: when its training began for the first time, None before; ``started`` moves, this does not.
        phase: what it does besides training; empty while it trains.
        pace: median time of its last epochs [s]; 0 before it is known.
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
    phase: Phase = ""
    pace: float = 0.0

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
        return self.epoch + (self.batch / self.batches if self.batches and not self.phase else 0.0)

    @property
    def is_judged(self) -> bool:
        """Return whether it trains no longer, and its network is put to the test."""
        return self.status == "running" and (self.phase in ("judging", "leaving") or self.epoch >= self.n_epochs)

    @property
    def phase_left(self) -> float | None:
        """Return the expected remaining time of the present epoch, or of reading or judging; None when nobody knows."""
        return self.batch_seconds * (self.batches / self.batch - 1) if self.batch else None

    @property
    def seconds_left(self) -> float | None:
        """Return the expected remaining time at the pace of the last epochs; None when it cannot be told.

        What came before the first batch is no pace: events were read, and what computes was compiled.
        """
        if self.status != "running" or self.phase == "reading":
            return None
        if self.is_judged:
            return self.phase_left
        pace = self.pace or (self.batch_seconds * self.batches / self.batch if self.batch else 0.0)
        return pace * (self.n_epochs - self.epochs_done) if pace else None


@dataclass(frozen=True)
class Recorded:
    """Hold one recorded snapshot: its epoch and its scalars by name."""

    epoch: int
    seconds: float
    scalars: Mapping[str, float]


def run_of(row: Row[Any], now: Settings | None = None) -> Run:
    """Return the run that a row of the table of runs describes, with its files where they are now.

    Args:
        row: of the table of runs.
        now: where samples and data folder are; as the settings say when None.
    """
    request = RunRequest.model_validate_json(row.request)
    return Run(
        id=row.id,
        created=row.created,
        status=cast(Status, row.status),
        request=request.model_copy(update={"dataset": at_home(request.dataset, now)}),
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
        phase=cast(Phase, row.phase),
        pace=row.pace,
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
