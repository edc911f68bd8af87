"""What people were asked, what they decided, and that each decision is used once."""

from dataclasses import fields
from datetime import datetime

from sqlalchemy import RowMapping

from vigie.domain.approval import Approval, Decision
from vigie.domain.errors import Permanent
from vigie.memory.schema import approvals
from vigie.memory.scope import Rows, Scope


class Approvals:
    """Each bound to the hash of the plan that was shown."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def save(self, approval: Approval) -> None:
        """Store a request for approval, or replace it."""
        values = {_COLUMNS.get(field.name, field.name): getattr(approval, field.name) for field in fields(Approval)}
        await self._scope.write(lambda rows: rows.put(approvals, **values))

    async def get(self, approval_id: str) -> Approval:
        """Return an approval.

        Raises:
            Permanent: there is none.
        """
        row = await self._scope.read(lambda rows: rows.first(approvals, approvals.c.id == approval_id))
        if row is None:
            raise Permanent("approval.unknown", approval=approval_id)
        return _approval(row)

    async def waiting(self, case: str) -> Approval | None:
        """Return the newest request of a case that nobody has decided, expired or not."""
        where = (approvals.c.case_id == case, approvals.c.decision == Decision.WAITING.value)
        newest = [approvals.c.asked_at.desc()]
        row = await self._scope.read(lambda rows: rows.first(approvals, *where, order=newest))
        return _approval(row) if row else None

    async def decide(self, approval_id: str, decision: Decision, by: str, plan_hash: str, now: datetime) -> Approval:
        """Write down what a person decided on exactly what they were shown.

        Raises:
            Permanent: unknown, decided before, another plan, or too late.
        """
        if decision not in (Decision.APPROVED, Decision.REJECTED):
            raise ValueError(f"{decision!r} is no decision of a person")
        changes = {"decision": decision.value, "decided_by": by, "decided_at": now}
        return await self._move(approval_id, Decision.WAITING, plan_hash, now, changes)

    async def use(self, approval_id: str, plan_hash: str, now: datetime) -> Approval:
        """Use an approval up; of all who try at once, one succeeds.

        Raises:
            Permanent: unknown, not approved, used before, another plan, or too late.
        """
        return await self._move(approval_id, Decision.APPROVED, plan_hash, now, {"decision": Decision.USED.value})

    async def _move(
        self, approval_id: str, needed: Decision, plan_hash: str, now: datetime, changes: dict[str, object]
    ) -> Approval:
        this = approvals.c.id == approval_id

        def work(rows: Rows) -> Approval | Permanent:
            row = rows.locked(approvals, this)
            if row is None:
                return Permanent("approval.unknown", approval=approval_id)
            approval = _approval(row)
            refusal = _refusal(approval, needed, plan_hash, now)
            if refusal is None:
                rows.change(approvals, this, **changes)
                return _approval({**row, **changes})
            if refusal.key == "approval.expired":
                rows.change(approvals, this, decision=Decision.EXPIRED.value)
            return refusal

        answer = await self._scope.write(work)
        if isinstance(answer, Permanent):
            raise answer
        return answer


_COLUMNS = {"case": "case_id"}


def _refusal(approval: Approval, needed: Decision, plan_hash: str, now: datetime) -> Permanent | None:
    told = {"approval": approval.id, "case": approval.case}
    if approval.decision is Decision.EXPIRED:
        return Permanent("approval.expired", **told)
    if approval.decision is not needed:
        key = "approval.not_approved" if approval.decision is Decision.WAITING else "approval.decided"
        return Permanent(key, **told)
    if approval.plan_hash != plan_hash:
        return Permanent("approval.hash", **told)
    return Permanent("approval.expired", **told) if now >= approval.expires_at else None


def _approval(row: RowMapping | dict[str, object]) -> Approval:
    values = {field.name: row[_COLUMNS.get(field.name, field.name)] for field in fields(Approval)}
    return Approval(**{**values, "decision": Decision(values["decision"])})  # type: ignore[arg-type]  # a row is untyped
