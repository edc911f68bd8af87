"""A toy team on a toy world, so that a life's turns can be seen without a host. The memory is the real one."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from vigie.agents.registry import Registry
from vigie.agents.verifier import Seen
from vigie.cases.team import Team
from vigie.domain.action import Action, ActionRecord, Backup, EffectClass, Outcome, Plan, Step
from vigie.domain.baseline import Change
from vigie.domain.case import Case
from vigie.domain.diagnosis import Hypothesis, Verdict, VerdictKind
from vigie.domain.errors import Permanent
from vigie.domain.fact import Fact
from vigie.domain.happening import Happening
from vigie.domain.host import Host
from vigie.domain.lesson import Lesson
from vigie.domain.watch import Watch
from vigie.memory.memory import TenantMemory
from vigie.reasoning.complaint import Complaint

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass
class World:
    """What is wrong, what the diagnosis will believe in turn, and what was done to it."""

    faults: list[str]
    believed: list[str | None]
    done: list[str] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    raises: dict[str, Exception] = field(default_factory=dict)
    slow_s: dict[str, float] = field(default_factory=dict)
    asks: bool = False
    complained: str | None = None

    async def meets(self, name: str) -> None:
        if name in self.slow_s:
            await asyncio.sleep(self.slow_s[name])
        if name in self.raises:
            raise self.raises[name]


class Toy:
    """Every specialist at once."""

    def __init__(self, world: World, memory: TenantMemory) -> None:
        self.world = world
        self.memory = memory

    async def meet(self, host: Host) -> Host:
        await self.world.meets("meet")
        return host

    async def changes(self, host: Host, *, case: str | None, seen: list[Fact]) -> list[Change]:
        await self.world.meets("changes")
        return []

    async def understand(self, case: Case) -> Complaint:
        await self.world.meets("understand")
        return Complaint()

    async def diagnose(
        self, host: Host, case: Case, complaint: Complaint, *, seen: list[Fact], since: datetime | None, blind: bool
    ) -> Verdict:
        await self.world.meets("diagnose")
        left = [each for each in self.world.believed if each not in case.tried and each not in case.labels]
        if not left:
            return Verdict(VerdictKind.UNDECIDED, None, (), 0.2, "look.closer")
        if left[0] is None:
            return Verdict(VerdictKind.NO_FAULT, None, (), 0.95)
        known = [each for each in left if each is not None]
        hypotheses = tuple(Hypothesis(each, each, {}, 0.95 / len(known)) for each in known)
        return Verdict(VerdictKind.CAUSE, hypotheses[0], hypotheses, 0.95)

    async def plan(self, host: Host, case: Case) -> Plan | None:
        await self.world.meets("plan")
        assert case.verdict is not None
        assert case.verdict.leader is not None
        cause = case.verdict.leader.cause
        if cause == "hopeless":
            return None
        steps = tuple(Step(f"mend {cause} {n}", "witness", "goal", undo=(f"unmend {cause} {n}",)) for n in (1, 2))
        return Plan(f"P-{cause}", host.name, cause, cause, {}, steps, loses_nothing=True)

    async def back_up(self, host: Host, plan: Plan, *, case: str) -> Backup | None:
        await self.world.meets("back_up")
        return Backup(f"B-{case}", case, host.name, NOON, (("/etc/x", "0" * 64),))

    async def restore(self, host: Host, backup: str) -> list[ActionRecord]:
        return []

    async def act(self, host: Host, action: Action, plan: Plan, *, approval: str | None, budget: object) -> ActionRecord:
        if self.world.asks and approval is None:
            from vigie.domain.errors import NeedsApproval

            raise NeedsApproval("gate.needs_approval", "none")
        await self.memory.journal.append("action.intent", actor="agent:toy", case=action.case, ref=action.id)
        self.world.done.append(action.step.line)
        await self.world.meets("act")
        return _record(action, Outcome.DONE)

    async def undo(self, host: Host, action: Action, plan: Plan) -> ActionRecord:
        await self.world.meets("undo")
        self.world.undone.append(action.step.line)
        return _record(action, Outcome.UNDONE)

    async def verify(
        self, host: Host, case: Case, plan: Plan, leader: Hypothesis, *, looked: Callable[[bool], Awaitable[None]]
    ) -> Seen:
        good = leader.cause in self.world.faults
        await looked(good)
        await self.world.meets("verify")
        if good:
            self.world.faults.remove(leader.cause)
        return Seen(
            helped=good,
            symptoms_gone=self.world.complained not in self.world.faults if self.world.complained else not self.world.faults,
            good=(),
            still=(),
            broken=(),
            sustained_s=1.0,
        )

    async def keep_watch(self, case: Case) -> Watch | None:
        await self.world.meets("keep_watch")
        return None

    async def report(self, case: Case, happenings: list[Happening]) -> dict[str, str]:
        await self.world.meets("report")
        return {"en": f"report of {case.id}", "fr": f"rapport de {case.id}"}

    async def learn(self, case: Case) -> list[Lesson]:
        await self.world.meets("learn")
        return []


def team_of(world: World, memory: TenantMemory) -> Team:
    toy = cast("Any", Toy(world, memory))
    return Team(Registry(memory), toy, toy, toy, toy, toy, toy, toy, toy, toy)


def _record(action: Action, outcome: Outcome) -> ActionRecord:
    return ActionRecord(action.id, action.step.line, action.host, EffectClass.REVERSIBLE, (), True, outcome)


def broken() -> Permanent:
    return Permanent("case.unknown", case="C-0")
