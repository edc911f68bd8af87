"""A PostgreSQL server, for more than one machine; everything else is as with the embedded database."""

import importlib
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy import URL, Connection, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from vigie.domain.errors import BadUsage, Permanent, Transient
from vigie.memory.database import Database, Work
from vigie.memory.migrate import bring_up_to_date
from vigie.memory.portal import Portal

T = TypeVar("T")

_POOL = 5
_CONNECT_S = 10.0
_LOCK_MS = 30_000
# Whoever migrates holds this advisory lock; the number only has to be nobody else's.
_MIGRATION_LOCK = 0x5649474945


class PostgresDatabase(Database):
    """A database on a server, in which Vigie makes its tables."""

    def __init__(self, url: URL) -> None:
        self._where = url.render_as_string(hide_password=True).replace("+asyncpg", "")
        self._portal = Portal("vigie-postgres")
        self._engine = create_async_engine(
            url,
            pool_size=_POOL,
            pool_pre_ping=True,
            connect_args={
                "timeout": _CONNECT_S,
                # What is told to be on the disk is there, whatever the server's own setting.
                "server_settings": {"synchronous_commit": "on", "lock_timeout": str(_LOCK_MS), "application_name": "vigie"},
            },
        )

    @classmethod
    async def open(cls, database_url: str) -> "PostgresDatabase":
        """Connect and bring the tables up to date.

        Raises:
            BadUsage: that is no address of a PostgreSQL database.
            Permanent: the server refuses, or the driver is missing.
            Transient: it cannot be reached.
        """
        database = cls(_url(database_url))
        try:
            await database.write(database._migrate)
        except BaseException:
            await database.close()
            raise
        return database

    async def read(self, work: Work[T]) -> T:
        """Run `work` on one snapshot."""

        async def run(connection: AsyncConnection) -> T:
            await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            return await connection.run_sync(work)

        return await self._portal.run(self._run(run))

    async def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction; rows that it must own, it locks."""
        return await self._portal.run(self._run(lambda connection: connection.run_sync(work)))

    async def check(self) -> list[str]:
        """Return nothing: a server is checked by its own tools."""
        return []

    async def close(self) -> None:
        """Close the connections."""
        await self._portal.run(self._engine.dispose())
        await self._portal.close()

    async def _run(self, run: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        try:
            async with self._engine.begin() as connection:
                return await run(connection)
        except DBAPIError as error:
            self._tell(error)
            raise
        except OSError as error:  # asyncpg lets the socket's own errors through
            raise Transient("database.unreachable", where=self._where, detail=str(error)) from error

    def _migrate(self, connection: Connection) -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        bring_up_to_date(connection, self._where)

    def _tell(self, error: DBAPIError) -> None:
        """Raise what a person can act on; return when the error is a bug of ours."""
        state = str(getattr(error.orig, "sqlstate", None) or "")
        detail = str(error.orig).partition("\n")[0]
        if error.connection_invalidated or state[:2] in _AWAY or (not state and "connection" in detail):
            raise Transient("database.unreachable", where=self._where, detail=detail) from error
        if state in _TURNS:
            raise Transient("database.busy", path=self._where, detail=detail) from error
        if state[:2] in _REFUSED or state == "42501":
            raise Permanent("database.refused", where=self._where, detail=detail) from error
        if state == "53100":
            raise Permanent("home.full", path=self._where, detail=detail) from error


_AWAY = ("08", "57")  # connection exception, operator intervention
_TURNS = ("40001", "40P01", "55P03")  # serialization failure, deadlock, lock not available
_REFUSED = ("28", "3D", "25")  # wrong name or password, no such database, read-only


# What may follow the `?` of an address, and what the driver calls it.
_PARAMETERS = {"host": "host", "port": "port", "sslmode": "ssl", "ssl": "ssl"}


def _url(database_url: str) -> URL:
    try:
        url = make_url(database_url)
    except (ArgumentError, ValueError) as error:
        where = re.sub("//[^@]*@", "//***@", database_url)
        raise BadUsage("database.bad_url", where=where) from error
    query = {_PARAMETERS.get(name, name): value for name, value in url.query.items()}
    if url.get_backend_name() not in ("postgresql", "postgres") or not set(query) <= set(_PARAMETERS.values()):
        raise BadUsage("database.bad_url", where=url.render_as_string(hide_password=True))
    try:
        importlib.import_module("asyncpg")
    except ModuleNotFoundError as error:
        raise Permanent("database.driver_missing", module="asyncpg") from error
    return url.set(drivername="postgresql+asyncpg", query=query)
