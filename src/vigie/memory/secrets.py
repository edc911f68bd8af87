"""Passwords and keys of others, in envelopes: each under its own key, and that under the key in the home."""

import secrets as randomness
from pathlib import Path

from vigie.domain.errors import Permanent
from vigie.memory import keys, schema
from vigie.memory.scope import Scope


class Secrets:
    """Each secret by its name; a copy of the database alone opens none."""

    def __init__(self, scope: Scope, key: bytes, key_path: Path) -> None:
        self._scope = scope
        self._key = key
        self._key_path = key_path

    async def put(self, name: str, content: bytes) -> None:
        """Keep a secret, or replace it."""
        own_key = randomness.token_bytes(32)
        wrapped = keys.seal(self._key, own_key, self._what("key", name))
        sealed = keys.seal(own_key, content, self._what("secret", name))
        await self._scope.write(lambda rows: rows.put(schema.secrets, name=name, wrapped_key=wrapped, sealed=sealed))

    async def get(self, name: str) -> bytes | None:
        """Return a secret, None when there is none of that name.

        Raises:
            Permanent: it was altered, or sealed with another key.
        """
        row = await self._scope.read(lambda rows: rows.first(schema.secrets, schema.secrets.c.name == name))
        if row is None:
            return None
        own_key = keys.opened(self._key, row["wrapped_key"], self._what("key", name))
        content = None if own_key is None else keys.opened(own_key, row["sealed"], self._what("secret", name))
        if content is None:
            raise Permanent("home.secret_unreadable", secret=name, path=self._key_path)
        return content

    async def remove(self, name: str) -> None:
        """Forget a secret, if there is one."""
        await self._scope.write(lambda rows: rows.remove(schema.secrets, schema.secrets.c.name == name))

    def _what(self, part: str, name: str) -> str:
        return f"{part}/{self._scope.tenant}/{name}"
