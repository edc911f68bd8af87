"""How far each source of signals has been read, so that a restart neither skips nor repeats."""

import json
from typing import cast

from vigie.domain.fact import Value
from vigie.memory.schema import cursors
from vigie.memory.scope import Scope


class Cursors:
    """What a collector wants to remember, by source."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def get(self, source: str) -> dict[str, Value] | None:
        """Return what was set last, None for a source never read."""
        row = await self._scope.read(lambda rows: rows.first(cursors, cursors.c.source == source))
        return cast("dict[str, Value]", json.loads(row["doc"])) if row else None

    async def set(self, source: str, position: dict[str, Value]) -> None:
        """Remember a position."""
        await self._scope.write(lambda rows: rows.put(cursors, source=source, doc=json.dumps(position)))
