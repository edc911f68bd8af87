"""Taking a repair back for real: the files first, then what makes the service read them again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from vigie.agents.bench import Bench
from vigie.agents.registry import Registry
from vigie.cases import mending
from vigie.cases.team import Team
from vigie.cases.work import Work
from vigie.clock import SystemClock
from vigie.domain.action import Outcome, Plan, Step
from vigie.domain.case import Case, CaseKind, Phase
from vigie.domain.diagnosis import Hypothesis, Verdict, VerdictKind
from vigie.domain.host import Autonomy, Host
from vigie.knowledge.library import load
from vigie.memory.memory import Memory
from vigie.policy.gate import Gate
from vigie.policy.limits import Budget, Limits
from vigie.tools.hands import Hands


def toy_service(folder: Path) -> Plan:
    """A service that reads its settings when it is started; `answer` is what it says while it runs."""
    settings, answer, starts = folder / "settings", folder / "answer", folder / "starts"
    settings.write_text("depth = 3\n")
    restart = f"cp {settings} {answer} && echo started >> {starts}"
    steps = (
        Step(f"sed -i s/3/4/ {settings}", f"sha256sum {settings}", f"grep -q 4 {settings}"),
        Step(restart, f"cat {starts}", f"cmp {settings} {answer}", undo=(restart,), undo_last=True),
    )
    answer.write_text("depth = 3\n")
    starts.write_text("")
    return Plan("p", "toy", "toy", "toy.settings", {}, steps, backups=(str(settings),))


@asynccontextmanager
async def at_work(home: Path, plan: Plan) -> AsyncIterator[tuple[Work, Team]]:
    clock, knowledge = SystemClock(), load()
    memory = await Memory.open(home, clock=clock)
    store = memory.of()
    await store.hosts.save(Host("toy", "local", os="Linux", manager="plain", autonomy=Autonomy.ACT))
    hands = Hands(secrets=store.secrets, folder=home, clock=clock)
    gate = Gate(store, hands, clock=clock, render=lambda made: made.steps, limits=Limits(goal_wait_s=1.0), knowledge=knowledge)
    leader = Hypothesis("toy", "app.toy", {}, 0.99)
    case = Case(
        id="C-1",
        tenant=store.tenant,
        kind=CaseKind.TICKET,
        host="toy",
        title="toy",
        language="en",
        autonomy=Autonomy.ACT,
        opened_at=clock.now(),
        updated_at=clock.now(),
        plan=plan,
        verdict=Verdict(VerdictKind.CAUSE, leader, (leader,), 0.99),
    )
    try:
        work = Work(store, clock, await store.cases.save(case), Budget())
        yield work, Team.of(Bench(gate, knowledge, store, clock, ()), Registry(store))
    finally:
        await hands.close()
        await memory.close()


async def test_a_service_runs_again_on_its_former_settings(tmp_path: Path) -> None:
    plan = toy_service(tmp_path)
    async with at_work(tmp_path / "home", plan) as (work, team):
        assert await mending.back_up(work, team) is Phase.ACT
        assert await mending.act(work, team) is Phase.VERIFY
        assert (tmp_path / "answer").read_text() == "depth = 4\n"
        await mending.roll_back(work, team)
        outcomes = {record.outcome for record in work.case.actions if record.command in {step.line for step in plan.steps}}
    assert (tmp_path / "settings").read_text() == "depth = 3\n"
    assert (tmp_path / "answer").read_text() == "depth = 3\n"
    assert outcomes == {Outcome.UNDONE}
    assert work.case.rolled_back


async def test_a_service_that_was_not_restarted_yet_is_left_alone(tmp_path: Path) -> None:
    plan = toy_service(tmp_path)
    async with at_work(tmp_path / "home", plan) as (work, team):
        await mending.back_up(work, team)
        first = mending.actions_of(work, plan)[0]
        await work.record(await team.resolver.act(await work.the_host(), first, plan, approval=None, budget=work.budget))
        await mending.roll_back(work, team)
    assert (tmp_path / "settings").read_text() == "depth = 3\n"
    assert (tmp_path / "starts").read_text() == ""
