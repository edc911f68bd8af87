"""The tables of `events.db`, and the one connection to them: what can be wrong with the file is said in our words."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vigie.domain.errors import Permanent, Transient

_VERSION = _FIRST = 4
_BUSY_S = 30.0
# `bodies` are the parts of a block that is still open, one of one that is full; `marks` go when their segment is sealed.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS blocks (
  id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, host TEXT NOT NULL, source TEXT NOT NULL, first_s REAL NOT NULL,
  last_s REAL NOT NULL, lines INTEGER NOT NULL, size INTEGER NOT NULL, is_open INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS blocks_source ON blocks (tenant, host, source, id);
CREATE INDEX IF NOT EXISTS blocks_open ON blocks (tenant, host, source) WHERE is_open;
CREATE TABLE IF NOT EXISTS bodies (block INTEGER NOT NULL, place INTEGER NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS bodies_block ON bodies (block, place);
CREATE TABLE IF NOT EXISTS marks (block INTEGER PRIMARY KEY, own BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS segments (id INTEGER PRIMARY KEY, first_s REAL NOT NULL, last_s REAL NOT NULL);
CREATE TABLE IF NOT EXISTS buckets (id INTEGER PRIMARY KEY, entries BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS templates (
  tenant TEXT NOT NULL, host TEXT NOT NULL, id TEXT NOT NULL, text TEXT NOT NULL, level TEXT NOT NULL, service TEXT NOT NULL,
  first_s REAL NOT NULL, last_s REAL NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (tenant, host, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS template_hours (
  tenant TEXT NOT NULL, host TEXT NOT NULL, id TEXT NOT NULL, hour INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (tenant, host, id, hour)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS positions (
  tenant TEXT NOT NULL, source TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (tenant, source)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS post (
  id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, source TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS became (
  tenant TEXT NOT NULL, old TEXT NOT NULL, text TEXT NOT NULL, new TEXT NOT NULL, PRIMARY KEY (tenant, old)) WITHOUT ROWID;
"""


class Tables:
    """One connection to one file; any number of processes may have one. Its calls block."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with _errors_of(path):
            is_new = not path.exists()
            self._base = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
            path.chmod(0o600)
            if is_new:
                self._base.execute("PRAGMA auto_vacuum = INCREMENTAL")
            self._base.execute("PRAGMA journal_mode = WAL")
            self._base.execute("PRAGMA synchronous = FULL")
            if _version(self._base) != _VERSION:
                with self.writing() as base:
                    _prepare(base)

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for one transaction: all of it or nothing.

        Raises:
            Permanent: the disk or the file does not take it.
            Transient: another process keeps the file busy.
        """
        with _errors_of(self._path):
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield self._base
                self._base.execute("COMMIT")
            except BaseException:  # a cancellation too leaves nothing half written
                if self._base.in_transaction:  # a full disk ends it by itself
                    self._base.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give the connection.

        Raises:
            Permanent: the file cannot be read.
            Transient: another process keeps it busy.
        """
        with _errors_of(self._path):
            yield self._base


def _version(base: sqlite3.Connection) -> int:
    return int(base.execute("PRAGMA user_version").fetchone()[0])


def _prepare(base: sqlite3.Connection) -> None:
    """Make the tables; lines kept before the first release are given up: the file can be removed at any time."""
    if _version(base) < _FIRST:
        for table in ("blocks", "bodies", "marks", "segments", "buckets"):
            base.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in _SCHEMA.split(";\n"):
        base.execute(statement)
    base.execute(f"PRAGMA user_version = {_VERSION}")


@contextmanager
def _errors_of(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise Transient("lines.busy", path=path) from error
        raise Permanent("lines.refused", path=path, reason=error) from error
    except (sqlite3.DatabaseError, OSError) as error:
        raise Permanent("lines.damaged", path=path, reason=error) from error
