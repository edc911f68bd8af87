"""What the conversation is used for: how much, what for, how well, and the time that it saves."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from vigie.interfaces import usage as told
from vigie.interfaces.api.doors import Given, Known

router = APIRouter(prefix="/api/v1", tags=["ask"])


@router.get("/usage")
async def usage(services: Given, caller: Known, days: Annotated[int, Query(ge=1, le=told.DAYS_MAX)] = 30) -> dict[str, Any]:
    """Count what was asked in the last days, everybody's together; no words and no names."""
    today = services.clock.now().date()
    first = told.since(today, days)
    return told.document(await services.store.usage.list(first), first, today, services.knowledge, caller.language)
