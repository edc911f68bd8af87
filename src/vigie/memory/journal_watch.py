"""Waiting for the journal to grow: at once for this process's own rows, within a poll for those of others."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

_POLL_S = 0.2


class JournalWatch:
    """Shared by all who wait, from whichever event loop: however many there are, one of them asks the database."""

    def __init__(self, last: Callable[[], Awaitable[int]]) -> None:
        self._last = last
        self._lock = threading.Lock()
        self._seen = 0
        self._asked_at = float("-inf")
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def saw(self, seq: int) -> None:
        """Wake those who wait, when `seq` is news."""
        with self._lock:
            if seq <= self._seen:
                return
            self._seen = seq
            for loop, news in self._waiting:
                if not loop.is_closed():
                    loop.call_soon_threadsafe(news.set)

    async def wait(self, after: int, timeout_s: float, has_newer: Callable[[int], Awaitable[bool]]) -> bool:
        """Wait until `has_newer(after)`; it is asked once at the start and then only when the journal has grown."""
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + timeout_s
        news = asyncio.Event()
        place = (loop, news)
        with self._lock:
            self._waiting.add(place)
        try:
            while True:
                news.clear()  # before the question: a row that comes during it wakes us
                if await has_newer(after):
                    return True
                if not await self._growth(news, ends_at):
                    return False
        finally:
            with self._lock:
                self._waiting.discard(place)

    async def _growth(self, news: asyncio.Event, ends_at: float) -> bool:
        loop = asyncio.get_running_loop()
        while (left_s := ends_at - loop.time()) > 0:
            try:
                async with asyncio.timeout(min(left_s, _POLL_S)):
                    await news.wait()
            except TimeoutError:
                await self._ask(loop.time())
            if news.is_set():
                return True
        return False

    async def _ask(self, now_s: float) -> None:
        with self._lock:
            if now_s - self._asked_at < _POLL_S / 2:
                return
            self._asked_at = now_s
        self.saw(await self._last())
