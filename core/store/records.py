"""The snapshots of runs: written with the pace of their epochs, read, and removed with their runs.

Each function is part of a transaction that may be done again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.store.claims import is_of
from core.store.lease import Process
from core.store.pace import pace_of
from core.store.run import Recorded
from core.store.tables import RunRow, SnapshotRow


def write_snapshot(
    connection: Connection, insert: sqlite.Insert | postgresql.Insert, snapshot: Mapping[str, Any], process: Process
) -> bool:
    """Write a snapshot of a process's run, in place of an epoch's first one; False when the run is another's by now.

    Args:
        connection: in a transaction.
        insert: into the table of snapshots, as the database has it.
        snapshot: the values of its row.
        process: that trains it.
    """
    run, epoch = snapshot["run"], snapshot["epoch"]
    reached = update(RunRow).where(RunRow.id == run, is_of(process))
    pace = pace_of(connection, run, epoch, snapshot["time"])
    if not connection.execute(reached.values(epoch=epoch, batch=0, batches=0, phase="", pace=pace)).rowcount:
        return False
    row = insert.values(**snapshot)
    kept = {name: row.excluded[name] for name in ("time", "scalars", "view")}
    connection.execute(row.on_conflict_do_update(index_elements=["run", "epoch"], set_=kept))
    return True


def forget_snapshots(connection: Connection, run: str, process: Process, remark: str) -> None:
    """Forget what a process's run recorded before it began anew, and say why; nothing of another's by now."""
    anew = {"epoch": 0, "pace": 0.0, "remarks": json.dumps([remark])}
    if connection.execute(update(RunRow).where(RunRow.id == run, is_of(process)).values(**anew)).rowcount:
        connection.execute(delete(SnapshotRow).where(SnapshotRow.run == run))


def read_history(connection: Connection, run: str) -> list[Recorded]:
    """Return the recorded snapshots of a run in the order of epochs."""
    query = select(SnapshotRow.epoch, SnapshotRow.time, SnapshotRow.scalars, RunRow.started)
    query = query.join(RunRow, RunRow.id == SnapshotRow.run).where(RunRow.id == run).order_by(SnapshotRow.epoch)
    rows = connection.execute(query)
    return [Recorded(epoch, max(at - (started or at), 0.0), json.loads(text)) for epoch, at, text, started in rows]


def read_view(connection: Connection, run: str) -> tuple[str, bool] | None:
    """Return a run's newest view as JSON and whether it is the final one; None before the first."""
    result = connection.scalar(select(RunRow.result).where(RunRow.id == run))
    if result is not None:
        return result, True
    newest = select(SnapshotRow.view).where(SnapshotRow.run == run, SnapshotRow.view.is_not(None))
    live = connection.scalar(newest.order_by(SnapshotRow.epoch.desc()).limit(1))
    return (live, False) if live is not None else None


def remove_deleted(connection: Connection, before: float) -> list[str]:
    """Remove runs that were deleted before a moment, with their snapshots, and return their ids."""
    gone = list(connection.scalars(select(RunRow.id).where(RunRow.deleted < before)))
    connection.execute(delete(SnapshotRow).where(SnapshotRow.run.in_(gone)))
    connection.execute(delete(RunRow).where(RunRow.id.in_(gone)))
    return gone
