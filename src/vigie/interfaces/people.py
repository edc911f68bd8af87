"""The people's verbs, the same for the command line and the API: invite, change, remove."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vigie.domain.errors import BadUsage, Permanent, Refused
from vigie.domain.person import Person, Role
from vigie.interfaces import second_factor
from vigie.interfaces.services import Services

if TYPE_CHECKING:
    from vigie.memory.tokens import ApiToken

OWNER = "owner"
INVITATION_TTL_S = 3 * 86_400.0
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_SCOPE = re.compile(r"(?:group:)?[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


async def document(services: Services, person: Person) -> dict[str, Any]:
    """Return a person as they are told."""
    return {
        "name": person.name,
        "role": person.role.value,
        "hosts": list(person.hosts),
        "language": person.language,
        "blocked": person.is_blocked,
        "invited": not person.password_hash and person.subject is None,
        "elsewhere": person.subject is not None,
        "second_factor": await second_factor.is_on(services, person.name),
    }


def token_document(token: "ApiToken") -> dict[str, Any]:
    """Return a token as it is told, without its text."""
    return {
        "id": token.id,
        "purpose": token.purpose,
        "role": token.role.value,
        "made_at": token.made_at.isoformat(),
        "expires_at": token.expires_at.isoformat(),
        "used_at": token.used_at.isoformat() if token.used_at else None,
    }


async def known(services: Services, name: str) -> Person:
    """Return a person.

    Raises:
        Permanent: there is none of that name.
    """
    person = await services.store.people.get(name)
    if person is None:
        raise Permanent("person.unknown", name=name)
    return person


async def invite(
    services: Services, name: str, role: Role, hosts: Sequence[str], *, language: str, by: Role, actor: str
) -> tuple[Person, str]:
    """Add a person and return the token of the address where they choose their password.

    Raises:
        BadUsage: the name is none, or what is named is no host and no group.
        Permanent: the name is taken.
        Refused: the role may do more than whoever invites.
    """
    if not _NAME.fullmatch(name):
        raise BadUsage("person.bad_name", name=name)
    _check_role(by, role)
    if await services.store.people.get(name) is not None or name == OWNER:
        raise Permanent("person.taken", name=name)
    person = Person(name, "", language, role, _scope(hosts))
    await services.store.people.save(person)
    await _tell(services, "person.invited", actor, name=name, role=role.value)
    return person, await services.store.people.new_login_token(INVITATION_TTL_S, name)


async def invite_again(services: Services, name: str, *, by: Role, actor: str) -> str:
    """Take a person's password and second factor away, and return the token of the address where they choose anew.

    Raises:
        Permanent: there is none of that name, or they sign in elsewhere.
        Refused: the person may do more than whoever asks.
    """
    person = await known(services, name)
    _check_role(by, person.role)
    if person.subject is not None:
        raise Permanent("person.elsewhere", name=name)
    await services.store.people.save(replace(person, password_hash=""))
    await services.store.people.end_sessions(name)
    await services.store.tokens.end(person=name)
    await second_factor.forget(services, name)
    await _tell(services, "person.invited", actor, name=name, role=person.role.value)
    return await services.store.people.new_login_token(INVITATION_TTL_S, name)


async def change(
    services: Services,
    name: str,
    *,
    role: Role | None = None,
    hosts: Sequence[str] | None = None,
    is_blocked: bool | None = None,
    by: Role,
    actor: str,
) -> Person:
    """Change what a person may do; what is None stays.

    Raises:
        Permanent: there is none of that name.
        Refused: the person may do more than whoever asks, or nobody would be left who owns this.
    """
    person = await known(services, name)
    _check_role(by, person.role)
    changed = replace(
        person,
        role=role or person.role,
        hosts=person.hosts if hosts is None else _scope(hosts),
        is_blocked=person.is_blocked if is_blocked is None else is_blocked,
    )
    _check_role(by, changed.role)
    if not _owns(changed):
        await _refuse_last(services, person)
    await services.store.people.save(changed)
    if changed.is_blocked:
        await services.store.tokens.end(person=name)
    told = {"role": changed.role.value, "hosts": list(changed.hosts), "blocked": changed.is_blocked}
    await _tell(services, "person.changed", actor, name=name, **told)
    return changed


async def remove(services: Services, name: str, *, by: Role, actor: str) -> None:
    """Forget a person, with all that lets them in; what they did stays in the journal.

    Raises:
        Permanent: there is none of that name.
        Refused: the person may do more than whoever asks, or nobody would be left who owns this.
    """
    person = await known(services, name)
    _check_role(by, person.role)
    await _refuse_last(services, person)
    await services.store.people.remove(name)
    await second_factor.forget(services, name)
    await _tell(services, "person.removed", actor, name=name)


async def make_token(
    services: Services, person: Person, purpose: str, role: Role, days: float, *, actor: str
) -> "tuple[ApiToken, str]":
    """Return a token for a program of this person, with its text, which nobody can read again.

    Raises:
        Refused: it would do more than its person may.
    """
    _check_role(person.role, role)
    made, text = await services.store.tokens.make(person.name, purpose, role, days * 86_400)
    await _tell(services, "person.token_made", actor, name=person.name, purpose=purpose, role=role.value, token=made.id)
    return made, text


async def remove_token(services: Services, name: str, token_id: str, *, actor: str) -> None:
    """Take a token back.

    Raises:
        Permanent: the person has none of that id.
    """
    if not await services.store.tokens.remove(name, token_id):
        raise Permanent("person.no_token", token=token_id)
    await _tell(services, "person.token_removed", actor, name=name, token=token_id)


def _owns(person: Person) -> bool:
    return person.role is Role.OWNER and not person.is_blocked and not person.hosts


def _check_role(by: Role, role: Role) -> None:
    if not by.covers(role):
        raise Refused("person.above", role=role.value, own=by.value)


def _scope(hosts: Sequence[str]) -> tuple[str, ...]:
    for each in hosts:
        if not _SCOPE.fullmatch(each):
            raise BadUsage("person.bad_scope", scope=each)
    return tuple(dict.fromkeys(hosts))


async def _refuse_last(services: Services, person: Person) -> None:
    if not _owns(person):
        return
    others = [each for each in await services.store.people.list() if each.name != person.name and _owns(each)]
    if not others:
        raise Refused("person.last_owner", name=person.name)


async def _tell(services: Services, kind: str, actor: str, **body: Any) -> None:
    await services.store.journal.append(kind, actor=actor, body=body)
