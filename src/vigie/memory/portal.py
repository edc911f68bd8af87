"""An event loop of its own in a thread, for a driver whose connections belong to one loop while its users come from many."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Portal:
    """Runs coroutines to their end, whatever becomes of those who asked."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    async def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine there; cancelling the caller leaves it running."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        return await asyncio.shield(asyncio.wrap_future(future))

    async def close(self) -> None:
        """Stop the loop and its thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join)
        self._loop.close()
