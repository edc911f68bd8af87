"""People: who may sign in, and what each may do."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from vigie.domain.person import Person
from vigie.interfaces import people
from vigie.interfaces.api import schemas
from vigie.interfaces.api.doors import AdminOfAll, Given
from vigie.interfaces.services import Services

router = APIRouter(prefix="/api/v1/people", tags=["people"])
Name = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]


@router.get("")
async def list_people(services: Given, _caller: AdminOfAll) -> dict[str, list[dict[str, Any]]]:
    """List everybody who may sign in."""
    return {"people": [await people.document(services, each) for each in await services.store.people.list()]}


@router.post("", status_code=201)
async def invite(services: Given, caller: AdminOfAll, body: schemas.NewPerson) -> dict[str, Any]:
    """Invite somebody; `invitation` is the address, good once, where they choose their password."""
    person, token = await people.invite(
        services,
        body.name,
        body.role,
        body.hosts,
        language=body.language or caller.language,
        by=caller.role,
        actor=caller.actor,
    )
    return await _told(services, person) | {"invitation": _address(token)}


@router.post("/{name}")
async def change(services: Given, caller: AdminOfAll, name: Name, body: schemas.PersonChange) -> dict[str, Any]:
    """Change what somebody may do; it holds from their next request on."""
    changed = await people.change(
        services, name, role=body.role, hosts=body.hosts, is_blocked=body.blocked, by=caller.role, actor=caller.actor
    )
    return await _told(services, changed)


@router.post("/{name}/invite", status_code=201)
async def invite_again(services: Given, caller: AdminOfAll, name: Name) -> dict[str, Any]:
    """Take somebody's password away and return the address, good once, where they choose a new one."""
    token = await people.invite_again(services, name, by=caller.role, actor=caller.actor)
    return await _told(services, await people.known(services, name)) | {"invitation": _address(token)}


@router.delete("/{name}", status_code=204)
async def remove(services: Given, caller: AdminOfAll, name: Name) -> Response:
    """Forget somebody; what they did stays in the journal."""
    await people.remove(services, name, by=caller.role, actor=caller.actor)
    return Response(status_code=204)


def _address(token: str) -> str:
    return f"/login?token={token}"


async def _told(services: Services, person: Person) -> dict[str, Any]:
    return {"person": await people.document(services, person)}
