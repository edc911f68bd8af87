"""Signing in without a browser: a short-lived access token, and a refresh token that is good once."""

from fastapi import APIRouter, Request, Response

from vigie.interfaces.api import access, schemas, signing_in
from vigie.interfaces.api.doors import Given, Known
from vigie.interfaces.api.problems import Turned
from vigie.interfaces.services import Services
from vigie.memory.tokens import Refreshed

router = APIRouter(prefix="/api/v1/access", tags=["access"])


@router.post("", status_code=201)
async def begin(request: Request, services: Given, body: schemas.SignIn) -> schemas.SignedIn:
    """Sign in with a password, and a code where one is asked for."""
    if signing_in.must_wait_s(request, body.name) > 0:
        raise Turned(429, "api.http_429")
    person = await signing_in.person_with(request, services, body.name, body.password, body.code or "")
    if isinstance(person, str):
        signing_in.failed(request, body.name)
        raise Turned(401, f"person.{person}")
    signing_in.worked(request, person.name)
    await services.store.journal.append("person.signed_in", actor=f"person:{person.name}", body={"name": person.name})
    return await _told(services, await services.store.tokens.begin(person.name, access.REFRESH_TTL_S))


@router.post("/refresh")
async def refresh(services: Given, body: schemas.Refresh) -> schemas.SignedIn:
    """Change a refresh token for the next pair; one that is used twice ends the whole sign-in."""
    refreshed = await services.store.tokens.refresh(body.refresh, access.REFRESH_TTL_S)
    person = await services.store.people.get(refreshed.person) if refreshed else None
    if refreshed is None or person is None or person.is_blocked:
        raise Turned(401, "api.http_401")
    return await _told(services, refreshed)


@router.post("/end", status_code=204)
async def end(services: Given, caller: Known) -> Response:
    """End the sign-in that the access token came of."""
    if caller.family is not None:
        await services.store.tokens.end(family=caller.family)
    return Response(status_code=204)


async def _told(services: Services, refreshed: Refreshed) -> schemas.SignedIn:
    signed = await access.sign(services, refreshed.person, refreshed.family)
    return schemas.SignedIn(access=signed, expires_in=round(access.TTL_S), refresh=refreshed.token)
