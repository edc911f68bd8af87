"""The migrations make exactly the tables that the program knows, whole or not at all."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from vigie.memory import migrate
from vigie.memory.memory import Memory
from vigie.memory.migrations import REVISIONS
from vigie.memory.schema import metadata


async def test_the_migrated_tables_are_those_of_the_schema(memory: Memory) -> None:
    def differences(connection: Connection) -> list[Any]:
        found: list[Any] = compare_metadata(MigrationContext.configure(connection), metadata)
        return found

    assert await memory._database.read(differences) == []
    assert await memory._database.read(migrate.revision) == REVISIONS[-1]


def test_the_listed_revisions_are_those_of_the_files() -> None:
    config = Config()
    config.set_main_option("script_location", "vigie.memory:migrations")
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    assert tuple(script.revision for script in reversed(list(scripts.walk_revisions()))) == REVISIONS


async def test_a_migration_that_fails_leaves_nothing(place: Any) -> None:
    place.sql("CREATE TABLE people (somebody TEXT)")  # in the way of one of the last steps
    with pytest.raises(DBAPIError, match="people"):
        await place.open()
    place.sql("DROP TABLE people")
    memory = await place.open()
    assert await memory.of().people.list() == []
