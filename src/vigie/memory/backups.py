"""What was saved before each intervention; the bytes are artefacts."""

from vigie.domain.action import Backup
from vigie.domain.errors import Permanent
from vigie.memory.documents import from_text, to_text
from vigie.memory.schema import backups
from vigie.memory.scope import Scope


class Backups:
    """Each backup by its id."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def save(self, backup: Backup) -> None:
        """Remember what a backup holds."""
        values = {"id": backup.id, "case_id": backup.case, "taken_at": backup.taken_at, "doc": to_text(backup)}
        await self._scope.write(lambda rows: rows.put(backups, **values))

    async def get(self, backup_id: str) -> Backup:
        """Return a backup.

        Raises:
            Permanent: there is none of that id.
        """
        row = await self._scope.read(lambda rows: rows.first(backups, backups.c.id == backup_id))
        if row is None:
            raise Permanent("backup.unknown", backup=backup_id)
        return from_text(Backup, row["doc"])

    async def list(self, case: str | None = None) -> "list[Backup]":
        """Return the backups of a case, or all, newest first."""
        where = () if case is None else (backups.c.case_id == case,)
        rows = await self._scope.read(lambda rows: rows.all(backups, *where, order=[backups.c.taken_at.desc()]))
        return [from_text(Backup, row["doc"]) for row in rows]
