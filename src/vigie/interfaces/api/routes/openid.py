"""Signing in with another service: there, and back with a code; off until a provider is named in the settings."""

import logging
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from vigie.domain.errors import Permanent, Refused, Transient, VigieError
from vigie.interfaces import provided
from vigie.interfaces.api import signing_in
from vigie.interfaces.api.doors import Given
from vigie.interfaces.api.language import language_of
from vigie.interfaces.api.pages import page
from vigie.interfaces.api.problems import Turned
from vigie.interfaces.api.routes.session import show_way_in
from vigie.interfaces.openid import OpenId
from vigie.interfaces.services import Services

router = APIRouter(tags=["session"])
logger = logging.getLogger(__name__)
BACK = "/login/openid/back"
# The provider may have forgotten somebody since: they sign in anew each day.
_SESSION_TTL_S = 12 * 3600.0
_COOKIE = "vigie_signing_in"
_COOKIE_S = 600
Word = Annotated[str, Query(max_length=4096)]


@router.get("/login/openid")
async def go(request: Request, services: Given) -> Response:
    """Send the browser to the provider."""
    way = _way(request)
    if (wait_s := signing_in.must_wait_s(request)) > 0:
        return await show_way_in(services, language_of(request), wrong="too_many", status=429, wait_s=round(wait_s))
    try:
        url, kept = await way.begin(f"{(way.provider.address or str(request.base_url)).rstrip('/')}{BACK}")
    except VigieError as error:
        return await _not_let_in(request, services, error)
    answer = RedirectResponse(url, status_code=303)
    # Lax: the way back begins on the provider's page.
    answer.set_cookie(_COOKIE, kept, max_age=_COOKIE_S, path="/login", httponly=True, samesite="lax")
    return answer


@router.get(BACK, response_class=HTMLResponse)
async def come_back(
    request: Request, services: Given, state: Word = "", code: Word = "", iss: Word | None = None, error: Word = ""
) -> Response:
    """Let in whom the provider vouches for."""
    way = _way(request)
    if (wait_s := signing_in.must_wait_s(request)) > 0:
        return await show_way_in(services, language_of(request), wrong="too_many", status=429, wait_s=round(wait_s))
    try:
        claims = await way.finish(state=state, kept=request.cookies.get(_COOKIE, ""), code=code, issuer=iss, error=error)
        person = await provided.person_of(services, way.provider, claims, language_of(request))
    except VigieError as problem:
        return await _not_let_in(request, services, problem)
    signing_in.worked(request, person.name)
    # A page, not a redirection: the session's cookie is sent only where the way began on a page of our own.
    answer = page("signed_in", "fr" if person.language == "fr" else "en")
    await signing_in.sign_in(request, services, person, answer, _SESSION_TTL_S)
    answer.delete_cookie(_COOKIE, path="/login")
    return answer


def _way(request: Request) -> OpenId:
    way: OpenId | None = request.app.state.openid
    if way is None:
        raise Turned(404, "api.http_404")
    return way


async def _not_let_in(request: Request, services: Services, error: VigieError) -> Response:
    logger.warning("not signed in by the provider", extra={"why": str(error)})
    if not isinstance(error, Transient):
        signing_in.failed(request)
    match error:
        case Transient():
            wrong, status = "openid_gone", 503
        case Refused():
            wrong, status = "openid_no_role", 403
        case Permanent(key="openid.not_begun"):
            wrong, status = "openid_late", 400
        case _:
            wrong, status = "openid_disbelieved", 502
    return await show_way_in(services, language_of(request), wrong=wrong, status=status)
