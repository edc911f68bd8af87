"""The one unit of work: incident, ticket, request, change, task."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from vigie.domain.action import ActionRecord, Plan
from vigie.domain.baseline import Change
from vigie.domain.diagnosis import Verdict
from vigie.domain.fact import Fact
from vigie.domain.finding import Finding
from vigie.domain.host import Autonomy


class CaseKind(StrEnum):
    """Where the work came from."""

    INCIDENT = "incident"
    TICKET = "ticket"
    REQUEST = "request"
    CHANGE = "change"
    TASK = "task"


class Phase(StrEnum):
    """Where a case stands in its life."""

    OPEN = "open"
    UNDERSTAND = "understand"
    DIAGNOSE = "diagnose"
    PLAN = "plan"
    APPROVE = "approve"
    BACK_UP = "back_up"
    ACT = "act"
    VERIFY = "verify"
    ROLL_BACK = "roll_back"
    REPORT = "report"
    LEARN = "learn"
    WATCH = "watch"
    CLOSED = "closed"


class CaseState(StrEnum):
    """How a case stands for those who wait for it. The last four are ends; WAITING waits for a person."""

    WORKING = "working"
    WAITING = "waiting"
    RESOLVED = "resolved"
    ESCALATED = "escalated"
    NO_FAULT = "no_fault"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """Say whether nothing more will happen by itself."""
        return self not in (CaseState.WORKING, CaseState.WAITING)


@dataclass(frozen=True, slots=True)
class Spans:
    """How long each part took, in seconds; None where it did not happen."""

    detect: float | None = None
    diagnose: float | None = None
    repair: float | None = None
    total: float | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One trouble from its first sign to its end.

    `version` rises by one at each save, so that two writers cannot overwrite each other; `leg` counts the runs of its life.
    `tried` names causes whose remedy was applied and taken back. `labels` are all causes mended, first first. `facts` are the
    evidence kept with the case. `timeout_s` bounds the whole of it; `left_s` is what was left of that at `updated_at`. `ending`
    is the end that a case is heading for while its report is being written.
    """

    id: str
    tenant: str
    kind: CaseKind
    host: str
    title: str
    language: str
    autonomy: Autonomy
    opened_at: datetime
    updated_at: datetime
    state: CaseState = CaseState.WORKING
    phase: Phase = Phase.OPEN
    version: int = 0
    leg: int = 0
    timeout_s: float = 300.0
    ticket: str | None = None
    findings: tuple[Finding, ...] = ()
    changes: tuple[Change, ...] = ()
    facts: tuple[Fact, ...] = ()
    verdict: Verdict | None = None
    plan: Plan | None = None
    approval: str | None = None
    actions: tuple[ActionRecord, ...] = ()
    backups: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    verified: bool = False
    rolled_back: bool = False
    report: dict[str, str] = field(default_factory=dict)
    seconds: Spans = field(default_factory=Spans)
    ending: CaseState | None = None
    left_s: float | None = None
