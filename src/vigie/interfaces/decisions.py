"""Waiting for a person's decision on a case, wherever it is taken: terminal, console, API."""

import asyncio

from vigie.domain.case import Case, CaseState
from vigie.interfaces.services import Services

_LOOK_AGAIN_S = 0.3


async def until_decided(services: Services, case_id: str) -> Case:
    """Return the case once it waits no more."""
    while (case := await services.desk.get(case_id)).state is CaseState.WAITING:  # noqa: ASYNC110  # decided in any process
        await asyncio.sleep(_LOOK_AGAIN_S)
    return case


async def approve(services: Services, case: Case, *, plan_hash: str, by: str) -> Case:
    """Approve, and see that the case goes on in this process."""
    approved = await services.desk.approve(case.id, plan_hash=plan_hash, by=by)
    await services.desk.start(approved.id)
    return await services.desk.get(approved.id)


async def reject(services: Services, case: Case, *, by: str, reason: str = "") -> Case:
    """Reject, and see that the case goes on in this process."""
    rejected = await services.desk.reject(case.id, by=by, reason=reason)
    await services.desk.start(rejected.id)
    return await services.desk.get(rejected.id)
