"""What is measured on hosts again and again."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "trends",
        *(sa.Column(name, sa.Text(), primary_key=True, nullable=False) for name in ("tenant", "host", "subject", "name")),
        sa.Column("at", sa.BigInteger(), primary_key=True, nullable=False, autoincrement=False),
        sa.Column("value", sa.Double(), nullable=False),
    )
