"""The first tables: a tenant on every row, and a journal that only grows."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    _journal()
    _cases()
    _hosts()
    _safety()
    _people()
    if op.get_bind().dialect.name == "sqlite":
        _append_only_sqlite()
    else:
        _append_only_postgres()


def _text(name: str, *, key: bool = False, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), primary_key=key, nullable=null)


def _journal() -> None:
    op.create_table(
        "journal",
        # INTEGER makes it SQLite's own row id.
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False),
        _text("at"),
        _text("tenant"),
        _text("case_id", null=True),
        _text("kind"),
        _text("actor"),
        _text("body"),
        _text("ref", null=True),
        _text("hash"),
    )
    op.create_index("journal_by_case", "journal", ["tenant", "case_id", "seq"])
    op.create_index("journal_by_ref", "journal", ["tenant", "ref", "seq"])
    op.create_table(
        "journal_head",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        _text("hash"),
        _text("seal"),
        _text("key_print"),
    )
    op.create_table(
        "journal_cursors", _text("tenant", key=True), _text("reader", key=True), sa.Column("seq", sa.BigInteger(), nullable=False)
    )


def _cases() -> None:
    op.create_table(
        "counters", _text("tenant", key=True), _text("name", key=True), sa.Column("value", sa.BigInteger(), nullable=False)
    )
    op.create_table(
        "cases",
        _text("tenant", key=True),
        _text("id", key=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _text("kind"),
        _text("state"),
        _text("phase"),
        _text("host"),
        _text("label", null=True),
        _text("opened_at"),
        _text("updated_at"),
        _text("words"),
        _text("doc"),
    )
    op.create_index("cases_by_number", "cases", ["tenant", "number"])
    op.create_index("cases_by_state", "cases", ["tenant", "state", "number"])
    op.create_index("cases_by_host", "cases", ["tenant", "host", "opened_at"])
    op.create_table(
        "lessons",
        _text("tenant", key=True),
        _text("id", key=True),
        _text("host"),
        _text("label"),
        sa.Column("worked", sa.Boolean(), nullable=False),
        _text("at"),
        _text("doc"),
    )
    op.create_index("lessons_by_host", "lessons", ["tenant", "host", "at"])


def _hosts() -> None:
    op.create_table("hosts", _text("tenant", key=True), _text("name", key=True), _text("doc"))
    op.create_table("baselines", _text("tenant", key=True), _text("host", key=True), _text("taken_at", key=True), _text("doc"))
    op.create_table("watches", _text("tenant", key=True), _text("id", key=True), _text("host"), _text("doc"))
    op.create_table("cursors", _text("tenant", key=True), _text("source", key=True), _text("doc"))


def _safety() -> None:
    op.create_table(
        "approvals",
        _text("tenant", key=True),
        _text("id", key=True),
        _text("case_id"),
        _text("host"),
        _text("plan_hash"),
        _text("asked_at"),
        _text("expires_at"),
        _text("decision"),
        _text("decided_by", null=True),
        _text("decided_at", null=True),
    )
    op.create_index("approvals_by_case", "approvals", ["tenant", "case_id", "asked_at"])
    op.create_table(
        "backups", _text("tenant", key=True), _text("id", key=True), _text("case_id"), _text("taken_at"), _text("doc")
    )
    op.create_index("backups_by_case", "backups", ["tenant", "case_id", "taken_at"])
    op.create_table(
        "secrets",
        _text("tenant", key=True),
        _text("name", key=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "leases",
        _text("tenant", key=True),
        _text("name", key=True),
        _text("holder", null=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        _text("expires_at", null=True),
    )


def _people() -> None:
    op.create_table("people", _text("tenant", key=True), _text("name", key=True), _text("password_hash"), _text("language"))
    op.create_table("login_tokens", _text("tenant", key=True), _text("token_hash", key=True), _text("expires_at"))
    op.create_table(
        "sessions",
        _text("tenant", key=True),
        _text("token_hash", key=True),
        _text("name"),
        _text("expires_at"),
        sa.ForeignKeyConstraint(["tenant", "name"], ["people.tenant", "people.name"], ondelete="CASCADE"),
    )


def _append_only_sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END"
    op.execute(f"CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal {refuse}")
    op.execute(f"CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal {refuse}")
    # INSERT OR REPLACE deletes without asking the trigger above.
    known = "EXISTS (SELECT 1 FROM journal WHERE seq = NEW.seq)"
    op.execute(f"CREATE TRIGGER journal_no_replace BEFORE INSERT ON journal WHEN {known} {refuse}")


def _append_only_postgres() -> None:
    op.execute(
        "CREATE FUNCTION journal_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the journal only grows'; END $$"
    )
    op.execute(
        "CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON journal "
        "FOR EACH STATEMENT EXECUTE FUNCTION journal_only_grows()"
    )
