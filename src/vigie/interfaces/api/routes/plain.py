"""The cases on plain pages: what is shown where the console is not built or its script does not run."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from vigie.interfaces import decisions
from vigie.interfaces.api.doors import Caller, Given, Known, Operator, case_for
from vigie.interfaces.api.pages import page
from vigie.interfaces.case_document import summary
from vigie.interfaces.cases import told_case
from vigie.interfaces.services import Services

router = APIRouter(prefix="/plain", include_in_schema=False)
CaseId = Annotated[str, Path(pattern=r"^(C-|c-)?[0-9]{1,12}$")]
_CASES_MAX = 100


@router.get("", response_class=HTMLResponse)
async def cases(request: Request, services: Given, caller: Known) -> HTMLResponse:
    """List the cases."""
    return await cases_page(request, services, caller)


async def cases_page(request: Request, services: Services, caller: Caller) -> HTMLResponse:
    """Return the list of cases as a page."""
    visible = await caller.visible(services)
    found = await services.desk.list(limit=_CASES_MAX)
    rows = [summary(case) for case in found if visible is None or case.host in visible]
    is_built = request.app.state.console.is_built
    return page("cases", caller.language, cases=rows, csrf=caller.csrf, is_built=is_built)


@router.get("/cases/{case_id}", response_class=HTMLResponse)
async def case(services: Given, caller: Known, case_id: CaseId) -> HTMLResponse:
    """Show one case."""
    document = await told_case(services, await case_for(services, caller, case_id), caller.language)
    return page("case", caller.language, case=document, csrf=caller.csrf)


@router.post("/cases/{case_id}/approve", response_class=HTMLResponse)
async def approve(
    services: Given,
    caller: Operator,
    case_id: CaseId,
    plan_hash: Annotated[str, Form(pattern=r"^[0-9a-f]{64}$")],
    csrf: Annotated[str, Form()],
) -> Response:
    """Approve exactly the plan that was on the page."""
    del csrf  # compared by the door
    approved = await decisions.approve(services, await case_for(services, caller, case_id), plan_hash=plan_hash, by=caller.actor)
    return RedirectResponse(f"/plain/cases/{approved.id}", status_code=303)


@router.post("/cases/{case_id}/reject", response_class=HTMLResponse)
async def reject(
    services: Given,
    caller: Operator,
    case_id: CaseId,
    csrf: Annotated[str, Form()],
    reason: Annotated[str, Form(max_length=10_000)] = "",
) -> Response:
    """Reject the plan that was on the page."""
    del csrf  # compared by the door
    rejected = await decisions.reject(services, await case_for(services, caller, case_id), by=caller.actor, reason=reason)
    return RedirectResponse(f"/plain/cases/{rejected.id}", status_code=303)
