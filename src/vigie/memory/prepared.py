"""A statement that is compiled once, for what is run a thousand times a second."""

from sqlalchemy import Connection, CursorResult
from sqlalchemy.sql.expression import Executable


class Prepared:
    """Give values as they are stored: the columns' own types are not asked."""

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, dict[str, object], list[str]]] = {}

    def run(self, connection: Connection, **values: object) -> CursorResult[tuple[object, ...]]:
        """Run the statement with these values for its parameters."""
        sql, fixed, order = self._for(connection)
        given = {**fixed, **values}
        return connection.exec_driver_sql(sql, tuple(given[name] for name in order))

    def _for(self, connection: Connection) -> tuple[str, dict[str, object], list[str]]:
        name = connection.dialect.name
        if name not in self._compiled:
            compiled = self._statement.compile(dialect=connection.dialect)  # type: ignore[attr-defined]  # every statement can
            self._compiled[name] = (str(compiled), compiled.params, compiled.positiontup)
        return self._compiled[name]
