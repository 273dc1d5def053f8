"""The run store: the one truth about every run."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.errors import DataError
from core.settings import settings
from core.store.claims import adopt, claim, holders, interrupt, is_of, lease, next_in_line, place_in_line
from core.store.database import PATIENCE, Database, StoreError
from core.store.lease import Heart, Process, Watch, this_process
from core.store.records import forget_snapshots, read_history, read_view, remove_deleted, write_snapshot
from core.store.request import RunRequest, portable_request
from core.store.run import LIVE, LONGEST_TAG, MOST_TAGS, Phase, Recorded, Run, Status, checked_tags, run_of
from core.store.tables import COLUMNS, RunRow, SnapshotRow

__all__ = ["LIVE", "LONGEST_TAG", "MOST_TAGS", "Recorded", "Run", "RunStore", "Status", "StoreError"]


class RunStore:
    """Keep runs and their snapshots in a database.

    Every method is one transaction; threads, processes and, with PostgreSQL, machines may share a store. While the
    database is locked or gone, every method waits and tries again.

    Args:
        url: database address, such as ``sqlite:///data/runs.sqlite``; the folder of an SQLite file is made.
        patience: seconds for which a database that does not answer is asked again.

    Raises:
        DataError: the database cannot be opened. Every method raises a ``StoreError``, which is one, when the database
            does not answer.
    """

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        self.process = this_process()
        self._database = Database(url, patience)
        self._insert = sqlite.insert if self._database.is_local else postgresql.insert
        self._watch, self._heart = Watch(), Heart(self)

    @property
    def trouble(self) -> str:
        """Return what the database refused within the last seconds, such as that the disk is full; empty when well."""
        return self._database.trouble

    def close(self) -> None:
        """Close the connections."""
        self._heart.stop()
        self._database.close()

    def add(self, request: RunRequest, config: Mapping[str, Any], owner: str = "", *, waiting: bool = False) -> Run:
        """Queue a request and return its run.

        Args:
            request: what is asked for.
            config: the full config.
            owner: who asks.
            waiting: whether the next free worker of any server takes it; otherwise this program claims it.
        """
        self._heart.start()
        ticket = secrets.token_hex(8)
        values = {
            "created": time.time(),
            "status": "queued",
            "request": portable_request(request).model_dump_json(),
            "config": json.dumps(dict(config)),
            "n_epochs": int(config["epochs"]) + int(config.get("downstream_epochs", 0)),
            "owner": owner,
            "waiting": waiting,
            "ticket": ticket,
            **lease(self.process),
        }

        def write(connection: Connection) -> bool:
            connection.execute(self._insert(RunRow).values(id=run, **values).on_conflict_do_nothing())
            return connection.scalar(select(RunRow.ticket).where(RunRow.id == run)) == ticket

        run = _new_id()
        while not self._database.use(write):
            run = _new_id()
        return self.get(run)

    def get(self, run_id: str) -> Run:
        """Return one run.

        Raises:
            DataError: no run has that id.
        """
        query = select(*COLUMNS).where(RunRow.id == run_id, RunRow.deleted.is_(None))
        row = self._database.use(lambda connection: connection.execute(query).one_or_none())
        if row is None:
            raise DataError(f"there is no run {run_id!r}; it may have been deleted")
        return run_of(row)

    def runs(
        self, statuses: Sequence[Status] | None = None, owner: str | None = None, *, deleted: bool = False
    ) -> list[Run]:
        """Return all runs, or the deleted ones, newest first, of the given statuses and owner if any are given."""
        kept = RunRow.deleted.is_not(None) if deleted else RunRow.deleted.is_(None)
        query = select(*COLUMNS).where(kept).order_by(RunRow.created.desc(), RunRow.id.desc())
        if statuses is not None:
            query = query.where(RunRow.status.in_(statuses))
        if owner is not None:
            query = query.where(RunRow.owner == owner)
        rows, now = self._database.use(lambda connection: connection.execute(query).all()), settings()
        return [run_of(row, now) for row in rows]

    def claim(self, run_id: str) -> bool:
        """Mark a queued or interrupted run as running in this program; False when it is neither."""
        self._heart.start()
        ticket = secrets.token_hex(8)
        return self._database.use(lambda connection: claim(connection, run_id, self.process, ticket))

    def claim_next(self) -> Run | None:
        """Claim the run whose turn it is, whichever server it was asked for on; None when none waits.

        The next run is one of the user who has the fewest running, and of those the one that waited longest.
        """
        ticket = secrets.token_hex(8)
        run = self._database.use(lambda connection: next_in_line(connection, self.process, ticket))
        if run is None:
            return None
        self._heart.start()
        return self.get(run)

    def record(self, run_id: str, epoch: int, scalars: Mapping[str, float], view: str | None = None) -> None:
        """Record a snapshot: its scalars, and its view as JSON when one was taken; an epoch's second one replaces it.

        Raises:
            StoreError: another program took the run over, since this one fell silent.
        """
        snapshot = {"run": run_id, "epoch": epoch, "time": time.time(), "scalars": json.dumps(scalars), "view": view}

        def write(connection: Connection) -> bool:
            return write_snapshot(connection, self._insert(SnapshotRow), snapshot, self.process)

        if not self._database.use(write):
            raise StoreError(f"run {run_id} is another program's by now")

    def begin_anew(self, run_id: str, remark: str) -> None:
        """Forget the epochs that a run of this program recorded before it began anew; the remark says why."""
        self._database.use(lambda connection: forget_snapshots(connection, run_id, self.process, remark))

    def reach(self, run_id: str, batch: int, batches: int, seconds: float = 0.0, phase: Phase = "") -> None:
        """Record how much of its present epoch, or of another phase, a run of this program has done.

        Args:
            run_id: which.
            batch: batches done, or steps of the phase.
            batches: of all; 0 where nobody counts them.
            seconds: that they took.
            phase: what it does besides training. A run whose judging somebody stopped stays so.
        """
        done = {"batch": batch, "batches": batches, "batch_seconds": seconds, "phase": phase}
        self._update(run_id, is_of(self.process), RunRow.status == "running", RunRow.phase != "leaving", **done)

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
        """Record how a run ended; ``result`` is its final view as JSON.

        Raises:
            StoreError: another program took the run over, since this one fell silent.
        """
        changed = self._update(
            run_id,
            is_of(self.process),
            status=status,
            waiting=False,
            batch=0,
            batches=0,
            phase="",
            finished=time.time(),
            error=error,
            remarks=json.dumps(list(remarks)),
            headline=json.dumps(dict(headline or {})),
            result=result,
        )
        if not changed:
            raise StoreError(f"run {run_id} is another program's by now")

    def stop(self, run_id: str, *, judging: bool = False) -> None:
        """Ask a live run to stop; one that waits ends at once, a running one between two batches.

        Args:
            run_id: which.
            judging: stop its judging, where it is judged already; without, that goes on to its end.
        """
        if judging:
            self._update(run_id, RunRow.status == "running", RunRow.phase == "judging", stopping=True, phase="leaving")
            return
        self._update(run_id, RunRow.status == "running", stopping=True)
        waits = or_(RunRow.status == "queued", RunRow.waiting)
        self._update(run_id, waits, status="stopped", waiting=False, stopping=True, finished=time.time())

    def is_stopping(self, run_id: str) -> bool:
        """Return whether someone asked the run to stop what it does at present, or deleted it."""
        query = select(RunRow.stopping, RunRow.phase, RunRow.deleted).where(RunRow.id == run_id)
        row = self._database.use(lambda connection: connection.execute(query).one_or_none())
        if row is None or row.deleted is not None:
            return True
        return bool(row.phase == "leaving" if row.phase in ("judging", "leaving") else row.stopping)

    def history(self, run_id: str) -> list[Recorded]:
        """Return the recorded snapshots of a run in the order of epochs."""
        return self._database.use(lambda connection: read_history(connection, run_id))

    def view(self, run_id: str) -> tuple[str, bool] | None:
        """Return the newest view as JSON and whether it is the final one on held-out events; None before the first."""
        return self._database.use(lambda connection: read_view(connection, run_id))

    def delete(self, run_id: str) -> None:
        """Hide a run; ``restore`` brings it back until ``purge`` removes it. A live run is stopped."""
        self.stop(run_id)
        self._update(run_id, deleted=time.time())

    def restore(self, run_id: str) -> None:
        """Bring a deleted run back."""
        self._update(run_id, deleted=None)

    def purge(self, older_than: float) -> list[str]:
        """Remove runs deleted more than ``older_than`` seconds ago for good and return their ids."""
        before = time.time() - older_than
        return self._database.use(lambda connection: remove_deleted(connection, before))

    def tag(self, run_id: str, tags: Sequence[str]) -> None:
        """File a run under these tags and no others; blanks around them, empty and repeated ones are dropped.

        Raises:
            DataError: a tag is longer than 40 characters, or they are more than 12.
        """
        self._update(run_id, tags=json.dumps(checked_tags(tags)))

    def pin(self, run_id: str, *, pinned: bool = True) -> None:
        """Make a run the one that others on its events are compared with, or no longer."""
        self._update(run_id, pinned=pinned)

    def adopt_orphans(self) -> list[Run]:
        """Take over what programs left that ended, and return the runs that now wait for a worker.

        Queued runs wait as they did. Running ones are interrupted, to be continued from their state files, unless a
        user stopped them, or their programs ended again and again without a new epoch. To be called from time to time:
        a program of another machine has ended when it was silent for a minute.
        """
        found = self._database.use(lambda connection: adopt(connection, self.process, self._watch))
        query = select(*COLUMNS).where(RunRow.id.in_(found)).order_by(RunRow.created)
        return [run_of(row) for row in self._database.use(lambda connection: connection.execute(query).all())]

    def give_back(self, run_id: str, reason: str = "") -> None:
        """Interrupt a running run of this program that it works on no longer; it waits to be continued.

        Args:
            run_id: which.
            reason: why; empty for a program that ended.
        """
        self._database.use(lambda connection: interrupt(connection, run_id, self.process, reason))

    def resume(self, run_id: str) -> bool:
        """Let an interrupted run wait for a worker again; False when it is not interrupted."""
        return self._update(run_id, RunRow.status == "interrupted", waiting=True, stopping=False, deaths=0)

    def beat(self) -> None:
        """Give a sign of life for all live runs of this program."""
        query = update(RunRow).where(RunRow.status.in_(LIVE), is_of(self.process)).values(beat=RunRow.beat + 1)
        self._database.use(lambda connection: connection.execute(query))

    def count_queued(self, owner: str) -> int:
        """Return how many runs of a user wait."""
        query = select(func.count()).where(or_(RunRow.status == "queued", RunRow.waiting), RunRow.deleted.is_(None))
        return self._database.use(lambda connection: connection.scalar(query.where(RunRow.owner == owner))) or 0

    def holders(self) -> dict[str, Process]:
        """Return which process trains each running run."""
        return self._database.use(holders)

    def place_in_queue(self, run_id: str) -> int:
        """Return how many runs are to start before this one, if nobody asks for more."""
        return self._database.use(lambda connection: place_in_line(connection, run_id, self.process))

    def _update(self, run_id: str, *conditions: Any, **values: Any) -> bool:
        query = update(RunRow).where(RunRow.id == run_id, *conditions).values(**values)
        return bool(self._database.use(lambda connection: connection.execute(query)).rowcount)


def _new_id() -> str:
    return time.strftime("%y%m%d-%H%M-") + secrets.token_hex(2)
