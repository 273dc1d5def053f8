"""How long the epochs of a run take, whatever its first one took."""

from __future__ import annotations

from itertools import pairwise
from statistics import median

from sqlalchemy import Connection, select

from core.store.tables import RunRow, SnapshotRow

LAPS = 5
"""The pace is the median of so many epochs, the last ones: it follows a machine that gets busy, and no single stop."""


def pace_of(connection: Connection, run: str, epoch: int, now: float) -> float:
    """Return the median time of a run's last epochs [s]; 0 where nothing tells it.

    An epoch lasts from one snapshot to the next. The first one has none before it, and what computes is compiled in it:
    until the second one is over, its pace is that of its batches after the first, where it told them.

    Args:
        connection: in a transaction.
        run: which.
        epoch: that ends now.
        now: seconds since 1970.
    """
    before = select(SnapshotRow.time).where(SnapshotRow.run == run, SnapshotRow.epoch < epoch)
    times = [now, *connection.scalars(before.order_by(SnapshotRow.epoch.desc()).limit(LAPS))]
    if len(times) > 1:
        return max(float(median(later - earlier for later, earlier in pairwise(times))), 0.0)
    row = connection.execute(
        select(RunRow.batch, RunRow.batches, RunRow.batch_seconds).where(RunRow.id == run, RunRow.phase == "")
    ).one_or_none()
    return float(row.batch_seconds * row.batches / row.batch) if row is not None and row.batch else 0.0
