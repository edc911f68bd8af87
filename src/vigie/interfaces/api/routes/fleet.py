"""One line on many hosts."""

from typing import Any

from fastapi import APIRouter

from vigie.interfaces import fleet
from vigie.interfaces.api import schemas
from vigie.interfaces.api.doors import Given, Operator

router = APIRouter(prefix="/api/v1", tags=["fleet"])


@router.post("/fleet/run")
async def run_line(services: Given, caller: Operator, body: schemas.FleetOrder) -> dict[str, Any]:
    """Run a line on hosts, groups and tags; a change waits until it is sent again with the hash that was shown."""
    ended = await fleet.run(
        services,
        body.on,
        body.line,
        actor=caller.actor,
        sees=caller.sees,
        approved=body.hash,
        timeout_s=body.timeout_s,
        canary=body.canary,
        width=body.width,
        stop_after=body.stop_after,
    )
    return fleet.document(ended, caller.language)
