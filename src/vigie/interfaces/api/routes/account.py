"""One's own account: password, second factor, tokens for programs."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from vigie.domain.errors import BadUsage
from vigie.domain.person import Person
from vigie.interfaces import people, second_factor
from vigie.interfaces.api import schemas, signing_in
from vigie.interfaces.api.doors import Caller, Given, Known
from vigie.interfaces.api.passwords import Passwords
from vigie.interfaces.api.problems import Turned
from vigie.interfaces.services import Services

router = APIRouter(prefix="/api/v1/me", tags=["account"])
SessionId = Annotated[str, Path(pattern=r"^[0-9a-f]{12}$")]
TokenId = Annotated[str, Path(pattern=r"^[0-9a-f]{8}$")]


@router.get("")
async def show(services: Given, caller: Known) -> dict[str, Any]:
    """Show one's account and tokens."""
    person = await people.known(services, caller.person)
    tokens = [people.token_document(each) for each in await services.store.tokens.list(person.name)]
    return {"person": await people.document(services, person), "tokens": tokens}


@router.post("/password", status_code=204)
async def change_password(request: Request, services: Given, caller: Known, body: schemas.NewPassword) -> Response:
    """Change one's password; every other sign-in ends."""
    person = await _at_the_keyboard(services, caller)
    passwords: Passwords = request.app.state.passwords
    if signing_in.must_wait_s(request, person.name) > 0:
        raise Turned(429, "api.http_429")
    if not await passwords.is_right(person.password_hash, body.old):
        signing_in.failed(request, person.name)
        raise BadUsage("person.wrong_password")
    await services.store.people.save(replace(person, password_hash=await passwords.hashed(body.new)))
    await services.store.people.end_sessions(person.name, but=caller.session)
    await services.store.tokens.end(person=person.name)
    await services.store.journal.append("person.password_changed", actor=caller.actor, body={"name": person.name})
    return Response(status_code=204)


@router.post("/second-factor", status_code=201)
async def begin_second_factor(services: Given, caller: Known) -> dict[str, str]:
    """Return a key for an authenticator; codes are asked for once one has confirmed it."""
    person = await _at_the_keyboard(services, caller)
    if await second_factor.is_on(services, person.name):
        raise BadUsage("person.second_factor_on")
    key, uri = await second_factor.begin(services, person.name)
    return {"key": key, "uri": uri}


@router.post("/second-factor/confirm", status_code=204)
async def confirm_second_factor(services: Given, caller: Known, body: schemas.CodeGiven) -> Response:
    """Ask for codes from now on."""
    person = await _at_the_keyboard(services, caller)
    await second_factor.confirm(services, person.name, body.code)
    await services.store.journal.append("person.second_factor_on", actor=caller.actor, body={"name": person.name})
    return Response(status_code=204)


@router.post("/second-factor/remove", status_code=204)
async def remove_second_factor(request: Request, services: Given, caller: Known, body: schemas.CodeGiven) -> Response:
    """Ask for no code any more, for whoever still has one."""
    person = await _at_the_keyboard(services, caller)
    if signing_in.must_wait_s(request, person.name) > 0:
        raise Turned(429, "api.http_429")
    if not await second_factor.accepts(services, person.name, body.code):
        signing_in.failed(request, person.name)
        raise BadUsage("person.wrong_code")
    await second_factor.forget(services, person.name)
    await services.store.journal.append("person.second_factor_off", actor=caller.actor, body={"name": person.name})
    return Response(status_code=204)


@router.get("/sessions")
async def list_sessions(services: Given, caller: Known) -> dict[str, Any]:
    """List the browsers in which one is signed in."""
    found = await services.store.people.sessions(caller.person, caller.session)
    return {
        "sessions": [
            {
                "id": each.id,
                "device": each.device,
                "began_at": each.began_at.isoformat() if each.began_at else None,
                "expires_at": each.expires_at.isoformat(),
                "this": each.is_this,
            }
            for each in found
        ]
    }


@router.delete("/sessions/{session_id}", status_code=204)
async def end_session(services: Given, caller: Known, session_id: SessionId) -> Response:
    """Sign oneself out in a browser."""
    if not await services.store.people.end_one(caller.person, session_id):
        raise Turned(404, "api.http_404")
    return Response(status_code=204)


@router.post("/tokens", status_code=201)
async def make_token(services: Given, caller: Known, body: schemas.NewToken) -> dict[str, Any]:
    """Make a token for a program; its text is shown this once."""
    person = await _at_the_keyboard(services, caller)
    made, text = await people.make_token(services, person, body.purpose, body.role, body.days, actor=caller.actor)
    return {"token": people.token_document(made), "text": text}


@router.delete("/tokens/{token_id}", status_code=204)
async def remove_token(services: Given, caller: Known, token_id: TokenId) -> Response:
    """Take a token back."""
    await people.remove_token(services, caller.person, token_id, actor=caller.actor)
    return Response(status_code=204)


async def _at_the_keyboard(services: Services, caller: Caller) -> Person:
    """Let only a person change their account: a token, stolen perhaps, makes no other way in.

    Raises:
        Turned: a program asks.
    """
    if caller.session is None and caller.family is None:
        raise Turned(403, "api.no_person")
    return await people.known(services, caller.person)
