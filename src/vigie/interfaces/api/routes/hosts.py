"""Hosts: the inventory, their baselines, what has changed on them."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from vigie.domain.host import Host
from vigie.interfaces import hosts, observing
from vigie.interfaces.api import schemas
from vigie.interfaces.api.doors import Admin, AdminOfAll, Given, Known, Operator, host_for
from vigie.interfaces.api.problems import Turned
from vigie.interfaces.baseline_document import baseline_document, change_document
from vigie.interfaces.services import Services

router = APIRouter(prefix="/api/v1", tags=["hosts"])
HostName = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]


@router.get("/hosts")
async def list_hosts(services: Given, caller: Known) -> dict[str, list[schemas.HostDocument]]:
    """List the hosts."""
    return {"hosts": [await _told(services, host) for host in await services.store.hosts.list() if caller.sees(host)]}


@router.post("/hosts", status_code=201)
async def add_host(services: Given, caller: AdminOfAll, body: schemas.NewHost) -> dict[str, schemas.HostDocument]:
    """Add a host after it has answered."""
    host = await hosts.add(
        services,
        body.name,
        body.address,
        options=body.options(),
        actor=caller.actor,
        autonomy=body.autonomy,
        focus=body.focus,
        groups=body.groups,
        tags=body.tags,
        offline=body.offline,
        secrets=body.secrets(),
    )
    return {"host": await _told(services, host)}


@router.get("/hosts/{name}")
async def show_host(services: Given, caller: Known, name: HostName) -> dict[str, schemas.HostDocument]:
    """Show a host."""
    return {"host": await _told(services, await host_for(services, caller, name))}


@router.delete("/hosts/{name}", status_code=204)
async def remove_host(services: Given, caller: Admin, name: HostName, gone: bool = False) -> Response:
    """Remove a host; its cases stay. `gone`: though it checks tickets, for it is there no more."""
    await hosts.remove(services, (await host_for(services, caller, name)).name, actor=caller.actor, is_gone=gone)
    return Response(status_code=204)


@router.post("/hosts/{name}/test")
async def test_host(services: Given, caller: Operator, name: HostName) -> dict[str, schemas.HostDocument]:
    """Ask a host who it is."""
    host, error = await hosts.test(services, (await host_for(services, caller, name)).name, actor=caller.actor)
    if error:
        raise error
    return {"host": await _told(services, host)}


@router.post("/hosts/{name}/host-key")
async def accept_key(
    services: Given, caller: Admin, name: HostName, body: schemas.AcceptedKey
) -> dict[str, schemas.HostDocument]:
    """Trust the key that a host shows now, which must be the one that is named; then ask it who it is."""
    host = await host_for(services, caller, name)
    await hosts.accept_key(services, host.name, body.fingerprint, actor=caller.actor)
    return await test_host(services, caller, host.name)


@router.post("/hosts/{name}/autonomy")
async def set_autonomy(
    services: Given, caller: Admin, name: HostName, body: schemas.SetAutonomy
) -> dict[str, schemas.HostDocument]:
    """Change how far Vigie may go on a host alone."""
    host = await hosts.set_autonomy(services, (await host_for(services, caller, name)).name, body.autonomy, actor=caller.actor)
    return {"host": await _told(services, host)}


@router.post("/hosts/{name}/enforce")
async def set_enforced(services: Given, caller: Admin, name: HostName, body: schemas.Enforce) -> dict[str, schemas.HostDocument]:
    """Have a host itself let only signed lines through, or no longer."""
    host = await host_for(services, caller, name)
    if body.enforced:
        host = await observing.enforce(services, host.name, actor=caller.actor, file=body.file)
    else:
        host = await observing.release(services, host.name, actor=caller.actor)
    return {"host": await _told(services, host)}


@router.post("/hosts/{name}/labels")
async def set_labels(
    services: Given, caller: AdminOfAll, name: HostName, body: schemas.Labels
) -> dict[str, schemas.HostDocument]:
    """Set the groups and tags of a host."""
    host = await hosts.label(services, name, groups=body.groups, tags=body.tags, actor=caller.actor)
    return {"host": await _told(services, host)}


@router.post("/hosts/{name}/baseline", status_code=201)
async def take_baseline(services: Given, caller: Operator, name: HostName) -> dict[str, Any]:
    """Record a host as it is now."""
    return {"baseline": baseline_document(await services.desk.take_baseline((await host_for(services, caller, name)).name))}


@router.get("/hosts/{name}/baseline")
async def show_baseline(services: Given, caller: Known, name: HostName) -> dict[str, Any]:
    """Say what is recorded of a host."""
    host = await host_for(services, caller, name)
    latest = await services.store.baselines.latest(host.name)
    if latest is None:
        raise Turned(404, "cli.no_baseline", host=host.name)
    return {"baseline": baseline_document(latest)}


@router.get("/hosts/{name}/changes")
async def changes(services: Given, caller: Known, name: HostName) -> dict[str, list[schemas.ChangeDocument]]:
    """Show what has changed on a host since it was recorded."""
    host = await host_for(services, caller, name)
    if await services.store.baselines.latest(host.name) is None:
        raise Turned(404, "cli.no_baseline", host=host.name)
    return {"changes": [schemas.ChangeDocument(**change_document(each)) for each in await services.desk.diff(host.name)]}


async def _told(services: Services, host: Host) -> schemas.HostDocument:
    latest = await services.store.baselines.latest(host.name)
    taken_at = latest.taken_at.isoformat() if latest else None
    return schemas.HostDocument(**hosts.document(host), baseline_at=taken_at)
