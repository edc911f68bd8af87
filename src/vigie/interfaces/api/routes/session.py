"""Signing in and out: plain pages, a one-time token first, a password from then on."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from vigie import __version__
from vigie.domain.person import Person
from vigie.i18n import LANGUAGES, Language
from vigie.interfaces import second_factor
from vigie.interfaces.api import schemas, signing_in
from vigie.interfaces.api.doors import COOKIE, SESSION_TTL_S, Caller, Given, Known, caller_of, from_our_page
from vigie.interfaces.api.language import language_of
from vigie.interfaces.api.pages import page
from vigie.interfaces.api.passwords import LENGTH_MAX, LENGTH_MIN, Passwords
from vigie.interfaces.people import OWNER
from vigie.interfaces.services import Services

router = APIRouter(tags=["session"])
_FIELD_MAX = 4096
Field = Annotated[str, Form(max_length=_FIELD_MAX)]


@router.get("/login", response_class=HTMLResponse)
async def show_login(
    request: Request,
    services: Given,
    token: Annotated[str, Query(max_length=200)] = "",
    lang: Annotated[str, Query(max_length=8)] = "",
) -> Response:
    """Show the way in; showing it changes nothing."""
    if not token and await caller_of(request):
        return RedirectResponse("/", status_code=303)
    return await show_way_in(services, _chosen(request, lang), token=token)


@router.post("/login", response_class=HTMLResponse)
async def login(
    request: Request,
    services: Given,
    token: Field = "",
    username: Field = OWNER,
    password: Field = "",
    again: Field = "",
    code: Field = "",
    lang: Field = "",
) -> Response:
    """Sign in with a one-time token or a password; whoever has no password yet chooses it."""
    from_our_page(request)
    language = _chosen(request, lang)
    if (wait_s := signing_in.must_wait_s(request, username)) > 0:
        return await show_way_in(services, language, token=token, wrong="too_many", status=429, wait_s=round(wait_s))
    if token:
        person = await _invited(request, services, token, password, again, language)
    else:
        person = await signing_in.person_with(request, services, username, password, code)
    if isinstance(person, str):
        if not person.startswith("new_"):
            signing_in.failed(request, None if token else username)
        status = 400 if person.startswith("new_") else 401
        return await show_way_in(services, language, token=token, wrong=person, status=status, username=username)
    signing_in.worked(request, person.name)
    if lang:
        await services.store.people.save(replace(person, language=language))
    answer = RedirectResponse("/", status_code=303)
    await signing_in.sign_in(request, services, person, answer, SESSION_TTL_S)
    return answer


@router.post("/logout")
@router.post("/api/v1/logout", status_code=204)
async def logout(request: Request, services: Given, caller: Known) -> Response:
    """Sign out."""
    if caller.session:
        await services.store.people.end_session(caller.session)
    answer: Response = (
        Response(status_code=204) if request.url.path.startswith("/api/") else RedirectResponse("/login", status_code=303)
    )
    answer.delete_cookie(COOKIE, path="/")
    return answer


@router.get("/api/v1/session")
async def session(caller: Known) -> schemas.SessionDocument:
    """Say who is signed in."""
    return _told(caller, caller.language)


@router.post("/api/v1/session")
async def prefer(services: Given, caller: Known, body: schemas.Preference) -> schemas.SessionDocument:
    """Change the language of the session's person."""
    person = await services.store.people.get(caller.person)
    if person:
        await services.store.people.save(replace(person, language=body.language))
    return _told(caller, body.language)


async def _invited(
    request: Request, services: Services, token: str, password: str, again: str, language: Language
) -> Person | str:
    """Return whom a token lets in, or what is wrong; it is used up only when all the rest is right."""
    people = services.store.people
    meant = await people.login_token(token)
    if meant is None:
        return "wrong_token"
    name = meant.name or OWNER
    person = await people.get(name)
    if person is None and meant.name is not None:
        return "wrong_token"
    if person is not None and person.is_blocked:
        return "wrong_token"
    if person is None or not person.password_hash:
        if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
            return "new_short"
        if password != again:
            return "new_differs"
        passwords: Passwords = request.app.state.passwords
        person = replace(person or Person(name, "", language), password_hash=await passwords.hashed(password))
        if not await people.use_login_token(token):
            return "wrong_token"
        await people.save(person)
        return person
    return person if await people.use_login_token(token) else "wrong_token"


async def show_way_in(
    services: Services,
    language: Language,
    *,
    token: str = "",
    wrong: str = "",
    status: int = 200,
    wait_s: int = 0,
    username: str = OWNER,
) -> HTMLResponse:
    """Return the page of the way in; `wrong` says why nobody was let in."""
    people = await services.store.people.list()
    meant = await services.store.people.login_token(token) if token else None
    invited = next((each for each in people if meant and each.name == (meant.name or OWNER)), None)
    has_password = invited is not None and bool(invited.password_hash)
    chooses = wrong != "too_many" and bool(token) and (not people or (meant is not None and not has_password))
    provider = services.settings.provider
    return page(
        "first_run" if chooses else "login",
        language,
        status,
        token=token,
        wrong=wrong,
        wait_s=wait_s,
        username=invited.name if invited else username,
        is_first=not people and wrong != "too_many",
        asks_name=sum(each.subject is None for each in people) > 1,
        asks_code=any([await second_factor.is_on(services, each.name) for each in people]),
        length_min=LENGTH_MIN,
        provider=provider.name if provider else None,
        others=[each for each in LANGUAGES if each != language],
    )


def _chosen(request: Request, lang: str) -> Language:
    return next((each for each in LANGUAGES if each == lang), language_of(request))


def _told(caller: Caller, language: Language) -> schemas.SessionDocument:
    return schemas.SessionDocument(
        person=caller.person, role=caller.role, language=language, csrf=caller.csrf, version=__version__
    )
