"""What users write on a run: its tags, and whether it is pinned as the one that others are compared with."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns; runs of before have no tags and are not pinned."""
    op.add_column("runs", sa.Column("tags", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("runs", sa.Column("pinned", sa.Boolean(), nullable=False, server_default=sa.false()))
