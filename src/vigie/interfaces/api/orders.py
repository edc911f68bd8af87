"""An order for many hosts, told of while it runs: server-sent events, first how far it has come, in the end its document."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

from vigie.domain.errors import VigieError
from vigie.domain.fleet import Progress
from vigie.i18n import Language
from vigie.interfaces import fleet
from vigie.interfaces.fleet import Told
from vigie.interfaces.told import told

Work = Callable[[Callable[[Progress], None]], Awaitable[Told]]
MEDIA_TYPE = "text/event-stream"
_EVERY_S = 0.1
_KEEP_ALIVE_S = 15.0


class Orders:
    """The orders at work. Whoever follows one may leave: it goes on to its end, as it would without."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Told]] = set()

    async def begin(self, work: Work, language: Language) -> AsyncIterator[str]:
        """Begin an order and return what is told of it.

        Raises:
            VigieError: it was not begun.
        """
        latest: list[Progress] = []
        moved = asyncio.Event()

        def note(progress: Progress) -> None:
            latest[:] = [progress]
            moved.set()

        async def followed() -> Told:
            try:
                return await work(note)
            finally:
                moved.set()

        task = asyncio.create_task(followed())
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        await moved.wait()
        if task.done() or not latest:
            await asyncio.shield(task)
        return _written(task, latest, moved, language)

    async def close(self) -> None:
        """End what still runs, as it is ended with the server."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: "asyncio.Task[Told]") -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # whoever follows is told of it; nobody may


async def _written(
    task: "asyncio.Task[Told]", latest: list[Progress], moved: asyncio.Event, language: Language
) -> AsyncIterator[str]:
    while not task.done():
        moved.clear()
        if latest:
            yield _event("progress", fleet.progress_document(latest.pop()))
        await asyncio.sleep(_EVERY_S)
        with suppress(TimeoutError):
            async with asyncio.timeout(_KEEP_ALIVE_S):
                await moved.wait()
        if not latest:
            yield ": still here\n\n"
    try:
        yield _event("ended", fleet.document(await task, language))
    except VigieError as error:
        yield _event("problem", told(error, language).document())


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
