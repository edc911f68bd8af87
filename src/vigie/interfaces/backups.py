"""Backups as the command line and the API give them."""

from typing import Any

from vigie.domain.action import Backup


def backup_document(backup: Backup) -> dict[str, Any]:
    """Return a backup as it is told; what it holds is named, never shown."""
    return {
        "id": backup.id,
        "case": backup.case,
        "host": backup.host,
        "taken_at": backup.taken_at.isoformat(),
        "items": [what for what, _ in backup.items],
    }
