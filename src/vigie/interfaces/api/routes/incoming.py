"""What programs send to us: log lines, alerts, events. Who sends proves who they are to the source, not to the API."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from vigie.domain.errors import Permanent
from vigie.interfaces.api.doors import Given
from vigie.interfaces.api.problems import Turned

router = APIRouter(prefix="/api/v1", tags=["logs"])
SlotName = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$", description="the name of the source")]
_STATUS = {"source.forged": 401, "source.not_understood": 400, "source.no_secret": 503}


@router.post("/in/{name}", status_code=202)
@router.post("/in/{name}/v1/logs", status_code=202)
async def take_in(services: Given, request: Request, name: SlotName) -> dict[str, Any]:
    """Take what is sent to a source: durable once it is answered with 202."""
    receiver = services.watchtower.receiver(name)
    if receiver is None:
        raise Turned(404, "api.http_404")
    headers = {key.lower(): value for key, value in request.headers.items()}
    try:
        return {"taken": await receiver.accept(headers, await request.body())}
    except Permanent as error:
        if error.key in _STATUS:
            raise Turned(_STATUS[error.key], error.key, **error.values) from error
        raise
