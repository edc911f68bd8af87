"""Observation: what a host measures again and again, and where that is heading."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from vigie.interfaces import hosts, observing
from vigie.interfaces.api import schemas
from vigie.interfaces.api.doors import Admin, Given, Known, host_for

router = APIRouter(prefix="/api/v1", tags=["observation"])
HostName = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]


@router.get("/hosts/{name}/trends")
async def trends(
    services: Given, caller: Known, name: HostName, hours: Annotated[float, Query(gt=0, le=1500)] = 24.0
) -> dict[str, Any]:
    """Show what was measured on a host, at most 300 points a series, and where it is heading."""
    return await observing.trends(services, (await host_for(services, caller, name)).name, hours)


@router.post("/hosts/{name}/observe")
async def observe(services: Given, caller: Admin, name: HostName, body: schemas.Observe) -> dict[str, Any]:
    """Observe a host from now on, or no longer; its autonomy becomes `observe`, so that nothing changes anything there."""
    host = await host_for(services, caller, name)
    if body.every_s is None:
        host = await observing.stop(services, host.name, actor=caller.actor)
    else:
        host = await observing.start(services, host.name, body.every_s, actor=caller.actor)
    return {"host": hosts.document(host)}
