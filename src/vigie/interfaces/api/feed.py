"""One reader of the journal's end for all open streams: it wakes them, each reads what it has not yet sent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from vigie.domain.happening import Happening
from vigie.memory.memory import TenantMemory

_WAIT_S = 30.0
_PAGE = 500


class Feed:
    """`position` is the last row that is known to be there."""

    def __init__(self, memory: TenantMemory, position: int) -> None:
        self._journal = memory.journal
        self.position = position
        self._moved = asyncio.Condition()
        self._closed = False

    async def run(self) -> None:
        """Follow the journal until cancelled."""
        while True:
            if await self._journal.wait(self.position, _WAIT_S):
                async with self._moved:
                    while page := await self._journal.read(self.position, limit=_PAGE):
                        self.position = page[-1].seq
                    self._moved.notify_all()

    async def close(self) -> None:
        """End every stream."""
        async with self._moved:
            self._closed = True
            self._moved.notify_all()

    async def rows(self, after: int, *, case: str | None, quiet_s: float) -> AsyncIterator[list[Happening]]:
        """Yield the rows after a number as they come; an empty list when `quiet_s` have passed without one."""
        while not self._closed:
            seen = self.position
            page = await self._journal.read(after, case=case, limit=_PAGE)
            if page:
                after = page[-1].seq
                yield page
                continue
            if not await self._moves_past(seen, quiet_s):
                yield []

    async def _moves_past(self, position: int, timeout_s: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s), self._moved:
                await self._moved.wait_for(lambda: self._closed or self.position > position)
                return True
        return False
