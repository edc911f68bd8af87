"""What was done and saved: the audit chain, the backups."""

from typing import Any

from fastapi import APIRouter

from vigie.interfaces.api.doors import AdminOfAll, Given, Known
from vigie.interfaces.backups import backup_document

router = APIRouter(prefix="/api/v1", tags=["trail"])


@router.get("/audit")
async def audit(services: Given, _caller: AdminOfAll) -> dict[str, Any]:
    """Check the chain of everything that was done."""
    report = await services.memory.verify_journal()
    return {"entries": report.entries, "valid": report.valid, "first_bad": report.first_bad}


@router.get("/backups")
async def backups(services: Given, caller: Known) -> dict[str, list[dict[str, Any]]]:
    """List what was saved before each intervention."""
    visible = await caller.visible(services)
    taken = [each for each in await services.store.backups.list() if visible is None or each.host in visible]
    return {"backups": [backup_document(each) for each in taken]}
