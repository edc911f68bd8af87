"""An index is gone: one page reads the whole table again and again."""

import sqlite3
from contextlib import closing

from vigie.lab import orders
from vigie.lab.scenarios.scenario import Scenario, Stack


class SlowDatabase(Scenario):
    """The index that the orders' page needs is dropped."""

    name = "slow_database"
    label = "db.index.missing"
    title = {"en": "Slow database", "fr": "Base de données lente"}  # noqa: RUF012  # a ClassVar of the contract
    ticket = {  # noqa: RUF012
        "en": "The database has been slow since this morning",
        "fr": "Base de données lente depuis ce matin",
    }

    async def inject(self, stack: Stack) -> None:
        """Drop the index, as a hand on the database would."""
        with closing(sqlite3.connect(stack.layout.database, isolation_level=None, timeout=10)) as db:
            db.execute(f"DROP INDEX {orders.INDEX}")

    async def cause(self, stack: Stack) -> str | None:
        """Look for an index that begins with the customer."""
        with closing(sqlite3.connect(f"file:{stack.layout.database}?mode=ro", uri=True, timeout=10)) as db:
            for index in db.execute("PRAGMA index_list(orders)").fetchall():
                columns = [row[2] for row in db.execute(f"PRAGMA index_info({index[1]})")]
                if columns[:1] == ["customer_id"] and not index[4]:
                    return None
        return "orders has no index on customer_id"
