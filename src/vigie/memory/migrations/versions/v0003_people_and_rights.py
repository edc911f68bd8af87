"""Several people: what each may do and where, tokens for programs, and a way to sign in from outside a browser."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Whoever is there already is the owner."""
    op.add_column("people", sa.Column("role", sa.Text(), nullable=False, server_default="owner"))
    op.add_column("people", sa.Column("hosts", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("people", sa.Column("is_blocked", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("login_tokens", sa.Column("name", sa.Text()))
    op.create_table(
        "api_tokens",
        sa.Column("tenant", sa.Text(), primary_key=True),
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.Column("used_at", sa.Text()),
        sa.ForeignKeyConstraint(["tenant", "name"], ["people.tenant", "people.name"], ondelete="CASCADE"),
    )
    op.create_index("api_tokens_by_hash", "api_tokens", ["tenant", "token_hash"], unique=True)
    op.create_table(
        "refresh_tokens",
        sa.Column("tenant", sa.Text(), primary_key=True),
        sa.Column("token_hash", sa.Text(), primary_key=True),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.Column("is_used", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["tenant", "name"], ["people.tenant", "people.name"], ondelete="CASCADE"),
    )
    op.create_index("refresh_tokens_by_family", "refresh_tokens", ["tenant", "family"])
