"""Cases as the interfaces ask for them: the stored case, its approval, its rows of the journal, in one document."""

from collections.abc import Mapping
from typing import Any

from vigie.domain.approval import Approval
from vigie.domain.case import Case
from vigie.domain.errors import Permanent
from vigie.domain.happening import Happening
from vigie.i18n import Language
from vigie.interfaces.case_document import document
from vigie.interfaces.services import Services

_PAGE = 500


async def told_case(services: Services, case: Case, language: Language, *, timeline: bool = True) -> dict[str, Any]:
    """Return everything that is told of a case."""
    happenings = await timeline_of(services, case.id) if timeline else []
    whole = document(case, happenings, language, approval=await approval_of(services, case), titles=titles_of(services))
    if not timeline:
        del whole["timeline"]
    return whole


async def approval_of(services: Services, case: Case) -> Approval | None:
    """Return the decision that the case waits for, or the last one."""
    if case.approval is None:
        return await services.store.approvals.waiting(case.id)
    try:
        return await services.store.approvals.get(case.approval)
    except Permanent:
        return None


async def timeline_of(services: Services, case_id: str, after: int = 0) -> list[Happening]:
    """Return all rows of a case, oldest first."""
    rows: list[Happening] = []
    while page := await services.store.journal.read(after, case=case_id, limit=_PAGE):
        rows += page
        after = page[-1].seq
        if len(page) < _PAGE:
            break
    return rows


def titles_of(services: Services) -> Mapping[str, Mapping[str, str]]:
    """Return the causes' titles, by name and language."""
    return {name: cause.title.model_dump() for name, cause in services.knowledge.causes.items()}
