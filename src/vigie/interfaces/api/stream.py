"""Server-sent events: the journal as it is written; `id` is the row's number, so that a reader resumes where it was."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable

from fastapi import Request
from fastapi.responses import StreamingResponse

from vigie.domain.happening import Happening
from vigie.i18n import Language
from vigie.interfaces.api.feed import Feed
from vigie.interfaces.happening_text import event
from vigie.interfaces.redacted import redacted

Shows = Callable[[Happening], Awaitable[bool]]
# Below the idle limit of common proxies, and often enough to notice a reader that has gone.
_KEEP_ALIVE_S = 15.0
# A reader may be ahead of the feed's own reader, by what is written in an instant.
_AHEAD = 1000


def stream(
    request: Request, *, case: str | None, after: int | None, default: int, language: Language, shows: Shows | None = None
) -> StreamingResponse:
    """Answer with a stream that starts after the row that the reader has seen, else after `default`; of the rows that `shows`."""
    start = _last_seen(request) if after is None else after
    feed: Feed = request.app.state.feed
    if start is None or start > feed.position + _AHEAD:
        # A number from another journal, or from nowhere: waiting for it would show nothing for ever.
        start = default
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(_written(feed, start, case, language, shows), media_type="text/event-stream", headers=headers)


async def _written(feed: Feed, after: int, case: str | None, language: Language, shows: Shows | None) -> AsyncIterator[str]:
    yield "retry: 1000\n\n"
    async for page in feed.rows(after, case=case, quiet_s=_KEEP_ALIVE_S):
        if not page:
            yield ": still here\n\n"
        for happening in page:
            if shows is not None and not await shows(happening):
                continue
            data = json.dumps(redacted(event(happening, language)))
            yield f"id: {happening.seq}\ndata: {data}\n\n"


def _last_seen(request: Request) -> int | None:
    given = request.headers.get("last-event-id", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
