"""Who somebody is here whom a provider vouches for: their name and role, kept in step with what it says at each sign-in."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from vigie.domain.errors import Refused
from vigie.domain.person import Person, Role
from vigie.i18n import Language
from vigie.interfaces.people import OWNER
from vigie.interfaces.services import Services
from vigie.interfaces.settings import Provider

_NAME_MAX = 40
_NOT_OF_NAMES = re.compile(r"[^a-z0-9._-]+")


async def person_of(services: Services, provider: Provider, claims: Mapping[str, Any], language: Language) -> Person:
    """Return the person whom a provider's claims mean, added at their first sign-in.

    They are known by what never changes at the provider, never by a name or an address that somebody else may get.

    Raises:
        Refused: they have no role here, any more or yet, or are blocked.
    """
    subject = f"{provider.issuer}#{claims['sub']}"
    known = await services.store.people.of_subject(subject)
    role = role_of(provider, claims)
    if role is None or (known is not None and known.is_blocked):
        if known is not None:
            await services.store.people.end_sessions(known.name)
            await services.store.tokens.end(person=known.name)
        raise Refused("openid.no_role", provider=provider.name)
    if known is None:
        person = Person(await _free_name(services, claims), "", language, role, subject=subject)
        await services.store.people.save(person)
        await _tell(services, "person.joined", person, provider=provider.name)
        return person
    if known.role is role:
        return known
    changed = replace(known, role=role)
    await services.store.people.save(changed)
    await _tell(services, "person.changed", changed, hosts=list(changed.hosts), blocked=False)
    return changed


def role_of(provider: Provider, claims: Mapping[str, Any]) -> Role | None:
    """Return the highest role that a claim stands for, or the one of everybody else; None: they may not come in.

    The claim is found by its name, or, where it has dots, inside others.
    """
    held = _claim(claims, provider.role_claim)
    values = (
        {held} if isinstance(held, str) else {each for each in held if isinstance(each, str)} if isinstance(held, list) else set()
    )
    roles = [role for value, role in provider.roles if value in values]
    return max(roles, key=list(Role).index) if roles else provider.otherwise


def _claim(claims: Mapping[str, Any], name: str) -> object:
    if name in claims:
        return claims[name]
    head, _, rest = name.partition(".")
    inner = claims.get(head)
    return _claim(inner, rest) if rest and isinstance(inner, Mapping) else None


async def _free_name(services: Services, claims: Mapping[str, Any]) -> str:
    wished = next(
        (said for name in ("preferred_username", "email", "name") if isinstance(said := claims.get(name), str) and said), ""
    )
    plain = unicodedata.normalize("NFKD", wished.partition("@")[0]).encode("ascii", "ignore").decode().lower()
    name = _NOT_OF_NAMES.sub("-", plain).strip("._-")[:_NAME_MAX] or "person"
    taken = {each.name for each in await services.store.people.list()} | {OWNER}
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free


async def _tell(services: Services, kind: str, person: Person, **more: Any) -> None:
    body = {"name": person.name, "role": person.role.value, **more}
    await services.store.journal.append(kind, actor="vigie", body=body)
