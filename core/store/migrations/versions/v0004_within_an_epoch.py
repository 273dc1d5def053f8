"""How far a run is within its epoch, and when it first began."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns; of runs of before, the first beginning is the one that they have."""
    for name in ("batch", "batches"):
        op.add_column("runs", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column("runs", sa.Column("batch_seconds", sa.Float(), nullable=False, server_default="0"))
    op.add_column("runs", sa.Column("began", sa.Float(), nullable=True))
    op.execute("UPDATE runs SET began = started")
