"""Who asks, and what they may do.

A session's cookie with its token against forgery; the local token of the command line; a program's token; a signed access token.
"""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from vigie.domain.case import Case
from vigie.domain.errors import Permanent
from vigie.domain.host import Host
from vigie.domain.person import Person, Role, covers
from vigie.i18n import Language
from vigie.interfaces.api import access
from vigie.interfaces.api.language import accepted
from vigie.interfaces.api.problems import Turned
from vigie.interfaces.people import OWNER
from vigie.interfaces.services import Services
from vigie.memory.tokens import PREFIX

COOKIE = "vigie_session"
SESSION_TTL_S = 30 * 86_400.0
_TOKEN_LENGTH_MAX = 4096
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks; `session` is None for whoever shows a token. `hosts` limits what they see, as a person's does.

    `family` is the sign-in that an access token came of.
    """

    person: str
    language: Language
    session: str | None
    role: Role = Role.OWNER
    hosts: tuple[str, ...] = ()
    family: str | None = None

    @property
    def actor(self) -> str:
        """Return the caller as the journal names them."""
        return f"person:{self.person}"

    @property
    def csrf(self) -> str:
        """Return the token that a write must carry."""
        return csrf_of(self.session) if self.session else ""

    def sees(self, host: Host) -> bool:
        """Say whether the caller has to do with the host."""
        return covers(self.hosts, host)

    async def visible(self, services: Services) -> frozenset[str] | None:
        """Return the names of the hosts that the caller has to do with, None for all."""
        if not self.hosts:
            return None
        return frozenset(host.name for host in await services.store.hosts.list() if self.sees(host))


def csrf_of(session: str) -> str:
    """Return the token that goes with a session: only who can read our pages knows it."""
    return hmac.new(session.encode(), b"csrf", hashlib.sha256).hexdigest()


def services_of(request: HTTPConnection) -> Services:
    """Return the services that the application was made with."""
    services: Services = request.app.state.services
    return services


async def caller_of(request: HTTPConnection) -> Caller | None:
    """Return who asks, None when nobody known does."""
    if found := await _bearer(request):
        return found
    token = request.cookies.get(COOKIE)
    if not token or len(token) > 200:
        return None
    person = await services_of(request).store.people.session(token)
    if person is None or person.is_blocked:
        return None
    return Caller(person.name, _language(person), token, person.role, person.hosts)


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


def from_our_page(request: HTTPConnection) -> None:
    """Refuse a form that a page of another origin sends.

    Raises:
        Turned: the request says that it comes from elsewhere.
    """
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
        raise Turned(403, "api.forged")


async def _bearer(request: HTTPConnection) -> Caller | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > _TOKEN_LENGTH_MAX:
        return None
    local: str | None = request.app.state.local_token
    if local and secrets.compare_digest(token.encode(), local.encode()):
        return Caller(OWNER, accepted(request.headers.get("accept-language", "")), None)
    services = services_of(request)
    if token.startswith(PREFIX):
        made = await services.store.tokens.use(token)
        person = await _unblocked(services, made.person) if made else None
        if made is None or person is None:
            return None
        # A token made when its person could do more does not do more than they can now.
        role = made.role if person.role.covers(made.role) else person.role
        return Caller(person.name, _language(person), None, role, person.hosts)
    claims = await access.read(services, token)
    person = await _unblocked(services, claims.person) if claims else None
    if claims is None or person is None:
        return None
    return Caller(person.name, _language(person), None, person.role, person.hosts, claims.family)


async def _unblocked(services: Services, name: str) -> Person | None:
    person = await services.store.people.get(name)
    return None if person is None or person.is_blocked else person


def _language(person: Person) -> Language:
    return "fr" if person.language == "fr" else "en"


async def _refuse_forged(request: Request, caller: Caller) -> None:
    from_our_page(request)
    shown = request.headers.get("x-csrf-token")
    if shown is None and request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        shown = str((await request.form()).get("csrf", ""))
    if not hmac.compare_digest((shown or "").encode(), caller.csrf.encode()):
        raise Turned(403, "api.forged")


def needs(role: Role, *, all_hosts: bool = False) -> Callable[[Request], Awaitable[Caller]]:
    """Return the door that lets callers of this role, and of those above it, pass; `all_hosts`: only who has to do with all."""

    async def door(request: Request) -> Caller:
        caller = await somebody(request)
        if not caller.role.covers(role):
            raise Turned(403, "api.above_you", role=role.value, own=caller.role.value)
        if all_hosts and caller.hosts:
            raise Turned(403, "api.not_all_hosts")
        return caller

    return door


async def host_for(services: Services, caller: Caller, name: str) -> Host:
    """Return a host that the caller has to do with.

    Raises:
        Permanent: there is none of that name; one of others is told of in the same words.
    """
    host = await services.store.hosts.get(name)
    if not caller.sees(host):
        raise Permanent("host.unknown", host=name)
    return host


async def case_for(services: Services, caller: Caller, case_id: str) -> Case:
    """Return a case of a host that the caller has to do with.

    Raises:
        Permanent: there is none of that id; one of others is told of in the same words.
    """
    case = await services.desk.get(case_id)
    visible = await caller.visible(services)
    if visible is not None and case.host not in visible:
        raise Permanent("case.unknown", case=case_id)
    return case


Known = Annotated[Caller, Depends(needs(Role.VIEWER))]
Operator = Annotated[Caller, Depends(needs(Role.OPERATOR))]
OperatorOfAll = Annotated[Caller, Depends(needs(Role.OPERATOR, all_hosts=True))]
Admin = Annotated[Caller, Depends(needs(Role.ADMIN))]
AdminOfAll = Annotated[Caller, Depends(needs(Role.ADMIN, all_hosts=True))]
Given = Annotated[Services, Depends(services_of)]
