"""The run store: the one truth about every run."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from sqlalchemy import Engine, create_engine, delete, event, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core.errors import DataError
from core.jobs.request import RunRequest
from core.jobs.tables import Base, RunRow, SnapshotRow

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
        started: when its training began, None before.
        finished: when it ended, None before.
        error: why it failed; empty otherwise.
        remarks: what a user must know of its result.
        headline: figures of merit on held-out events; empty until it ends.
        stopping: whether a user asked it to stop.
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

    @property
    def is_live(self) -> bool:
        """Return whether the run is queued or running."""
        return self.status in LIVE

    @property
    def seconds(self) -> float:
        """Return how long the training has taken, or took; 0 before it began."""
        return (self.finished or time.time()) - self.started if self.started else 0.0

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


class RunStore:
    """Keep runs and their snapshots in a database.

    Every method is one transaction; threads and processes may share a store.

    Args:
        url: database address, such as ``sqlite:///data/runs.sqlite``; the folder of an SQLite file is made.

    Raises:
        DataError: the database cannot be opened.
    """

    def __init__(self, url: str) -> None:
        try:
            self._engine = _open(url)
            Base.metadata.create_all(self._engine)
        except (OSError, SQLAlchemyError) as problem:
            raise DataError(f"the run store {url} cannot be opened: {problem}") from problem

    def add(self, request: RunRequest, config: Mapping[str, Any]) -> Run:
        """Queue a request and return its run."""
        row = RunRow(
            id=time.strftime("%y%m%d-%H%M-") + secrets.token_hex(2),
            created=time.time(),
            status="queued",
            request=request.model_dump_json(),
            config=json.dumps(dict(config)),
            n_epochs=int(config["epochs"]) + int(config.get("downstream_epochs", 0)),
            process=os.getpid(),
        )
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            session.add(row)
        return _run(row)

    def get(self, run_id: str) -> Run:
        """Return one run.

        Raises:
            DataError: no run has that id.
        """
        with Session(self._engine) as session:
            row = session.get(RunRow, run_id)
            if row is None or row.deleted is not None:
                raise DataError(f"there is no run {run_id!r}; it may have been deleted")
            return _run(row)

    def runs(self, statuses: Sequence[Status] | None = None) -> list[Run]:
        """Return all runs that are not deleted, newest first, of the given statuses if any are given."""
        query = select(RunRow).where(RunRow.deleted.is_(None)).order_by(RunRow.created.desc())
        if statuses is not None:
            query = query.where(RunRow.status.in_(statuses))
        with Session(self._engine) as session:
            return [_run(row) for row in session.scalars(query)]

    def claim(self, run_id: str) -> bool:
        """Mark a queued run as running; False when it is no longer queued."""
        return self._update(
            run_id, where={"status": "queued"}, status="running", started=time.time(), process=os.getpid()
        )

    def record(self, run_id: str, epoch: int, scalars: Mapping[str, float], view: str | None = None) -> None:
        """Append a snapshot: its scalars, and its view as JSON when one was taken."""
        with Session(self._engine) as session, session.begin():
            session.add(SnapshotRow(run=run_id, epoch=epoch, time=time.time(), scalars=json.dumps(scalars), view=view))
            session.execute(update(RunRow).where(RunRow.id == run_id).values(epoch=epoch))

    def finish(
        self,
        run_id: str,
        status: Status,
        *,
        error: str = "",
        remarks: Sequence[str] = (),
        headline: Mapping[str, float] | None = None,
        result: str | None = None,
    ) -> None:
        """Record how a run ended; ``result`` is its final view as JSON."""
        self._update(
            run_id,
            status=status,
            finished=time.time(),
            error=error,
            remarks=json.dumps(list(remarks)),
            headline=json.dumps(dict(headline or {})),
            result=result,
        )

    def stop(self, run_id: str) -> None:
        """Ask a live run to stop; a queued one ends at once, a running one after its epoch."""
        self._update(run_id, where={"status": "running"}, stopping=True)
        self._update(run_id, where={"status": "queued"}, status="stopped", stopping=True, finished=time.time())

    def is_stopping(self, run_id: str) -> bool:
        """Return whether someone asked the run to stop or deleted it."""
        with Session(self._engine) as session:
            row = session.execute(select(RunRow.stopping, RunRow.deleted).where(RunRow.id == run_id)).one_or_none()
        return row is None or row.stopping or row.deleted is not None

    def history(self, run_id: str) -> list[Recorded]:
        """Return the recorded snapshots of a run in the order of epochs."""
        query = select(SnapshotRow.epoch, SnapshotRow.time, SnapshotRow.scalars, RunRow.started)
        query = query.join(RunRow, RunRow.id == SnapshotRow.run).where(RunRow.id == run_id).order_by(SnapshotRow.epoch)
        with Session(self._engine) as session:
            return [
                Recorded(epoch, at - (started or at), json.loads(scalars))
                for epoch, at, scalars, started in session.execute(query)
            ]

    def view(self, run_id: str) -> tuple[str, bool] | None:
        """Return the newest view as JSON and whether it is the final one on held-out events; None before the first."""
        with Session(self._engine) as session:
            result = session.scalar(select(RunRow.result).where(RunRow.id == run_id))
            if result is not None:
                return result, True
            query = select(SnapshotRow.view).where(SnapshotRow.run == run_id, SnapshotRow.view.is_not(None))
            live = session.scalar(query.order_by(SnapshotRow.epoch.desc()).limit(1))
        return None if live is None else (live, False)

    def delete(self, run_id: str) -> None:
        """Hide a run; ``restore`` brings it back until ``purge`` removes it. A live run is stopped."""
        self.stop(run_id)
        self._update(run_id, deleted=time.time())

    def restore(self, run_id: str) -> None:
        """Bring a deleted run back."""
        self._update(run_id, deleted=None)

    def purge(self, older_than: float) -> list[str]:
        """Remove runs deleted more than ``older_than`` seconds ago for good and return their ids."""
        with Session(self._engine) as session, session.begin():
            gone = list(session.scalars(select(RunRow.id).where(RunRow.deleted < time.time() - older_than)))
            session.execute(delete(SnapshotRow).where(SnapshotRow.run.in_(gone)))
            session.execute(delete(RunRow).where(RunRow.id.in_(gone)))
        return gone

    def adopt_orphans(self) -> list[Run]:
        """Take over what a program that ended left: mark its running runs interrupted, return its queued ones.

        To be called before this process adds runs of its own: a run that bears this process's number is then an
        earlier process's (containers number theirs alike at every start).
        """
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            rows = session.scalars(select(RunRow).where(RunRow.status.in_(LIVE), RunRow.deleted.is_(None)))
            orphans = [row for row in rows if row.process == os.getpid() or not _is_alive(row.process)]
            for row in orphans:
                if row.status == "running":
                    row.status, row.finished = "interrupted", time.time()
                    row.error = "the program that trained it ended before it was done"
                row.process = os.getpid()
            return [_run(row) for row in orphans if row.status == "queued"]

    def place_in_queue(self, run_id: str) -> int:
        """Return how many runs are to start before this one."""
        with Session(self._engine) as session:
            created = select(RunRow.created).where(RunRow.id == run_id).scalar_subquery()
            query = select(func.count()).where(RunRow.status == "queued", RunRow.deleted.is_(None))
            return session.scalar(query.where(RunRow.created < created)) or 0

    def _update(self, run_id: str, where: Mapping[str, Any] | None = None, **values: Any) -> bool:
        query = update(RunRow).where(RunRow.id == run_id).filter_by(**(where or {})).values(**values)
        with Session(self._engine) as session, session.begin():
            return bool(session.execute(query).rowcount)  # type: ignore[attr-defined]


def _open(url: str) -> Engine:
    """Open a database; SQLite gets a write-ahead log, so that readers never wait for the writer."""
    if not url.startswith("sqlite:///"):
        return create_engine(url, pool_pre_ping=True)
    Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("pragma journal_mode = wal")
        cursor.execute("pragma synchronous = normal")
        cursor.close()

    return engine


def _is_alive(process: int) -> bool:
    """Return whether a process of this machine is running."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _run(row: RunRow) -> Run:
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
    )
