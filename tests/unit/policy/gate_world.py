"""A real memory, a real folder, and the gate before this very machine. Also run as a program, to be killed."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from vigie.clock import Clock, SystemClock
from vigie.domain.action import Action, ActionRecord, Plan, Step
from vigie.domain.approval import Approval, Decision
from vigie.domain.happening import Happening
from vigie.domain.host import Autonomy, Host
from vigie.memory.memory import Memory, TenantMemory
from vigie.policy import crash
from vigie.policy.gate import Gate
from vigie.policy.limits import Budget, Limits
from vigie.tools.hands import Hands

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LIMITS = Limits(goal_wait_s=0.3, orphan_settle_s=0.5)
ACTOR = "agent:resolver"


@dataclass
class World:
    """What a test of the gate needs at hand."""

    folder: Path
    memory: TenantMemory
    hands: Hands
    gate: Gate
    clock: Clock
    known: dict[str, tuple[Step, ...]] = field(default_factory=dict)
    whole: Memory | None = None

    @property
    def counter(self) -> Path:
        return self.folder / "counter"

    @property
    def count(self) -> int:
        return self.counter.read_text().count("x") if self.counter.exists() else 0

    def host(self, autonomy: Autonomy = Autonomy.ACT, name: str = "here") -> Host:
        return Host(name, "local", autonomy=autonomy)

    async def act(
        self, plan: Plan, index: int = 0, *, autonomy: Autonomy = Autonomy.ACT, approval: str | None = None
    ) -> ActionRecord:
        return await self.gate.act(
            self.host(autonomy), action(plan, index), plan, actor=ACTOR, approval=approval, budget=Budget()
        )

    async def approve(self, plan: Plan, **changes: object) -> str:
        now = self.clock.now()
        asked = Approval("A-1", "C-1", "here", plan.hash, now, now + timedelta(hours=1))
        asked = replace(asked, **changes)  # type: ignore[arg-type]  # what a test alters
        await self.memory.approvals.save(asked)
        if asked.decision is Decision.WAITING and "decision" not in changes:
            await self.memory.approvals.decide(asked.id, Decision.APPROVED, "person:p", asked.plan_hash, now)
        return asked.id

    async def kinds(self, ref: str) -> list[str]:
        return [row.kind for row in await self.memory.journal.of_ref(ref)]

    async def rows(self, kind: str) -> list[Happening]:
        return [row for row in await self.memory.journal.read(limit=1000) if row.kind == kind]


@asynccontextmanager
async def world(home: Path, folder: Path, clock: Clock | None = None, limits: Limits = LIMITS) -> "AsyncIterator[World]":
    clock = clock or SystemClock()
    folder.mkdir(exist_ok=True)
    memory = await Memory.open(home, clock=clock)
    mine = memory.of()
    hands = Hands(secrets=mine.secrets, folder=home, clock=clock)
    known: dict[str, tuple[Step, ...]] = {}
    gate = Gate(mine, hands, clock=clock, render=lambda plan: known.get(plan.remedy or "", ()), limits=limits)
    yield World(folder, mine, hands, gate, clock, known, memory)
    await hands.close()
    await memory.close()


def plan(*steps: Step, case: str = "C-1", **changes: object) -> Plan:
    made = Plan(f"P-{case}", "here", "a.cause", None, {}, steps, loses_nothing=True)
    return replace(made, **changes)  # type: ignore[arg-type]  # what a test alters


def action(made: Plan, index: int = 0, case: str = "C-1") -> Action:
    return Action(f"{case}-{made.hash[:10]}-{index}", case, made.host, made.steps[index], made.hash, index)


def counting(folder: Path, name: str = "counter") -> Step:
    """A step that shows how often it ran."""
    path = folder / name
    return Step(f"echo x >> {path}", witness=f"cat {path}", goal=f"grep -q x {path}", undo=(f"sed -i '$d' {path}",))


def removing(*paths: Path, between: str = "") -> Step:
    """A dangerous step."""
    lines = f"; {between}".join(f"rm -- {path}" for path in paths)
    goal = " && ".join(f"test ! -e {path}" for path in paths)
    return Step(lines, witness=f"ls {paths[0].parent}", goal=goal)


def pausing(folder: Path) -> str:
    """A pause in the middle of a line, while the file `slow` is there."""
    return f"test ! -e {folder / 'slow'} || sleep 60"


def steps_called(kind: str, folder: Path) -> Sequence[Step]:
    """The plans that the program knows."""
    match kind:
        case "count":
            return [counting(folder)]
        case "two_halves":
            first, second = folder / "first", folder / "second"
            line = f"echo x >> {first}; {pausing(folder)}; echo x >> {second}"
            return [Step(line, witness=f"cat {first} {second}", goal=f"test -e {second}")]
        case "remove_two":
            return [removing(folder / "one", folder / "two", between=f"{pausing(folder)}; ")]
        case _:
            raise ValueError(kind)


async def main(home: str, folder: str, kind: str, doing: str, at: str) -> None:
    """Act, undo or back up once, and die where told."""
    crash.arm(None if at == "-" else at)
    async with world(Path(home), Path(folder)) as here:
        made = plan(*steps_called(kind, Path(folder)))
        here.known["known"] = made.steps
        made = replace(made, remedy="known")
        match doing:
            case "act":
                await here.act(made)
            case "undo":
                await here.gate.undo(here.host(), action(made), made, actor=ACTOR)
            case "back_up":
                saving = replace(made, backups=(str(Path(folder) / "one"),))
                await here.gate.back_up(here.host(), saving, case="C-1", actor=ACTOR)


def run() -> None:
    """Be the process that the words say."""
    asyncio.run(main(*sys.argv[1:]))
