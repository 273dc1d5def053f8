"""Who works on a run: claims that only one program wins, and runs taken over from programs that ended.

Each function is part of a transaction that may be done again: a change names what it expects to find, and finds its
own change when it comes back.
"""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, or_, select, update

from core.store.lease import Process, Watch, orphans
from core.store.queue import fair_order
from core.store.tables import RunRow, SnapshotRow

MOST_DEATHS = 3
"""A run whose programs ended so many times without a new epoch is continued once more, and then no longer."""
ENDED = "the program that trained it ended before it was done"
LEFT: tuple[Any, ...] = (
    *(RunRow.id, RunRow.status, RunRow.host, RunRow.process, RunRow.born, RunRow.beat),
    *(RunRow.epoch, RunRow.started, RunRow.stopping, RunRow.deaths, RunRow.died_at),
)
"""What is read of a run that a program may have left."""


def is_of(process: Process) -> ColumnElement[bool]:
    """Return the condition that a process has a run."""
    return and_(RunRow.host == process.host, RunRow.process == process.number, RunRow.born == process.born)


def lease(process: Process) -> dict[str, Any]:
    """Return the values of a run's row that give it to a process."""
    return {"host": process.host, "process": process.number, "born": process.born, "beat": 0}


def holders(connection: Connection) -> dict[str, Process]:
    """Return which process trains each running run; runs of programs that kept no lease are left out."""
    query = select(RunRow.id, RunRow.host, RunRow.process, RunRow.born)
    query = query.where(RunRow.status == "running", RunRow.deleted.is_(None), RunRow.host != "")
    return {row.id: Process(row.host, row.process, row.born) for row in connection.execute(query)}


def claim(connection: Connection, run: str, process: Process, ticket: str) -> bool:
    """Give a queued or interrupted run to a process; False when another one was faster or it has ended.

    The time that an interrupted run lay still is taken out of its history: its start and its snapshots move.

    Args:
        connection: in a transaction.
        run: which.
        process: that will train it.
        ticket: of this claim, the same when it is done again.
    """
    found = connection.execute(select(RunRow.status, RunRow.finished).where(RunRow.id == run)).one_or_none()
    if found is None:
        return False
    now = time.time()
    still = now - found.finished if found.status == "interrupted" and found.finished else 0.0
    free = and_(RunRow.status.in_(("queued", "interrupted")), RunRow.deleted.is_(None))
    start = case((RunRow.status == "queued", now), else_=func.coalesce(RunRow.started + still, now))
    query = update(RunRow).where(RunRow.id == run, or_(free, RunRow.ticket == ticket))
    values: dict[str, Any] = {"status": "running", "finished": None, "error": "", "stopping": False, "waiting": False}
    values |= {"batch": 0, "batches": 0, "phase": "", "began": func.coalesce(RunRow.began, RunRow.started, now)}
    taken = connection.execute(query.values(**values, started=start, ticket=ticket, **lease(process)))
    if taken.rowcount and still:
        connection.execute(update(SnapshotRow).where(SnapshotRow.run == run).values(time=SnapshotRow.time + still))
    return bool(taken.rowcount)


def line(connection: Connection) -> list[str]:
    """Return the runs that wait for a worker, in the order in which they start."""
    query = select(RunRow.id, RunRow.owner).where(RunRow.waiting, RunRow.deleted.is_(None))
    waiting = [(run, owner) for run, owner in connection.execute(query.order_by(RunRow.created, RunRow.id))]
    if len(waiting) < 2:
        return [run for run, _ in waiting]
    count = select(RunRow.owner, func.count()).where(RunRow.status == "running").group_by(RunRow.owner)
    return fair_order(waiting, dict(connection.execute(count).all()))


def place_in_line(connection: Connection, run: str, process: Process) -> int:
    """Return how many runs start before one, of those that wait, or that a process is to claim itself."""
    order = line(connection)
    if run in order:
        return order.index(run)
    created = select(RunRow.created).where(RunRow.id == run).scalar_subquery()
    query = select(func.count()).where(RunRow.status == "queued", RunRow.deleted.is_(None), is_of(process))
    return connection.scalar(query.where(RunRow.created < created)) or 0


def next_in_line(connection: Connection, process: Process, ticket: str) -> str | None:
    """Give the run whose turn it is to a process; None when no run waits."""
    held = connection.scalar(select(RunRow.id).where(RunRow.ticket == ticket, RunRow.status == "running"))
    return held or next((run for run in line(connection) if claim(connection, run, process, ticket)), None)


def adopt(connection: Connection, process: Process, watch: Watch) -> list[str]:
    """Put the runs of programs that ended into the queue, and return them: queued ones, and ones to be continued."""
    live = and_(RunRow.status.in_(("queued", "running")), RunRow.deleted.is_(None), RunRow.waiting.is_(False))
    rows: list[Row[Any]] = list(connection.execute(select(*LEFT).where(live)))
    return [row.id for row in orphans(rows, process, watch) if _take_over(connection, row, process)]


def interrupt(connection: Connection, run: str, process: Process, reason: str = "") -> None:
    """Put a run back into the queue that this process trains no longer, though it is not done, and say why."""
    query = select(*LEFT).where(RunRow.id == run, is_of(process))
    row: Row[Any] | None = connection.execute(query.where(RunRow.status == "running")).one_or_none()
    if row is not None:
        _take_over(connection, row, process, reason)


def _take_over(connection: Connection, row: Row[Any], process: Process, reason: str = "") -> bool:
    """Return whether the run now waits for a worker; False when it is not continued, or another program was faster."""
    unchanged = and_(
        RunRow.id == row.id,
        RunRow.status == row.status,
        is_of(Process(row.host, row.process, row.born)),
        RunRow.beat == row.beat,
    )
    values: dict[str, Any] = {"waiting": True, **lease(process)}
    if row.status == "running":
        values |= _interrupted(connection, row, reason)
    return bool(connection.execute(update(RunRow).where(unchanged).values(**values)).rowcount) and values["waiting"]


def _interrupted(connection: Connection, row: Row[Any], reason: str) -> dict[str, Any]:
    """Return what becomes of a running run: it waits, unless a user stopped it or it was killed again and again."""
    last = connection.scalar(select(func.max(SnapshotRow.time)).where(SnapshotRow.run == row.id))
    deaths = row.deaths + 1 if row.epoch <= row.died_at else 1
    waiting = not row.stopping and deaths <= MOST_DEATHS
    error = f"{reason or ENDED}; it goes on when a worker is free" if waiting else reason or ENDED
    if deaths > MOST_DEATHS:
        times = f"{deaths} times after epoch {row.epoch}"
        why = f"it was given up {times}: {reason}" if reason else f"the program that trained it ended {times}, perhaps"
        error = f"{why}{'' if reason else ' for want of memory'}; it is not continued by itself"
    return {
        "status": "interrupted",
        "waiting": waiting,
        "finished": last or row.started,
        "error": error,
        "deaths": deaths,
        "died_at": max(row.epoch, row.died_at),
    }
