"""Bring a database's tables up to date, in the transaction of the connection that is given."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from vigie.domain.errors import Permanent
from vigie.memory import migrations
from vigie.memory.migrations import REVISIONS

_ALEMBIC_TABLE = "alembic_version"


def bring_up_to_date(connection: Connection, where: str) -> None:
    """Run the migrations that are missing: all of them or, when one fails, none.

    Args:
        connection: in a transaction that no other process can hold at the same time.
        where: how errors call the database.

    Raises:
        Permanent: a newer program has been here.
    """
    found = revision(connection)
    if found == REVISIONS[-1]:
        return
    if found is not None and found not in REVISIONS:
        raise Permanent("database.newer", where=where, found=found, known=REVISIONS[-1])
    _upgrade(connection)


def revision(connection: Connection) -> str | None:
    """Return the revision of the tables, None for an empty database."""
    if not inspect(connection).has_table(_ALEMBIC_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {_ALEMBIC_TABLE}")).scalar()  # noqa: S608  # our own constant


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
