"""The standing watches."""

from vigie.domain.watch import Watch
from vigie.memory.documents import from_text, to_text
from vigie.memory.schema import watches
from vigie.memory.scope import Scope


class Watches:
    """Each watch by its id."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def save(self, watch: Watch) -> None:
        """Start a watch, or replace it."""
        await self._scope.write(lambda rows: rows.put(watches, id=watch.id, host=watch.host, doc=to_text(watch)))

    async def list(self) -> "list[Watch]":
        """Return all watches."""
        rows = await self._scope.read(lambda rows: rows.all(watches, order=[watches.c.id]))
        return [from_text(Watch, row["doc"]) for row in rows]

    async def remove(self, watch_id: str) -> None:
        """End a watch, if there is one."""
        await self._scope.write(lambda rows: rows.remove(watches, watches.c.id == watch_id))
