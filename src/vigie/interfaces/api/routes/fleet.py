"""Many hosts at once: one line on all of them, and those that an OpenSSH configuration names."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from vigie.interfaces import fleet, ssh_import
from vigie.interfaces.api import schemas
from vigie.interfaces.api.doors import AdminOfAll, Given, Operator
from vigie.interfaces.api.orders import MEDIA_TYPE, Orders

router = APIRouter(prefix="/api/v1", tags=["fleet"])


@router.post("/fleet/run", response_model=None)
async def run_line(
    request: Request, services: Given, caller: Operator, body: schemas.FleetOrder
) -> dict[str, Any] | StreamingResponse:
    """Run a line on hosts, groups and tags; a change waits until it is sent again with the hash that was shown.

    Asked for as `text/event-stream`, it tells how far it has come (`progress`), and in the end the same document (`ended`).
    """
    run = partial(
        fleet.run,
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
        dry=body.dry_run,
    )
    if MEDIA_TYPE not in request.headers.get("accept", ""):
        return fleet.document(await run(), caller.language)
    orders: Orders = request.app.state.orders
    said = await orders.begin(lambda note: run(progress=note), caller.language)
    return StreamingResponse(said, media_type=MEDIA_TYPE, headers={"X-Accel-Buffering": "no"})


@router.get("/fleet/ssh-config")
async def preview_import(services: Given, _caller: AdminOfAll) -> dict[str, Any]:
    """Show the hosts that the OpenSSH configuration of the account that runs Vigie names; nothing is added."""
    found = await ssh_import.preview(services, None)
    return {"file": str(ssh_import.DEFAULT), "hosts": [candidate.document() for candidate in found]}


@router.post("/fleet/ssh-config", status_code=201)
async def import_hosts(services: Given, caller: AdminOfAll, body: schemas.SshImport) -> dict[str, Any]:
    """Add the new ones among those that are named, unseen."""
    chosen = [each for each in await ssh_import.preview(services, None) if each.host.name in body.names]
    return {"added": [host.name for host in await ssh_import.add(services, chosen, actor=caller.actor)]}
