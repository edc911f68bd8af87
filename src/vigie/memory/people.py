"""Who may sign in, and who is signed in. Tokens are stored as hashes: a copy of the database signs nobody in."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import RowMapping

from vigie.clock import Clock
from vigie.domain.person import Person
from vigie.memory.schema import login_tokens, people, sessions
from vigie.memory.scope import Rows, Scope


class People:
    """People, their sessions, and the one-time token that lets the first one in."""

    def __init__(self, scope: Scope, clock: Clock) -> None:
        self._scope = scope
        self._clock = clock

    async def get(self, name: str) -> Person | None:
        """Return a person, None when there is none of that name."""
        row = await self._scope.read(lambda rows: rows.first(people, people.c.name == name))
        return _person(row) if row else None

    async def list(self) -> "list[Person]":
        """Return everybody by name."""
        rows = await self._scope.read(lambda rows: rows.all(people, order=[people.c.name]))
        return [_person(row) for row in rows]

    async def save(self, person: Person) -> None:
        """Add a person, or replace what is known of them."""
        values = {"name": person.name, "password_hash": person.password_hash, "language": person.language}
        await self._scope.write(lambda rows: rows.put(people, **values))

    async def new_login_token(self, ttl_s: float) -> str:
        """Return a token that lets somebody in once."""
        token = secrets.token_urlsafe(32)

        def work(rows: Rows) -> None:
            now = self._clock.now()
            rows.remove(login_tokens, login_tokens.c.expires_at <= now)
            rows.append(login_tokens, token_hash=_hash(token), expires_at=now + timedelta(seconds=ttl_s))

        await self._scope.write(work)
        return token

    async def use_login_token(self, token: str) -> bool:
        """Use a token up; True for the first who comes in time."""

        def work(rows: Rows) -> bool:
            live = login_tokens.c.expires_at > self._clock.now()
            return rows.remove(login_tokens, login_tokens.c.token_hash == _hash(token), live) == 1

        return await self._scope.write(work)

    async def new_session(self, name: str, ttl_s: float) -> str:
        """Sign a person in and return the session's token."""
        token = secrets.token_urlsafe(32)

        def work(rows: Rows) -> None:
            now = self._clock.now()
            rows.remove(sessions, sessions.c.expires_at <= now)
            rows.append(sessions, token_hash=_hash(token), name=name, expires_at=now + timedelta(seconds=ttl_s))

        await self._scope.write(work)
        return token

    async def session(self, token: str) -> Person | None:
        """Return whose session it is, None when it is nobody's or over."""

        def work(rows: Rows) -> RowMapping | None:
            live = sessions.c.expires_at > self._clock.now()
            session = rows.first(sessions, sessions.c.token_hash == _hash(token), live)
            return rows.first(people, people.c.name == session["name"]) if session else None

        row = await self._scope.read(work)
        return _person(row) if row else None

    async def end_session(self, token: str) -> None:
        """Sign out."""
        await self._scope.write(lambda rows: rows.remove(sessions, sessions.c.token_hash == _hash(token)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _person(row: RowMapping) -> Person:
    return Person(row["name"], row["password_hash"], row["language"])
