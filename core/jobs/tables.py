"""Tables of the run store."""

from __future__ import annotations

from sqlalchemy import Float, ForeignKey, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Collect the tables."""


class RunRow(Base):
    """One run; request, config, remarks, headline and result are JSON."""

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


class SnapshotRow(Base):
    """One epoch of one run; scalars and view are JSON."""

    __tablename__ = "snapshots"

    run: Mapped[str] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    time: Mapped[float] = mapped_column(Float)
    scalars: Mapped[str] = mapped_column(Text)
    view: Mapped[str | None] = mapped_column(Text)
