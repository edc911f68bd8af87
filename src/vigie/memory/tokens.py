"""What lets programs in: tokens that a person made, and the refresh tokens of a sign-in. Only their hashes are stored."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping

from vigie.clock import Clock
from vigie.domain.person import Role
from vigie.memory.schema import api_tokens, refresh_tokens
from vigie.memory.scope import Rows, Scope

PREFIX = "vgt_"


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token that a person made for a program; `role` is the most that it may do, never more than the person's own."""

    id: str
    person: str
    purpose: str
    role: Role
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The next refresh token of a sign-in; `family` is all the tokens that came of the same one."""

    person: str
    family: str
    token: str


class Tokens:
    """The tokens of one tenant."""

    def __init__(self, scope: Scope, clock: Clock) -> None:
        self._scope = scope
        self._clock = clock

    async def make(self, person: str, purpose: str, role: Role, ttl_s: float) -> tuple[ApiToken, str]:
        """Return a new token for a program, with its text, which nobody can read again."""
        text = PREFIX + secrets.token_urlsafe(32)
        now = self._clock.now()
        made = ApiToken(secrets.token_hex(4), person, purpose, role, now, now + timedelta(seconds=ttl_s))
        values = {"purpose": purpose, "role": role.value, "made_at": made.made_at, "expires_at": made.expires_at}
        await self._scope.write(lambda rows: rows.append(api_tokens, id=made.id, token_hash=hash_of(text), name=person, **values))
        return made, text

    async def use(self, text: str) -> ApiToken | None:
        """Return the token with this text and note that it was used; None when it is none, or over."""

        def work(rows: Rows) -> RowMapping | None:
            now = self._clock.now()
            row = rows.first(api_tokens, api_tokens.c.token_hash == hash_of(text), api_tokens.c.expires_at > now)
            # One write a minute says enough, and costs little.
            if row is not None and (row["used_at"] is None or now - row["used_at"] > timedelta(minutes=1)):
                rows.change(api_tokens, api_tokens.c.id == row["id"], used_at=now)
            return row

        row = await self._scope.write(work)
        return _token(row) if row else None

    async def remove(self, person: str, token_id: str) -> bool:
        """Take a token of a person back; False when there is none."""
        mine = api_tokens.c.name == person
        return await self._scope.write(lambda rows: rows.remove(api_tokens, mine, api_tokens.c.id == token_id)) == 1

    async def begin(self, person: str, ttl_s: float) -> Refreshed:
        """Return the first refresh token of a new sign-in."""
        return await self._scope.write(lambda rows: self._next(rows, person, secrets.token_hex(8), ttl_s))

    async def refresh(self, text: str, ttl_s: float) -> Refreshed | None:
        """Change a refresh token for the next one.

        None when it is none or over. One that was used before has been stolen, by whoever came first or second: its whole
        family ends.
        """

        def work(rows: Rows) -> Refreshed | None:
            row = rows.locked(refresh_tokens, refresh_tokens.c.token_hash == hash_of(text))
            if row is None:
                return None
            if row["is_used"]:
                rows.remove(refresh_tokens, refresh_tokens.c.family == row["family"])
                return None
            if row["expires_at"] <= self._clock.now():
                return None
            rows.change(refresh_tokens, refresh_tokens.c.token_hash == hash_of(text), is_used=True)
            return self._next(rows, row["name"], row["family"], ttl_s)

        return await self._scope.write(work)

    async def is_live(self, family: str) -> bool:
        """Say whether a sign-in was not ended."""
        found = await self._scope.read(lambda rows: rows.first(refresh_tokens, refresh_tokens.c.family == family))
        return found is not None

    async def end(self, *, family: str | None = None, person: str | None = None) -> None:
        """End a sign-in, or all of a person's."""
        which = refresh_tokens.c.family == family if family is not None else refresh_tokens.c.name == person
        await self._scope.write(lambda rows: rows.remove(refresh_tokens, which))

    def _next(self, rows: Rows, person: str, family: str, ttl_s: float) -> Refreshed:
        text = secrets.token_urlsafe(32)
        now = self._clock.now()
        rows.remove(refresh_tokens, refresh_tokens.c.expires_at <= now)
        rows.append(
            refresh_tokens,
            token_hash=hash_of(text),
            family=family,
            name=person,
            expires_at=now + timedelta(seconds=ttl_s),
            is_used=False,
        )
        return Refreshed(person, family, text)

    # Last, because it hides the type of that name from what would come after it.
    async def list(self, person: str) -> "list[ApiToken]":
        """Return the tokens of a person, newest first."""
        rows = await self._scope.read(
            lambda rows: rows.all(api_tokens, api_tokens.c.name == person, order=[api_tokens.c.made_at.desc()])
        )
        return [_token(row) for row in rows]


def hash_of(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _token(row: RowMapping) -> ApiToken:
    return ApiToken(row["id"], row["name"], row["purpose"], Role(row["role"]), row["made_at"], row["expires_at"], row["used_at"])
