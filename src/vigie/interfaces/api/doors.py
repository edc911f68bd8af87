"""Who asks: a session's cookie with its token against forgery, or the local token of the command line."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from vigie.i18n import Language
from vigie.interfaces.api.language import accepted
from vigie.interfaces.api.problems import Turned
from vigie.interfaces.services import Services

COOKIE = "vigie_session"
SESSION_TTL_S = 30 * 86_400.0
OWNER = "owner"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks; `session` is None for the command line of the owner."""

    person: str
    language: Language
    session: str | None

    @property
    def actor(self) -> str:
        """Return the caller as the journal names them."""
        return f"person:{self.person}"

    @property
    def csrf(self) -> str:
        """Return the token that a write must carry."""
        return csrf_of(self.session) if self.session else ""


def csrf_of(session: str) -> str:
    """Return the token that goes with a session: only who can read our pages knows it."""
    return hmac.new(session.encode(), b"csrf", hashlib.sha256).hexdigest()


def services_of(request: Request) -> Services:
    """Return the services that the application was made with."""
    services: Services = request.app.state.services
    return services


async def caller_of(request: Request) -> Caller | None:
    """Return who asks, None when nobody known does."""
    if found := await _bearer(request):
        return found
    token = request.cookies.get(COOKIE)
    if not token or len(token) > 200:
        return None
    person = await services_of(request).store.people.session(token)
    if person is None:
        return None
    language: Language = "fr" if person.language == "fr" else "en"
    return Caller(person.name, language, token)


async def somebody(request: Request) -> Caller:
    """Let only known callers pass, and writes only with the session's token.

    Raises:
        Turned: nobody known asks, or a page of somebody else made the browser ask.
    """
    caller = await caller_of(request)
    if caller is None:
        raise Turned(401, "api.http_401")
    request.state.language = caller.language
    if caller.session and request.method not in _SAFE:
        await _refuse_forged(request, caller)
    return caller


def from_our_page(request: Request) -> None:
    """Refuse a form that a page of another origin sends.

    Raises:
        Turned: the request says that it comes from elsewhere.
    """
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
        raise Turned(403, "api.forged")


async def _bearer(request: Request) -> Caller | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    local: str | None = request.app.state.local_token
    if scheme.lower() != "bearer" or not local or not secrets.compare_digest(token.encode(), local.encode()):
        return None
    return Caller(OWNER, accepted(request.headers.get("accept-language", "")), None)


async def _refuse_forged(request: Request, caller: Caller) -> None:
    from_our_page(request)
    shown = request.headers.get("x-csrf-token")
    if shown is None and request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        shown = str((await request.form()).get("csrf", ""))
    if not hmac.compare_digest((shown or "").encode(), caller.csrf.encode()):
        raise Turned(403, "api.forged")


Known = Annotated[Caller, Depends(somebody)]
Given = Annotated[Services, Depends(services_of)]
