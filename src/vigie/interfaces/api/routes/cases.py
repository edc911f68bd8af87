"""Cases: open, list, read, decide, follow."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import StreamingResponse

from vigie.domain.case import Case, CaseState
from vigie.domain.happening import Happening
from vigie.interfaces import decisions
from vigie.interfaces.api import schemas
from vigie.interfaces.api.doors import Caller, Given, Known, Operator, case_for, host_for
from vigie.interfaces.api.stream import stream
from vigie.interfaces.case_document import summary
from vigie.interfaces.cases import told_case
from vigie.interfaces.services import Services

router = APIRouter(prefix="/api/v1", tags=["cases"])
CaseId = Annotated[str, Path(pattern=r"^(C-|c-)?[0-9]{1,12}$", description="C-12 or 12")]
After = Annotated[int | None, Query(ge=0, description="the last row already seen; the header Last-Event-ID says the same")]


@router.get("/cases")
async def list_cases(
    services: Given,
    caller: Known,
    state: Annotated[list[CaseState] | None, Query()] = None,
    host: Annotated[str | None, Query(max_length=63)] = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    before: Annotated[str | None, Query(pattern=r"^(C-|c-)?[0-9]{1,12}$")] = None,
) -> schemas.CaseList:
    """List cases, newest first."""
    visible = await caller.visible(services)
    found: list[Case] = []
    while len(found) <= limit:
        page = await services.desk.list(states=state or None, host=host or None, text=q or None, limit=limit + 1, before=before)
        found += [case for case in page if visible is None or case.host in visible]
        if len(page) <= limit:
            break
        before = page[-1].id
    rows = [schemas.CaseRow(**summary(case)) for case in found[:limit]]
    return schemas.CaseList(cases=rows, next=rows[-1].id if len(found) > limit else None)


@router.post("/cases", status_code=201)
async def open_case(services: Given, caller: Operator, body: schemas.NewCase) -> schemas.CaseDocument:
    """Open a case and start working it; the same host and ticket within an hour are the same case."""
    case = await services.desk.open(
        (await host_for(services, caller, body.host)).name,
        ticket=body.ticket,
        autonomy=body.autonomy,
        timeout_s=body.timeout_s,
        language=body.language or caller.language,
    )
    await services.desk.start(case.id)
    return await _told(services, await services.desk.get(case.id), caller)


@router.get("/cases/{case_id}")
async def show_case(services: Given, caller: Known, case_id: CaseId) -> schemas.CaseDocument:
    """Show a case with its timeline."""
    return await _told(services, await case_for(services, caller, case_id), caller)


@router.get("/cases/{case_id}/events", response_class=StreamingResponse)
async def case_events(
    request: Request, services: Given, caller: Known, case_id: CaseId, after: After = None
) -> StreamingResponse:
    """Follow a case: server-sent events, from its first row on unless told otherwise."""
    case = await case_for(services, caller, case_id)
    return stream(request, case=case.id, after=after, default=0, language=caller.language)


@router.get("/events", response_class=StreamingResponse)
async def all_events(
    request: Request,
    services: Given,
    caller: Known,
    after: After = None,
    recent: Annotated[int, Query(ge=0, le=1000, description="start this many rows back")] = 0,
) -> StreamingResponse:
    """Follow everything: server-sent events, from now on unless told otherwise."""
    now: int = request.app.state.feed.position
    shows = None if not caller.hosts else OfHosts(services, caller).shows
    return stream(request, case=None, after=after, default=max(0, now - recent), language=caller.language, shows=shows)


@router.post("/cases/{case_id}/approve")
async def approve(services: Given, caller: Operator, case_id: CaseId, body: schemas.Approve) -> schemas.CaseDocument:
    """Approve exactly the plan whose hash is given."""
    case = await case_for(services, caller, case_id)
    return await _told(services, await decisions.approve(services, case, plan_hash=body.hash, by=caller.actor), caller)


@router.post("/cases/{case_id}/reject")
async def reject(services: Given, caller: Operator, case_id: CaseId, body: schemas.Reject) -> schemas.CaseDocument:
    """Reject the plan that the case waits with."""
    case = await case_for(services, caller, case_id)
    return await _told(services, await decisions.reject(services, case, by=caller.actor, reason=body.reason), caller)


@router.post("/cases/{case_id}/comment")
async def comment(services: Given, caller: Operator, case_id: CaseId, body: schemas.Comment) -> schemas.CaseDocument:
    """Say something in a case."""
    case = await case_for(services, caller, case_id)
    return await _told(services, await services.desk.comment(case.id, by=caller.actor, text=body.text), caller)


class OfHosts:
    """Says which rows of the journal belong to cases that a caller has to do with."""

    def __init__(self, services: Services, caller: Caller) -> None:
        self._services = services
        self._caller = caller
        self._known: dict[str, bool] = {}

    async def shows(self, row: Happening) -> bool:
        """Say whether the row is shown; what belongs to no case is not."""
        if row.case is None:
            return False
        if row.case not in self._known:
            visible = await self._caller.visible(self._services)
            case = await self._services.desk.get(row.case)
            self._known[row.case] = visible is None or case.host in visible
        return self._known[row.case]


async def _told(services: Services, case: Case, caller: Caller) -> schemas.CaseDocument:
    document: dict[str, Any] = await told_case(services, case, caller.language)
    return schemas.CaseDocument(**document)
