"""The tables as they are today; `migrations/` says how they came to be, and a test that both agree."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    false,
)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant as text that sorts as time does, the same in every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Write an instant."""
        return None if value is None else instant_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Read an instant."""
        return None if value is None else datetime.fromisoformat(value)


def instant_text(at: datetime) -> str:
    """Return the one way in which an instant is written here.

    Raises:
        ValueError: the instant has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"an instant without a time zone: {at!r}")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


metadata = MetaData()

# Each row belongs to a tenant, but for the head of the chain: there is one journal per installation.
journal = Table(
    "journal",
    metadata,
    Column("seq", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("case_id", Text),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("ref", Text),
    Column("hash", Text, nullable=False),
    Index("journal_by_case", "tenant", "case_id", "seq"),
    Index("journal_by_ref", "tenant", "ref", "seq"),
)

journal_head = Table(
    "journal_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Column("seal", Text, nullable=False),
    Column("key_print", Text, nullable=False),
)

journal_cursors = Table(
    "journal_cursors",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("reader", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("label", Text),
    Column("opened_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("words", Text, nullable=False),
    Column("doc", Text, nullable=False),
    Index("cases_by_number", "tenant", "number"),
    Index("cases_by_state", "tenant", "state", "number"),
    Index("cases_by_host", "tenant", "host", "opened_at"),
)

hosts = Table(
    "hosts",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("doc", Text, nullable=False),
)

baselines = Table(
    "baselines",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("host", Text, primary_key=True),
    Column("taken_at", Instant, primary_key=True),
    Column("doc", Text, nullable=False),
)

approvals = Table(
    "approvals",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("plan_hash", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("decision", Text, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", Instant),
    Index("approvals_by_case", "tenant", "case_id", "asked_at"),
)

backups = Table(
    "backups",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("doc", Text, nullable=False),
    Index("backups_by_case", "tenant", "case_id", "taken_at"),
)

secrets = Table(
    "secrets",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("holder", Text),
    Column("fence", BigInteger, nullable=False),
    Column("expires_at", Instant),
)

cursors = Table(
    "cursors",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("doc", Text, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("role", Text, nullable=False, server_default="owner"),
    Column("hosts", Text, nullable=False, server_default="[]"),
    Column("is_blocked", Boolean, nullable=False, server_default=false()),
    Column("subject", Text),
)

login_tokens = Table(
    "login_tokens",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("token_hash", Text, primary_key=True),
    Column("expires_at", Instant, nullable=False),
    Column("name", Text),
)

sessions = Table(
    "sessions",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("token_hash", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("device", Text, nullable=False, server_default=""),
    Column("began_at", Instant),
    ForeignKeyConstraint(["tenant", "name"], ["people.tenant", "people.name"], ondelete="CASCADE"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("token_hash", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    ForeignKeyConstraint(["tenant", "name"], ["people.tenant", "people.name"], ondelete="CASCADE"),
    Index("api_tokens_by_hash", "tenant", "token_hash", unique=True),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("token_hash", Text, primary_key=True),
    Column("family", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("is_used", Boolean, nullable=False),
    ForeignKeyConstraint(["tenant", "name"], ["people.tenant", "people.name"], ondelete="CASCADE"),
    Index("refresh_tokens_by_family", "tenant", "family"),
)

lessons = Table(
    "lessons",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("worked", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("doc", Text, nullable=False),
    Index("lessons_by_host", "tenant", "host", "at"),
)

watches = Table(
    "watches",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("doc", Text, nullable=False),
)

trends = Table(
    "trends",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("host", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("value", Double, nullable=False),
)

terminals = Table(
    "terminals",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("doc", Text, nullable=False),
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("person", Text, nullable=False),
    Column("session", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("intent", Text),
    Column("succeeded", Boolean, nullable=False),
    Column("words", Text, nullable=False),
    Column("doc", Text, nullable=False),
    Index("exchanges_by_session", "tenant", "person", "session", "number"),
)

usage = Table(
    "usage",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("intent", Text, primary_key=True),
    Column("effect_class", Text, primary_key=True),
    Column("asked", BigInteger, nullable=False),
    Column("succeeded", BigInteger, nullable=False),
    Column("hosts", BigInteger, nullable=False),
    Column("saved_s", Double, nullable=False),
    Column("understand_s", Double, nullable=False),
)
