"""Passwords: hashed with argon2id, off the event loop, one at a time so that a burst of tries cannot fill the memory."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LENGTH_MIN = 10
LENGTH_MAX = 1024
# OWASP's second choice: 19 MiB, 2 passes, 1 lane; https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


class Passwords:
    """Makes and checks hashes."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Semaphore(1)

    async def hashed(self, password: str) -> str:
        """Return what may be stored of a password."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(_HASHER.hash, password)

    async def is_right(self, stored: str, password: str) -> bool:
        """Say whether the password is the one that was stored."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(_is_right, stored, password)


def _is_right(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
