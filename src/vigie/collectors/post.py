"""The post: what programs send to us lies in `events.db` until its collector has read it; a 202 is given once it is durable."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress

from vigie.memory.lines.store import LineStore


class StoredPost:
    """The post of one tenant. It has a connection of its own, so that a letter never waits for lines that are being kept."""

    def __init__(self, open_store: Callable[[], LineStore]) -> None:
        self._open = open_store
        self._store: LineStore | None = None
        self._came: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._turn = asyncio.Lock()

    async def put(self, source: str, body: str) -> None:
        """Put something in; it is durable on return."""
        async with self._turn:
            await asyncio.to_thread(lambda: self._opened().put(source, body))
        self._came[source].set()

    async def after(self, source: str, number: int, limit: int, quiet_s: float) -> Sequence[tuple[int, str]]:
        """Return what came after a number, in order, as soon as there is some; nothing when `quiet_s` have passed without."""
        self._came[source].clear()
        async with self._turn:
            found = await asyncio.to_thread(lambda: self._opened().post(source, number, limit))
        if not found:
            with suppress(TimeoutError):
                async with asyncio.timeout(quiet_s):
                    await self._came[source].wait()
        return found

    async def clear(self, source: str, number: int) -> None:
        """Give up everything up to a number."""
        async with self._turn:
            await asyncio.to_thread(lambda: self._opened().clear(source, number))

    async def close(self) -> None:
        """Let go of the file."""
        async with self._turn:
            if self._store is not None:
                self._store.close()
                self._store = None

    def _opened(self) -> LineStore:
        if self._store is None:
            self._store = self._open()
        return self._store
