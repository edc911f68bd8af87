"""Opens all that Vigie remembers; the rest of the program knows this file only."""

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING

from vigie.clock import Clock
from vigie.domain.errors import Permanent
from vigie.domain.host import DEFAULT_TENANT
from vigie.domain.lesson import Lesson
from vigie.domain.person import Person
from vigie.domain.watch import Watch
from vigie.memory import home as home_folder
from vigie.memory import keys
from vigie.memory.anchor import Anchor
from vigie.memory.approvals import Approvals
from vigie.memory.artefacts import Artefacts
from vigie.memory.audit_chain import AuditReport
from vigie.memory.backups import Backups
from vigie.memory.baselines import Baselines
from vigie.memory.cases import Cases
from vigie.memory.cursors import Cursors
from vigie.memory.database import Database
from vigie.memory.exchanges import Exchanges
from vigie.memory.hosts import Hosts
from vigie.memory.journal import Chain, Journal, is_empty
from vigie.memory.keys import Keys
from vigie.memory.leases import Leases
from vigie.memory.lessons import Lessons
from vigie.memory.people import People
from vigie.memory.scope import Scope
from vigie.memory.secrets import Secrets
from vigie.memory.terminals import Terminals
from vigie.memory.tokens import Tokens
from vigie.memory.trends import Trends
from vigie.memory.usage import Usage
from vigie.memory.watches import Watches

if TYPE_CHECKING:
    from vigie.memory.lines.store import LineStore

__all__ = ["AuditReport", "Lesson", "Memory", "Person", "TenantMemory", "Watch"]


_DATABASE = "vigie.db"
_LINES = "events.db"


class Memory:
    """One home and its database, shared by any number of tasks, event loops and processes."""

    def __init__(self, home: Path, database: Database, own_keys: Keys, clock: Clock, database_url: str | None) -> None:
        self.home = home
        self.database_url = database_url
        self._database = database
        self._keys = own_keys
        self._clock = clock
        anchor = Anchor(home / "keys" / "journal.head", own_keys.audit, clock, database_url or _DATABASE)
        self._chain = Chain(database, own_keys.audit, clock, anchor)

    @classmethod
    async def open(cls, home: Path, *, clock: Clock, database_url: str | None = None) -> "Memory":
        """Make the home if need be, bring its tables up to date, and see that all of it can be used.

        Args:
            home: the folder that holds the keys and artefacts whatever the database.
            clock: what the stores call now.
            database_url: `postgresql://…` for a server; None for the file in the home.

        Raises:
            Permanent: the home or the database cannot be used, and what to do about it.
            Transient: the database is busy or cannot be reached.
        """
        home = await asyncio.to_thread(home_folder.prepare, home)
        if database_url is None:
            await asyncio.to_thread(_refuse_lost_database, home)
        database = await _open_database(home, database_url)
        try:
            await _refuse_lost_key(home, database)
            memory = cls(home, database, await asyncio.to_thread(Keys.of, home), clock, database_url)
            await memory._chain.start()
        except BaseException:
            await database.close()
            raise
        return memory

    @property
    def workflows_path(self) -> Path:
        """Where the workflow engine keeps its own embedded database."""
        return self.home / "workflows.db"

    def of(self, tenant: str = DEFAULT_TENANT) -> "TenantMemory":
        """Return what is remembered for one tenant."""
        if not _TENANT.fullmatch(tenant):
            raise ValueError(f"{tenant!r} is no tenant's name")
        return TenantMemory(Scope(self._database, tenant), self._chain, self._keys, self.home, self._clock)

    async def verify_journal(self) -> AuditReport:
        """Walk the audit chain from its first row to its last."""
        return await self._chain.verify()

    async def check_database(self) -> list[str]:
        """Read the whole database and return what is damaged, as it says it."""
        return await self._database.check()

    async def check_workflows(self) -> list[str]:
        """Return what is damaged of the workflow engine's own embedded database; nothing when there is none."""
        if self.database_url is not None or not self.workflows_path.exists():
            return []
        from vigie.memory.sqlite import damage

        return await asyncio.to_thread(damage, self.workflows_path)

    async def close(self) -> None:
        """Finish what is being written, and let go."""
        try:
            await self._chain.close()
        finally:
            await self._database.close()


class TenantMemory:
    """All stores, for one tenant. Kept log lines are in a file of their own: `lines` opens it."""

    def __init__(self, scope: Scope, chain: Chain, own_keys: Keys, home: Path, clock: Clock) -> None:
        self.tenant = scope.tenant
        self.lines_path = home / _LINES
        self.journal = Journal(scope, chain)
        self.cases = Cases(scope)
        self.hosts = Hosts(scope)
        self.baselines = Baselines(scope)
        self.approvals = Approvals(scope)
        self.backups = Backups(scope)
        self.artefacts = Artefacts(home / "artefacts", own_keys.artefacts, scope.tenant)
        self.secrets = Secrets(scope, own_keys.secrets, keys.path_of(home, "secrets"))
        self.leases = Leases(scope, clock)
        self.cursors = Cursors(scope)
        self.people = People(scope, clock)
        self.tokens = Tokens(scope, clock)
        self.lessons = Lessons(scope)
        self.watches = Watches(scope)
        self.exchanges = Exchanges(scope)
        self.usage = Usage(scope)
        self.trends = Trends(scope)
        self.terminals = Terminals(scope)

    def lines(self) -> "LineStore":
        """Open the kept log lines, to be closed; blocks.

        Raises:
            Permanent: the file cannot be used.
            Transient: another process keeps it busy.
        """
        from vigie.memory.lines.store import LineStore

        return LineStore(self.lines_path, self.tenant)


def _refuse_lost_database(home: Path) -> None:
    """Refuse to begin anew where there was a database: its journal would be gone without a word. Keys are made after it."""
    path = home / _DATABASE
    with home_folder.disk_errors(path):
        is_there = path.exists() and (not path.is_file() or path.stat().st_size > 0)
        had_one = keys.path_of(home, "audit").exists()
    if had_one and not is_there:
        raise Permanent("database.gone", path=path, home=home)


async def _refuse_lost_key(home: Path, database: Database) -> None:
    path = keys.path_of(home, "audit")
    if not path.exists() and not await database.read(is_empty):
        raise Permanent("journal.key_missing", path=path)


_TENANT = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


async def _open_database(home: Path, database_url: str | None) -> Database:
    if database_url is None:
        from vigie.memory.sqlite import SqliteDatabase

        return await SqliteDatabase.open(home / _DATABASE)
    from vigie.memory.postgres import PostgresDatabase

    return await PostgresDatabase.open(database_url)
