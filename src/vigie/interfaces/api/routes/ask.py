"""The conversation: ask in words, read one's own history, forget a session, see where it stands."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from vigie.cases.conversation import SESSION
from vigie.interfaces import asking
from vigie.interfaces.api import schemas
from vigie.interfaces.api.doors import Given, Known, Operator

router = APIRouter(prefix="/api/v1/ask", tags=["ask"])
SessionName = Annotated[str, Path(pattern=schemas.SESSION_PATTERN)]
SessionQuery = Annotated[str | None, Query(pattern=schemas.SESSION_PATTERN)]


@router.post("")
async def ask(services: Given, caller: Operator, body: schemas.Request) -> dict[str, Any]:
    """Answer a request in words. A change is started as a case: `results` names it, and whether it waits for an approval."""
    exchange = await services.conversation.ask(
        body.text,
        person=caller.person,
        hosts=body.hosts,
        session=body.session or SESSION,
        dry=body.dry_run,
        hint=caller.language,
        wait=False,
        scope=caller.hosts,
    )
    return asking.document(exchange)


@router.get("/history")
async def history(
    services: Given,
    caller: Known,
    session: SessionQuery = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> dict[str, Any]:
    """List one's own exchanges, newest first; `q` searches words, lines and answers."""
    found = await services.store.exchanges.list(caller.person, session=session, text=q, limit=limit + 1, before=before)
    rows = [asking.document(exchange) for exchange in found[:limit]]
    return {"exchanges": rows, "next": rows[-1]["id"] if len(found) > limit else None}


@router.get("/status")
async def status(services: Given, caller: Known, session: SessionQuery = None) -> dict[str, Any]:
    """Say where a conversation stands, and what could be asked."""
    return await services.conversation.status(caller.person, session or SESSION, caller.language, caller.hosts)


@router.delete("/sessions/{name}")
async def forget(services: Given, caller: Known, name: SessionName) -> dict[str, int]:
    """Forget a conversation."""
    return {"forgotten": await services.store.exchanges.forget(caller.person, name)}
