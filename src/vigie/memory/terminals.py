"""The sittings at terminals; what was shown in them are artefacts."""

from vigie.domain.errors import Permanent
from vigie.domain.terminal import TerminalSession
from vigie.memory.documents import from_text, to_text
from vigie.memory.schema import terminals
from vigie.memory.scope import Scope


class Terminals:
    """Each sitting by its id."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def save(self, session: TerminalSession) -> None:
        """Keep a sitting as it is now."""
        row = {"id": session.id, "host": session.host, "started_at": session.started_at, "doc": to_text(session)}
        await self._scope.write(lambda rows: rows.put(terminals, **row))

    async def get(self, session_id: str) -> TerminalSession:
        """Return a sitting.

        Raises:
            Permanent: there is none of that id.
        """
        row = await self._scope.read(lambda rows: rows.first(terminals, terminals.c.id == session_id))
        if row is None:
            raise Permanent("terminal.unknown", terminal=session_id)
        return from_text(TerminalSession, row["doc"])

    async def list(self, limit: int = 200) -> "list[TerminalSession]":
        """Return the sittings, newest first."""
        order = [terminals.c.started_at.desc(), terminals.c.id]
        rows = await self._scope.read(lambda rows: rows.all(terminals, order=order, limit=limit))
        return [from_text(TerminalSession, row["doc"]) for row in rows]
