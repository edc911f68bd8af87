"""What the conversation is used for, counted by day."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# What was asked before is counted without its class and without an estimate of the time saved.
_BEFORE = """
INSERT INTO usage (tenant, day, kind, intent, effect_class, asked, succeeded, hosts, saved_s, understand_s)
SELECT tenant, substr(at, 1, 10), kind, coalesce(intent, ''), '', count(*), sum(CASE WHEN succeeded THEN 1 ELSE 0 END), 0, 0, 0
FROM exchanges GROUP BY tenant, substr(at, 1, 10), kind, coalesce(intent, '')
"""


def upgrade() -> None:
    """Make the table and count what is there."""
    op.create_table(
        "usage",
        *(sa.Column(name, sa.Text(), primary_key=True, nullable=False) for name in ("tenant", "day", "kind", "intent")),
        sa.Column("effect_class", sa.Text(), primary_key=True, nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("asked", "succeeded", "hosts")),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ("saved_s", "understand_s")),
    )
    op.execute(_BEFORE)
