"""Who may sign in, and who is signed in. Tokens are stored as hashes: a copy of the database signs nobody in."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping

from vigie.clock import Clock
from vigie.domain.person import Person, Role
from vigie.memory.schema import login_tokens, people, sessions
from vigie.memory.scope import Rows, Scope
from vigie.memory.tokens import hash_of

_DEVICE_MAX = 400
_ID_LENGTH = 12


@dataclass(frozen=True, slots=True)
class LoginToken:
    """What a one-time token is for: a person by name, or, None, the owner."""

    name: str | None


@dataclass(frozen=True, slots=True)
class Session:
    """A browser in which a person is signed in; `device` is what it says of itself, `is_this` the one who asks."""

    id: str
    device: str
    began_at: datetime | None
    expires_at: datetime
    is_this: bool


class People:
    """People, their sessions, and the one-time token that lets the first one in."""

    def __init__(self, scope: Scope, clock: Clock) -> None:
        self._scope = scope
        self._clock = clock

    async def get(self, name: str) -> Person | None:
        """Return a person, None when there is none of that name."""
        row = await self._scope.read(lambda rows: rows.first(people, people.c.name == name))
        return _person(row) if row else None

    async def of_subject(self, subject: str) -> Person | None:
        """Return who is known elsewhere as this, None when nobody is."""
        row = await self._scope.read(lambda rows: rows.first(people, people.c.subject == subject))
        return _person(row) if row else None

    async def list(self) -> "list[Person]":
        """Return everybody by name."""
        rows = await self._scope.read(lambda rows: rows.all(people, order=[people.c.name]))
        return [_person(row) for row in rows]

    async def save(self, person: Person) -> None:
        """Add a person, or replace what is known of them."""
        values = {
            "name": person.name,
            "password_hash": person.password_hash,
            "language": person.language,
            "role": person.role.value,
            "hosts": json.dumps(person.hosts),
            "is_blocked": person.is_blocked,
            "subject": person.subject,
        }

        def work(rows: Rows) -> None:
            rows.put(people, **values)
            if person.is_blocked:
                rows.remove(sessions, sessions.c.name == person.name)

        await self._scope.write(work)

    async def remove(self, name: str) -> bool:
        """Forget a person with all that lets them in; False when there was none."""

        def work(rows: Rows) -> bool:
            rows.remove(login_tokens, login_tokens.c.name == name)
            return rows.remove(people, people.c.name == name) == 1

        return await self._scope.write(work)

    async def new_login_token(self, ttl_s: float, name: str | None = None) -> str:
        """Return a token that lets a person in once; without a name, the owner, who may be the first one ever."""
        token = secrets.token_urlsafe(32)

        def work(rows: Rows) -> None:
            now = self._clock.now()
            rows.remove(login_tokens, login_tokens.c.expires_at <= now)
            rows.append(login_tokens, token_hash=hash_of(token), expires_at=now + timedelta(seconds=ttl_s), name=name)

        await self._scope.write(work)
        return token

    async def login_token(self, token: str) -> "LoginToken | None":
        """Return whom a token would let in, None when it is none, used up or over; looking uses nothing up."""
        live = login_tokens.c.expires_at > self._clock.now()
        row = await self._scope.read(lambda rows: rows.first(login_tokens, login_tokens.c.token_hash == hash_of(token), live))
        return LoginToken(row["name"]) if row else None

    async def use_login_token(self, token: str) -> bool:
        """Use a token up; True for the first who comes in time."""

        def work(rows: Rows) -> bool:
            live = login_tokens.c.expires_at > self._clock.now()
            return rows.remove(login_tokens, login_tokens.c.token_hash == hash_of(token), live) == 1

        return await self._scope.write(work)

    async def new_session(self, name: str, ttl_s: float, device: str = "") -> str:
        """Sign a person in and return the session's token."""
        token = secrets.token_urlsafe(32)

        def work(rows: Rows) -> None:
            now = self._clock.now()
            rows.remove(sessions, sessions.c.expires_at <= now)
            kept = {"expires_at": now + timedelta(seconds=ttl_s), "device": device[:_DEVICE_MAX], "began_at": now}
            rows.append(sessions, token_hash=hash_of(token), name=name, **kept)

        await self._scope.write(work)
        return token

    async def sessions(self, name: str, token: str | None = None) -> tuple[Session, ...]:
        """Return where a person is signed in, newest first; `token` is the session of who asks."""
        mine, live = sessions.c.name == name, sessions.c.expires_at > self._clock.now()
        rows = await self._scope.read(lambda rows: rows.all(sessions, mine, live, order=[sessions.c.expires_at.desc()]))
        own = hash_of(token or "")
        return tuple(
            Session(row["token_hash"][:_ID_LENGTH], row["device"], row["began_at"], row["expires_at"], row["token_hash"] == own)
            for row in rows
        )

    async def session(self, token: str) -> Person | None:
        """Return whose session it is, None when it is nobody's or over."""

        def work(rows: Rows) -> RowMapping | None:
            live = sessions.c.expires_at > self._clock.now()
            session = rows.first(sessions, sessions.c.token_hash == hash_of(token), live)
            return rows.first(people, people.c.name == session["name"]) if session else None

        row = await self._scope.read(work)
        return _person(row) if row else None

    async def end_sessions(self, name: str, but: str | None = None) -> None:
        """Sign a person out everywhere, or everywhere but where the token `but` is."""
        mine = sessions.c.name == name
        others = sessions.c.token_hash != hash_of(but or "")
        await self._scope.write(lambda rows: rows.remove(sessions, mine, others))

    async def end_one(self, name: str, session_id: str) -> bool:
        """Sign a person out where they are named by `Session.id`; False when they have none of that id."""
        mine, named = sessions.c.name == name, sessions.c.token_hash.startswith(session_id, autoescape=True)
        return await self._scope.write(lambda rows: rows.remove(sessions, mine, named)) > 0

    async def end_session(self, token: str) -> None:
        """Sign out."""
        await self._scope.write(lambda rows: rows.remove(sessions, sessions.c.token_hash == hash_of(token)))


def _person(row: RowMapping) -> Person:
    return Person(
        row["name"],
        row["password_hash"],
        row["language"],
        Role(row["role"]),
        tuple(json.loads(row["hosts"])),
        row["is_blocked"],
        row["subject"],
    )
