"""What a run does besides training, and how long its epochs take."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns; runs of before train, at a pace that nobody noted."""
    op.add_column("runs", sa.Column("phase", sa.String(), nullable=False, server_default=""))
    op.add_column("runs", sa.Column("pace", sa.Float(), nullable=False, server_default="0"))
