"""The embedded database: one file, one writer thread and a few readers per process, any number of processes.

A transaction runs as a whole in its thread: one hop instead of one per statement, and none is left open by a task that ends.
"""

import asyncio
import contextlib
import os
import sqlite3
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Literal, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from vigie.domain.errors import Permanent, Transient
from vigie.memory import home
from vigie.memory.database import Database, Work
from vigie.memory.migrate import bring_up_to_date

T = TypeVar("T")

_READERS = 3
_BUSY_S = 30.0
# quick_check reads the whole file, 50 MB in 0.04 s; up to here that is not felt when a command starts.
_CHECKED_AT_OPEN_BYTES = 128 * 1024 * 1024


class SqliteDatabase(Database):
    """A file in the home."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer = _Lane(_engine(path, "IMMEDIATE"), 1, "vigie-writer")
        self._readers = _Lane(_engine(path, "DEFERRED"), _READERS, "vigie-reader")

    @classmethod
    async def open(cls, path: Path) -> "SqliteDatabase":
        """Create or open the file and bring its tables up to date.

        Raises:
            Permanent: the file cannot be used, and why.
        """
        database = cls(path)
        try:
            await asyncio.to_thread(database._prepare)
            await database.write(lambda connection: bring_up_to_date(connection, str(path)))
        except BaseException:
            await database.close()
            raise
        return database

    async def read(self, work: Work[T]) -> T:
        """Run `work` on a snapshot; readers never wait for writers."""
        return await self._run(self._readers, work)

    async def write(self, work: Work[T]) -> T:
        """Run `work` while no other process writes."""
        return await self._run(self._writer, work)

    async def check(self) -> list[str]:
        """Run SQLite's own complete check."""

        def work(connection: Connection) -> list[str]:
            answers = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
            return [str(answer) for answer in answers if answer != "ok"]

        return await self.read(work)

    async def close(self) -> None:
        """Finish what is queued; the last process to leave folds the write-ahead file in."""
        for lane in (self._readers, self._writer):
            await asyncio.to_thread(lane.close)

    async def _run(self, lane: "_Lane", work: Work[T]) -> T:
        try:
            return await asyncio.wrap_future(lane.submit(work))
        except DBAPIError as error:
            self._tell(error.orig)
            raise

    def _prepare(self) -> None:
        _create(self._path)
        try:
            with contextlib.closing(sqlite3.connect(self._path, isolation_level=None, timeout=_BUSY_S)) as raw:
                self._refuse_damaged(raw)
                _use_write_ahead(raw)
        except sqlite3.Error as error:
            self._tell(error)
            raise

    def _refuse_damaged(self, raw: sqlite3.Connection) -> None:
        if self._path.stat().st_size > _CHECKED_AT_OPEN_BYTES:
            return
        (answer,) = raw.execute("PRAGMA quick_check(1)").fetchone()
        if answer != "ok":
            raise Permanent("database.corrupt", path=self._path, detail=answer)

    def _tell(self, error: BaseException | None) -> None:
        """Raise what a person can act on; return when the error is a bug of ours."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the extended code's low byte is the kind
        key = _KEYS.get(code)
        if code == sqlite3.SQLITE_ERROR and str(error).startswith("no such"):
            key = "database.corrupt"  # our tables are made before any is asked for: somebody took it away
        if code in _MAYBE_FULL and home.is_full(self._path.parent):
            key = "home.full"
        if key == "database.busy":
            raise Transient(key, path=self._path) from error
        if key is not None:
            raise Permanent(key, path=self._path, detail=str(error)) from error


# What SQLite says when the disk has no room for the files that it keeps beside the database.
_MAYBE_FULL = frozenset((sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN))
_KEYS = {
    sqlite3.SQLITE_BUSY: "database.busy",
    sqlite3.SQLITE_LOCKED: "database.busy",
    sqlite3.SQLITE_CORRUPT: "database.corrupt",
    sqlite3.SQLITE_NOTADB: "database.corrupt",
    sqlite3.SQLITE_CANTOPEN: "database.unreadable",
    sqlite3.SQLITE_PERM: "database.unreadable",
    sqlite3.SQLITE_AUTH: "database.unreadable",
    sqlite3.SQLITE_READONLY: "home.read_only",
    sqlite3.SQLITE_FULL: "home.full",
    sqlite3.SQLITE_IOERR: "database.disk_error",
}


def damage(path: Path) -> list[str]:
    """Return what SQLite finds wrong with a file, which is only read."""
    try:
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=_BUSY_S)) as raw:
            answers = [str(answer) for (answer,) in raw.execute("PRAGMA quick_check")]
    except sqlite3.Error as error:
        return [str(error)]
    return [answer for answer in answers if answer != "ok"]


class _Lane:
    """Threads that each keep one connection, and take one transaction after the other."""

    def __init__(self, engine: Engine, threads: int, name: str) -> None:
        self._engine = engine
        self._pool = ThreadPoolExecutor(threads, name)
        self._own = threading.local()
        self._opened: list[Connection] = []

    def submit(self, work: Work[T]) -> Future[T]:
        """Run `work` in a transaction as soon as a thread is free."""
        return self._pool.submit(self._run, work)

    def close(self) -> None:
        """Finish what is queued."""
        self._pool.shutdown()
        for connection in self._opened:
            connection.close()
        self._engine.dispose()

    def _run(self, work: Work[T]) -> T:
        connection = self._connection()
        with connection.begin():
            return work(connection)

    def _connection(self) -> Connection:
        kept: Connection | None = getattr(self._own, "connection", None)
        if kept is None:
            kept = self._own.connection = self._engine.connect()
            self._opened.append(kept)
        return kept


def _engine(path: Path, begin: Literal["IMMEDIATE", "DEFERRED"]) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": _BUSY_S, "cached_statements": 256},
    )

    @event.listens_for(engine, "connect")
    def _on_connect(raw: sqlite3.Connection, _record: object) -> None:
        raw.text_factory = _text  # bytes that were altered are told by the audit, not by a crash
        raw.execute("PRAGMA foreign_keys = ON")
        raw.execute("PRAGMA synchronous = FULL")
        if begin == "DEFERRED":
            raw.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {begin}")

    return engine


def _text(stored: bytes) -> str:
    return stored.decode("utf-8", "surrogateescape")


def _create(path: Path) -> None:
    """Make the file readable by its owner only, before SQLite makes it readable by all."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise Permanent("database.unreadable", path=path, detail=error.strerror) from error


def _use_write_ahead(raw: sqlite3.Connection) -> None:
    """Switch to WAL; SQLite does not wait its turn for this one."""
    for _ in range(int(_BUSY_S / 0.05)):
        try:
            raw.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            threading.Event().wait(0.05)
        else:
            return
    raw.execute("PRAGMA journal_mode = WAL")
