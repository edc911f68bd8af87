"""Who signs in elsewhere, and as whom."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """People of before sign in here."""
    op.add_column("people", sa.Column("subject", sa.Text()))
