"""What lets somebody in: how often it may be tried, the password, the second factor, and the session that begins then."""

from fastapi import Request, Response

from vigie.domain.person import Person
from vigie.domain.plain import plain
from vigie.interfaces import second_factor
from vigie.interfaces.api.doors import COOKIE
from vigie.interfaces.api.limits import Tries
from vigie.interfaces.api.passwords import Passwords
from vigie.interfaces.services import Services

# Of a password that nobody has: an unknown name takes as long as a known one.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$Tm9ib2R5IGhhcyB0aGlz$b3wF8Zp8zGqf4b0bkY8s9mQh2X4wq5rN0kZ1d6Y7c8E"


def must_wait_s(request: Request, name: str | None = None) -> float:
    """Return how long this address, or whoever tries this name from anywhere, must wait; 0 to try now."""
    tries: Tries = request.app.state.tries
    return max(tries.must_wait_s(address_of(request)), 0.0 if name is None else tries.must_wait_s(_account(name)))


def failed(request: Request, name: str | None = None) -> None:
    """Count a failed try."""
    tries: Tries = request.app.state.tries
    tries.failed(address_of(request))
    if name is not None:
        tries.failed(_account(name))


def worked(request: Request, name: str) -> None:
    """Forget the failures that led here."""
    tries: Tries = request.app.state.tries
    tries.worked(address_of(request))
    tries.worked(_account(name))


async def person_with(request: Request, services: Services, name: str, password: str, code: str) -> Person | str:
    """Return who this is, or what is wrong: `wrong_password`, or `wrong_code` when only the second factor is."""
    passwords: Passwords = request.app.state.passwords
    person = await services.store.people.get(name)
    stored = person.password_hash if person and person.password_hash else _NOBODY
    is_right = await passwords.is_right(stored, password)
    if person is None or not is_right or person.is_blocked:
        return "wrong_password"
    return person if await second_factor.accepts(services, name, code.strip()) else "wrong_code"


async def sign_in(request: Request, services: Services, person: Person, answer: Response, ttl_s: float) -> None:
    """Begin a session of a person whom we know now; the answer carries it to their browser."""
    device = plain(request.headers.get("user-agent", "").encode())
    session = await services.store.people.new_session(person.name, ttl_s, device)
    await services.store.journal.append("person.signed_in", actor=f"person:{person.name}", body={"name": person.name})
    answer.set_cookie(COOKIE, session, max_age=int(ttl_s), path="/", httponly=True, samesite="strict")


def address_of(request: Request) -> str:
    """Return the address that asks."""
    return request.client.host if request.client else ""


def _account(name: str) -> str:
    return f"account:{name}"
