"""The one place where rows are kept apart by tenant: the stores read and write through it only."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, UnaryExpression, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from vigie.memory.database import Database

T = TypeVar("T")
Condition = ColumnElement[bool]


class Rows:
    """One tenant's rows within one transaction."""

    def __init__(self, connection: Connection, tenant: str) -> None:
        self._connection = connection
        self._tenant = tenant

    def all(
        self,
        table: Table,
        *where: Condition,
        order: Sequence[ColumnElement[Any] | UnaryExpression[Any]] = (),
        limit: int | None = None,
    ) -> Sequence[RowMapping]:
        """Return the rows of which every condition is true."""
        query = select(table).where(table.c.tenant == self._tenant, *where).order_by(*order).limit(limit)
        return self._connection.execute(query).mappings().all()

    def first(self, table: Table, *where: Condition, order: Sequence[ColumnElement[Any]] = ()) -> RowMapping | None:
        """Return the first row of which every condition is true."""
        return next(iter(self.all(table, *where, order=order, limit=1)), None)

    def locked(self, table: Table, *where: Condition) -> RowMapping | None:
        """Return a row and keep others from changing it until this transaction ends."""
        query = select(table).where(table.c.tenant == self._tenant, *where).with_for_update()
        return self._connection.execute(query).mappings().first()

    def add(self, table: Table, **values: object) -> bool:
        """Insert a row; False, and nothing done, when there is one with its key."""
        statement = upsert(self._connection, table).values(tenant=self._tenant, **values).on_conflict_do_nothing()
        return self._connection.execute(statement).rowcount == 1

    def put(self, table: Table, **values: object) -> None:
        """Insert a row, or replace the one with its key."""
        statement = upsert(self._connection, table).values(tenant=self._tenant, **values)
        keys = [column.name for column in table.primary_key]
        rest = {name: statement.excluded[name] for name in values if name not in keys}
        self._connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest))

    def append(self, table: Table, **values: object) -> None:
        """Insert a row that must be new."""
        self._connection.execute(insert(table).values(tenant=self._tenant, **values))

    def change(self, table: Table, *where: Condition, **values: object) -> int:
        """Set columns of the rows of which every condition is true, and return how many there were."""
        return self._connection.execute(update(table).where(table.c.tenant == self._tenant, *where).values(**values)).rowcount

    def remove(self, table: Table, *where: Condition) -> int:
        """Delete the rows of which every condition is true, and return how many there were."""
        return self._connection.execute(delete(table).where(table.c.tenant == self._tenant, *where)).rowcount


def upsert(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """Return an insert that knows what to do when the row is there, in this database's words."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


class Scope:
    """One tenant's part of the database."""

    def __init__(self, database: Database, tenant: str) -> None:
        self.tenant = tenant
        self._database = database

    async def read(self, work: Callable[[Rows], T]) -> T:
        """Run `work` on one consistent view."""
        return await self._database.read(lambda connection: work(Rows(connection, self.tenant)))

    async def write(self, work: Callable[[Rows], T]) -> T:
        """Run `work` as one durable change."""
        return await self._database.write(lambda connection: work(Rows(connection, self.tenant)))
