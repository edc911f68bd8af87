"""A person's decision, bound to exactly what was shown, single use, expiring."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Decision(StrEnum):
    """What became of a request for approval."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    USED = "used"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Approval:
    """`plan_hash` is what was shown; any other plan needs another approval."""

    id: str
    case: str
    host: str
    plan_hash: str
    asked_at: datetime
    expires_at: datetime
    decision: Decision = Decision.WAITING
    decided_by: str | None = None
    decided_at: datetime | None = None
