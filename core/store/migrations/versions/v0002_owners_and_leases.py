"""Who asked for a run, and which program of which machine has it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns; runs of before belong to nobody and to a process of this machine."""
    columns: list[tuple[str, Any, Any]] = [
        ("owner", sa.String(), ""),
        ("waiting", sa.Boolean(), sa.false()),
        ("host", sa.String(), ""),
        ("born", sa.String(), ""),
        ("beat", sa.Integer(), "0"),
        ("ticket", sa.String(), ""),
        ("deaths", sa.Integer(), "0"),
        ("died_at", sa.Integer(), "-1"),
    ]
    for name, kind, default in columns:
        op.add_column("runs", sa.Column(name, kind, nullable=False, server_default=default))
    op.create_index("ix_runs_owner", "runs", ["owner", "created"])
    op.create_index(
        "ix_runs_waiting",
        "runs",
        ["created"],
        sqlite_where=sa.text("waiting = 1"),
        postgresql_where=sa.text("waiting"),
    )
