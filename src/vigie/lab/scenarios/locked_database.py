"""A forgotten transaction holds the database's write lock: pages are quick, orders fail. It looks like a slow database."""

import asyncio
import sqlite3
from contextlib import closing

from vigie.lab.scenarios.scenario import Permitted, Scenario, Stack


class LockedDatabase(Scenario):
    """Somebody began to count the stock and left the program waiting."""

    name = "locked_database"
    label = "db.lock.held"
    title = {"en": "Locked database", "fr": "Base de données verrouillée"}  # noqa: RUF012  # a ClassVar of the contract
    ticket = {  # noqa: RUF012
        "en": "The database is very slow, customers cannot order any more",
        "fr": "La base de données est très lente, les clients ne peuvent plus commander",
    }
    permitted = Permitted(restarts=0)

    async def inject(self, stack: Stack) -> None:
        """Begin to count the stock."""
        host = stack.layout
        await stack.stray([str(host.python), str(host.host / "bin" / "stock_count.py"), str(host.database)])
        for _ in range(100):
            if not await asyncio.to_thread(_can_write, stack, 0.0):
                return
            await asyncio.sleep(0.05)

    async def cause(self, stack: Stack) -> str | None:
        """Look for the forgotten process, and try to take the lock."""
        strays = stack.strays()
        if strays:
            return f"process {strays[0].pid} still waits in its transaction"
        return None if await asyncio.to_thread(_can_write, stack, 3.0) else "the write lock is held"


def _can_write(stack: Stack, patience_s: float) -> bool:
    with closing(sqlite3.connect(stack.layout.database, timeout=patience_s, isolation_level=None)) as db:
        try:
            db.execute("BEGIN IMMEDIATE")
            db.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return False
        return True
