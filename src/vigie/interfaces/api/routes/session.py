"""Signing in and out: plain pages, a one-time token first, a password from then on."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from vigie import __version__
from vigie.domain.person import Person
from vigie.i18n import LANGUAGES, Language
from vigie.interfaces.api import schemas
from vigie.interfaces.api.doors import COOKIE, OWNER, SESSION_TTL_S, Given, Known, caller_of, from_our_page
from vigie.interfaces.api.language import language_of
from vigie.interfaces.api.limits import Tries
from vigie.interfaces.api.pages import page
from vigie.interfaces.api.passwords import LENGTH_MAX, LENGTH_MIN, Passwords
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
    language = _chosen(request, lang)
    return _page(request, await services.store.people.get(OWNER), token, language)


@router.post("/login", response_class=HTMLResponse)
async def login(
    request: Request,
    services: Given,
    token: Field = "",
    password: Field = "",
    again: Field = "",
    lang: Field = "",
) -> Response:
    """Sign in with the one-time token or the password; on the first run, choose the password."""
    from_our_page(request)
    language = _chosen(request, lang)
    tries: Tries = request.app.state.tries
    address = request.client.host if request.client else ""
    if (wait_s := tries.must_wait_s(address)) > 0:
        return _page(request, None, token, language, wrong="too_many", status=429, wait_s=round(wait_s))
    owner = await services.store.people.get(OWNER)
    wrong = await _wrong(request, services, owner, token, password, again)
    if wrong:
        if wrong in ("wrong_token", "wrong_password"):
            tries.failed(address)
        return _page(request, owner, token, language, wrong=wrong, status=400 if wrong.startswith("new_") else 401)
    tries.worked(address)
    passwords: Passwords = request.app.state.passwords
    if owner is None:
        owner = Person(OWNER, await passwords.hashed(password), language)
    await services.store.people.save(replace(owner, language=language) if lang else owner)
    return await _signed_in(services)


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
    return schemas.SessionDocument(person=caller.person, language=caller.language, csrf=caller.csrf, version=__version__)


@router.post("/api/v1/session")
async def prefer(services: Given, caller: Known, body: schemas.Preference) -> schemas.SessionDocument:
    """Change the language of the session's person."""
    person = await services.store.people.get(caller.person)
    if person:
        await services.store.people.save(replace(person, language=body.language))
    return schemas.SessionDocument(person=caller.person, language=body.language, csrf=caller.csrf, version=__version__)


async def _wrong(request: Request, services: Services, owner: Person | None, token: str, password: str, again: str) -> str | None:
    """Return what is wrong with what was typed; a token is used up only when all the rest is right."""
    if owner is None:
        if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
            return "new_short"
        if password != again:
            return "new_differs"
    elif not token:
        passwords: Passwords = request.app.state.passwords
        return None if await passwords.is_right(owner.password_hash, password) else "wrong_password"
    return None if await services.store.people.use_login_token(token) else "wrong_token"


async def _signed_in(services: Services) -> Response:
    session = await services.store.people.new_session(OWNER, SESSION_TTL_S)
    answer = RedirectResponse("/", status_code=303)
    answer.set_cookie(COOKIE, session, max_age=int(SESSION_TTL_S), path="/", httponly=True, samesite="strict")
    return answer


def _page(
    request: Request, owner: Person | None, token: str, language: Language, *, wrong: str = "", status: int = 200, wait_s: int = 0
) -> HTMLResponse:
    is_first = owner is None and wrong != "too_many"
    name = "first_run" if is_first and token else "login"
    return page(
        name,
        language,
        status,
        token=token,
        wrong=wrong,
        wait_s=wait_s,
        is_first=is_first,
        length_min=LENGTH_MIN,
        others=[each for each in LANGUAGES if each != language],
    )


def _chosen(request: Request, lang: str) -> Language:
    return next((each for each in LANGUAGES if each == lang), language_of(request))
