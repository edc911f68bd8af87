"""Log lines: search, live tail, what they say, what stands around one; and the sources that they come from."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from vigie.domain.finding import Level
from vigie.interfaces import lines
from vigie.interfaces.api.doors import Caller, Given, Known
from vigie.interfaces.services import Services

if TYPE_CHECKING:
    from vigie.memory.lines.store import Question

router = APIRouter(prefix="/api/v1", tags=["logs"])
Words = Annotated[str, Query(max_length=1000, description="all of these words, whole, small and capital letters alike")]
HostName = Annotated[str | None, Query(max_length=63)]
Template = Annotated[str | None, Query(pattern=r"^[0-9a-f]{12}$", description="the id of a template")]
Named = Annotated[str | None, Query(max_length=200)]
LineId = Annotated[str, Query(pattern=r"^[0-9]{1,15}:[0-9]{1,5}$")]
_KEEP_ALIVE_S = 15.0


@dataclass(frozen=True, slots=True)
class Filter:
    """Which lines: what searching and following have in common."""

    q: Words = ""
    host: HostName = None
    template: Template = None
    level: Level | None = None
    service: Named = None

    async def question(self, services: Services, caller: Caller) -> "Question":
        """Return the question about the lines of hosts that the caller has to do with."""
        from vigie.memory.lines.store import Question

        level = self.level.value if self.level else None
        return Question(self.q, self.host, level, self.service, hosts=await caller.visible(services))


Asked = Annotated[Filter, Depends()]


@router.get("/logs/search")
async def search_logs(
    services: Given,
    caller: Known,
    asked: Asked,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[str | None, Query(max_length=80, description="what `next` of the page before said")] = None,
    like: Annotated[
        str, Query(max_length=1000, description="the id of a line or a template, or words: lines that say the like")
    ] = "",
) -> dict[str, Any]:
    """Search the kept lines, the latest first."""
    question = replace(
        await asked.question(services, caller),
        since_s=_seconds(since, float("-inf")),
        until_s=_seconds(until, float("inf")),
        limit=limit,
        before=lines.rank(before) if before else None,
    )
    return await lines.search(services, question, asked.template, like)


@router.get("/logs/tail", response_class=StreamingResponse)
async def tail_logs(
    services: Given,
    caller: Known,
    asked: Asked,
) -> StreamingResponse:
    """Follow the lines as they are kept: server-sent events, each a line; `missed` tells of lines that came too quickly."""
    question = await lines.narrowed(services, await asked.question(services, caller), asked.template)
    return StreamingResponse(_written(services, question), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@router.get("/logs/templates")
async def list_templates(
    services: Given, caller: Known, host: HostName = None, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> dict[str, list[dict[str, Any]]]:
    """List what the lines of the last day say, the most said first."""
    return {"templates": await lines.templates(services, host, await caller.visible(services), limit)}


@router.get("/logs/context")
async def show_context(
    services: Given,
    caller: Known,
    id: LineId,  # noqa: A002  # the name is promised
    lines_around: Annotated[int, Query(alias="lines", ge=0, le=500)] = 50,
) -> dict[str, Any]:
    """Show a line among those of its source before and after it."""
    return await lines.context(services, id, lines_around, await caller.visible(services))


@router.get("/sources")
async def list_sources(services: Given, caller: Known) -> dict[str, Any]:
    """List the sources of lines: how much they give, how far behind they are, what was lost."""
    visible = await caller.visible(services)
    refused = lines.refused(services, caller.language) if visible is None else {}
    return {"sources": await lines.sources(services, visible), "refused": refused, "keeping": lines.keeping(services)}


def _seconds(at: datetime | None, otherwise: float) -> float:
    if at is None:
        return otherwise
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


async def _written(services: Services, question: "Question") -> AsyncIterator[str]:
    from vigie.collectors.keeping import each

    yield "retry: 1000\n\n"
    told = 0
    with services.watchtower.keeper.followed() as follower:
        async for hit in each(follower, _KEEP_ALIVE_S):
            if follower.missed != told:
                told = follower.missed
                yield f"event: missed\ndata: {json.dumps({'missed': told})}\n\n"
            if hit is None:
                yield ": still here\n\n"
            elif question.takes(hit):
                yield f"id: {hit.id}\ndata: {json.dumps(lines.document(hit))}\n\n"
