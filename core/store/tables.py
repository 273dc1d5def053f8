"""Tables of the run store; a change here needs a migration in ``core/store/migrations``."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Float, ForeignKey, Index, Text, false, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Collect the tables."""


class RunRow(Base):
    """One run; request, config, remarks, headline, result and tags are JSON.

    host, process, born and beat are the lease of the program that asked for it or trains it (``core/store/lease.py``),
    ticket is that program's claim. deaths counts the programs that ended while they trained it without a new epoch
    after ``died_at``.
    """

    __tablename__ = "runs"

    id: Mapped[str] = mapped_column(primary_key=True)
    created: Mapped[float] = mapped_column(Float, index=True)
    status: Mapped[str] = mapped_column(index=True)
    request: Mapped[str] = mapped_column(Text)
    config: Mapped[str] = mapped_column(Text)
    n_epochs: Mapped[int]
    process: Mapped[int]
    epoch: Mapped[int] = mapped_column(default=0)
    started: Mapped[float | None] = mapped_column(Float, default=None)
    finished: Mapped[float | None] = mapped_column(Float, default=None)
    deleted: Mapped[float | None] = mapped_column(Float, default=None)
    stopping: Mapped[bool] = mapped_column(default=False)
    error: Mapped[str] = mapped_column(Text, default="")
    remarks: Mapped[str] = mapped_column(Text, default="[]")
    headline: Mapped[str] = mapped_column(Text, default="{}")
    result: Mapped[str | None] = mapped_column(Text, default=None)
    owner: Mapped[str] = mapped_column(server_default="")
    waiting: Mapped[bool] = mapped_column(server_default=false())
    host: Mapped[str] = mapped_column(server_default="")
    born: Mapped[str] = mapped_column(server_default="")
    beat: Mapped[int] = mapped_column(server_default="0")
    ticket: Mapped[str] = mapped_column(server_default="")
    deaths: Mapped[int] = mapped_column(server_default="0")
    died_at: Mapped[int] = mapped_column(server_default="-1")
    tags: Mapped[str] = mapped_column(Text, server_default="[]")
    pinned: Mapped[bool] = mapped_column(server_default=false())
    batch: Mapped[int] = mapped_column(server_default="0")
    batches: Mapped[int] = mapped_column(server_default="0")
    batch_seconds: Mapped[float] = mapped_column(Float, server_default="0")
    began: Mapped[float | None] = mapped_column(Float, default=None)
    phase: Mapped[str] = mapped_column(server_default="")
    pace: Mapped[float] = mapped_column(Float, server_default="0")

    __table_args__ = (
        Index("ix_runs_owner", "owner", "created"),
        Index("ix_runs_waiting", "created", sqlite_where=text("waiting = 1"), postgresql_where=text("waiting")),
    )


class SnapshotRow(Base):
    """One epoch of one run; scalars and view are JSON."""

    __tablename__ = "snapshots"

    run: Mapped[str] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    time: Mapped[float] = mapped_column(Float)
    scalars: Mapped[str] = mapped_column(Text)
    view: Mapped[str | None] = mapped_column(Text)


COLUMNS: tuple[Column[Any], ...] = tuple(column for column in RunRow.__table__.columns if column.name != "result")  # type: ignore[misc]
"""Of a run, without its result, which is large and rarely wanted."""
