"""Where the gate's parts work: one host, one case, who asks, and the two ways to reach the host."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vigie.domain.action import Action, ActionRecord, Outcome, Plan
from vigie.domain.fact import Value
from vigie.domain.happening import Happening
from vigie.domain.host import Host
from vigie.policy.effects import Judgement
from vigie.policy.limits import Limits
from vigie.policy.looking import ReadLines
from vigie.policy.redaction import redact
from vigie.tools.transports.transport import Transport

if TYPE_CHECKING:
    from vigie.memory.memory import TenantMemory


@dataclass(frozen=True)
class Scene:
    """`read` runs safe reads and writes them down; `transport` runs anything: only after its row is on the disk."""

    memory: "TenantMemory"
    transport: Transport
    read: ReadLines
    limits: Limits
    host: Host
    case: str
    actor: str

    async def tell(self, kind: str, body: dict[str, Value], *, ref: str | None = None) -> Happening:
        """Write a row; on return it is on the disk."""
        return await self.memory.journal.append(
            kind, actor=self.actor, case=self.case, body={"host": self.host.name, **body}, ref=ref
        )


@dataclass(frozen=True)
class Task:
    """An action with what the gate knows of it; `feeds` is what the lines of witness, goal and undo read."""

    action: Action
    plan: Plan
    judgement: Judgement
    stdin: bytes | None = None
    approval: str | None = None
    feeds: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def reversible(self) -> bool:
        """Say whether there is a way back: undo lines, or a backup."""
        return bool(self.action.step.undo or self.plan.backups)

    def record(self, outcome: Outcome, detail: str = "") -> ActionRecord:
        """Return what is told of it."""
        return ActionRecord(
            id=self.action.id,
            command=redact(self.action.step.line),
            host=self.action.host,
            effect_class=self.judgement.effect_class,
            effects=tuple(redact(effect) for effect in self.judgement.effects),
            reversible=self.reversible,
            outcome=outcome,
            detail=f"gate.details.{detail}" if detail else "",
        )
