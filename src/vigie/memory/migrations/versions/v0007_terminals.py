"""Sittings at terminals."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "terminals",
        *(sa.Column(name, sa.Text(), primary_key=True, nullable=False) for name in ("tenant", "id")),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("doc", sa.Text(), nullable=False),
    )
