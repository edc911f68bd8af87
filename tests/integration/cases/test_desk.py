"""The desk on the real engine and the real memory, with a toy team: what people ask of cases, across restarts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from tests.unit.cases.toy import World, team_of

from vigie.agents.registry import Registry
from vigie.cases.desk import Desk
from vigie.cases.work import Work
from vigie.clock import SystemClock
from vigie.domain.case import Case, CaseState, Phase
from vigie.domain.errors import Permanent
from vigie.domain.host import Autonomy, Host
from vigie.knowledge.library import load
from vigie.memory.memory import Memory
from vigie.policy.limits import Budget

RIGHT = "db.right"


@asynccontextmanager
async def desk_of(home: Path, world: World, url: str | None = None) -> AsyncIterator[tuple[Desk, Memory]]:
    clock = SystemClock()
    memory = await Memory.open(home, clock=clock, database_url=url)
    store = memory.of()
    await store.hosts.save(Host("web1", "local", autonomy=Autonomy.ACT))
    desk = Desk(memory, gate=cast("Any", None), knowledge=load(), registry=Registry(store), clock=clock)
    desk._team = team_of(world, store)
    try:
        yield desk, memory
    finally:
        await desk.close()
        await memory.close()


async def until(done: Callable[[], Awaitable[bool]], limit_s: float = 15.0) -> None:
    async with asyncio.timeout(limit_s):
        while not await done():  # noqa: ASYNC110  # it happens on the engine's side
            await asyncio.sleep(0.05)


async def test_a_case_is_worked_to_its_end(tmp_path: Path) -> None:
    async with desk_of(tmp_path, World([RIGHT], [RIGHT])) as (desk, _):
        case = await desk.work((await desk.open("web1", ticket="slow")).id)
    assert (case.state, case.phase, case.labels) == (CaseState.RESOLVED, Phase.CLOSED, (RIGHT,))


async def test_an_approval_waits_across_restarts(tmp_path: Path) -> None:
    world = World([RIGHT], [RIGHT])
    async with desk_of(tmp_path, world) as (desk, _):
        case = await desk.work((await desk.open("web1", ticket="slow", autonomy=Autonomy.PROPOSE)).id)
        assert (case.state, case.phase) == (CaseState.WAITING, Phase.APPROVE)
    async with desk_of(tmp_path, world) as (desk, _):
        assert await desk.carry_on() == []
        assert case.plan is not None
        await desk.approve(case.id, plan_hash=case.plan.hash, by="ann")
        case = await desk.work(case.id)
    assert (case.state, len(world.done)) == (CaseState.RESOLVED, 2)


async def test_a_host_trusted_less_is_so_for_the_cases_at_work_on_it(tmp_path: Path) -> None:
    async with desk_of(tmp_path, World([RIGHT], [RIGHT])) as (desk, memory):
        case = await desk.open("web1", ticket="slow")
        work = Work(memory.of(), SystemClock(), case, Budget())
        assert (await work.the_host()).autonomy is Autonomy.ACT
        await desk.lower("web1", Autonomy.OBSERVE)
        assert (await work.the_host()).autonomy is Autonomy.OBSERVE
        await work.change(phase=Phase.DIAGNOSE)
        assert (await desk.get(case.id)).autonomy is Autonomy.OBSERVE
        await desk.lower("web1", Autonomy.ACT)
        assert (await desk.get(case.id)).autonomy is Autonomy.OBSERVE


async def test_the_next_work_carries_on_what_was_approved_by_a_process_that_died(tmp_path: Path) -> None:
    world = World([RIGHT, RIGHT], [RIGHT])
    async with desk_of(tmp_path, world) as (desk, _):
        case = await desk.work((await desk.open("web1", ticket="slow", autonomy=Autonomy.PROPOSE)).id)
        other = await desk.open("web1", ticket="another")
    async with desk_of(tmp_path, world) as (desk, _):
        assert case.plan is not None
        await desk.approve(case.id, plan_hash=case.plan.hash, by="ann")
    async with desk_of(tmp_path, world) as (desk, _):
        await desk.work(other.id)
        await until(lambda: closed(desk, case.id))


async def closed(desk: Desk, case_id: str) -> bool:
    return (await desk.get(case_id)).phase is Phase.CLOSED


async def test_a_yes_given_while_nothing_ran_is_carried_out_by_the_next_process(tmp_path: Path) -> None:
    world = World([RIGHT], [RIGHT])
    async with desk_of(tmp_path, world) as (desk, _):
        case = await desk.work((await desk.open("web1", ticket="slow", autonomy=Autonomy.PROPOSE)).id)
    async with desk_of(tmp_path, world) as (desk, _):
        assert case.plan is not None
        assert (await desk.approve(case.id, plan_hash=case.plan.hash, by="ann")).state is CaseState.WAITING
        assert world.done == []
    async with desk_of(tmp_path, world) as (desk, _):
        assert await desk.carry_on() == [case.id]
        case = await desk.work(case.id)
    assert case.state is CaseState.RESOLVED


async def test_a_yes_to_another_plan_is_refused(tmp_path: Path) -> None:
    async with desk_of(tmp_path, World([RIGHT], [RIGHT])) as (desk, _):
        case = await desk.work((await desk.open("web1", ticket="slow", autonomy=Autonomy.PROPOSE)).id)
        with pytest.raises(Permanent) as refused:
            await desk.approve(case.id, plan_hash="0" * 64, by="ann")
        assert refused.value.key == "approval.hash"
        assert (await desk.get(case.id)).state is CaseState.WAITING


async def test_a_yes_that_comes_too_late_makes_the_case_look_again(tmp_path: Path) -> None:
    world = World([RIGHT], [RIGHT])
    async with desk_of(tmp_path, world) as (desk, memory):
        case = await desk.work((await desk.open("web1", ticket="slow", autonomy=Autonomy.PROPOSE)).id)
        assert case.plan is not None
        assert case.approval is not None
        store = memory.of()
        asked = await store.approvals.get(case.approval)
        await store.approvals.save(replace(asked, expires_at=asked.asked_at - timedelta(seconds=1)))
        with pytest.raises(Permanent) as refused:
            await desk.approve(case.id, plan_hash=case.plan.hash, by="ann")
        assert refused.value.key == "approval.expired"
        assert (await desk.get(case.id)).state is CaseState.WORKING, "whoever looks next carries it on"
        again = await desk.work(case.id)
        assert (again.state, again.approval != case.approval, world.done) == (CaseState.WAITING, True, [])


async def test_on_a_host_that_was_removed_nothing_more_is_done(tmp_path: Path) -> None:
    class Removing(World):
        async def meets(self, name: str) -> None:
            if name == "back_up":
                await memory.of().hosts.remove("web1")
            await super().meets(name)

    world = Removing([RIGHT], [RIGHT])
    async with desk_of(tmp_path, world) as (desk, memory):
        case = await desk.work((await desk.open("web1", ticket="slow")).id)
    assert (case.state, world.done, world.undone) == (CaseState.ESCALATED, [], [])


async def test_a_no_hands_the_case_over(tmp_path: Path) -> None:
    world = World([RIGHT], [RIGHT])
    async with desk_of(tmp_path, world) as (desk, _):
        case = await desk.work((await desk.open("web1", ticket="slow", autonomy=Autonomy.PROPOSE)).id)
        await desk.reject(case.id, by="ann", reason="not today")
        case = await desk.work(case.id)
        with pytest.raises(Permanent):
            await desk.reject(case.id, by="ann")
        rows = await desk.timeline(case.id)
    assert (case.state, world.done) == (CaseState.ESCALATED, [])
    assert next(row.body["reason"] for row in rows if row.kind == "case.rejected") == "not today"


async def test_a_paused_agent_waits_and_goes_on_when_resumed(tmp_path: Path) -> None:
    world = World([RIGHT], [RIGHT])
    async with desk_of(tmp_path, world) as (desk, memory):
        registry = Registry(memory.of())
        await registry.pause("planner", by="person:ann")
        case = await desk.work((await desk.open("web1", ticket="slow")).id)
        assert (case.state, case.phase) == (CaseState.WAITING, Phase.PLAN)
        assert await desk.carry_on() == []
        await registry.resume("planner", by="person:ann")
        assert await desk.carry_on() == [case.id]
        assert (await desk.work(case.id)).state is CaseState.RESOLVED


async def test_a_case_whose_leg_was_lost_is_started_again(tmp_path: Path) -> None:
    """The engine's own file may be lost: the case's row is enough."""
    world = World([RIGHT], [RIGHT], slow_s={"diagnose": 1.0})
    async with desk_of(tmp_path, world) as (desk, _):
        case = await desk.open("web1", ticket="slow")
        await desk.start(case.id)
        await until(lambda: _is_at(desk, case, Phase.DIAGNOSE))
    for path in tmp_path.glob("workflows.db*"):
        path.unlink()
    async with desk_of(tmp_path, world) as (desk, _):
        assert await desk.carry_on() == [case.id]
        assert (await desk.work(case.id)).state is CaseState.RESOLVED


async def test_closing_leaves_a_case_that_the_next_process_ends(tmp_path: Path) -> None:
    world = World([RIGHT], [RIGHT], slow_s={"act": 0.3})
    async with desk_of(tmp_path, world) as (desk, _):
        case = await desk.open("web1", ticket="slow")
        await desk.start(case.id)
        # The step, not the phase: one that has not begun when it is closed does not begin.
        await until(lambda: _has_begun(world))
    assert len(world.done) == 2
    async with desk_of(tmp_path, world) as (desk, _):
        case = await desk.work(case.id)
    assert (case.state, len(world.done)) == (CaseState.RESOLVED, 2)


async def test_reading_cases_does_not_open_the_engine(tmp_path: Path) -> None:
    async with desk_of(tmp_path, World([], [])) as (desk, _):
        case = await desk.open("web1", ticket="slow")
        await desk.comment(case.id, by="ann", text="since the update, password=hunter2hunter2")
        assert [each.id for each in await desk.list()] == [case.id]
        rows = await desk.timeline(case.id)
    assert not (tmp_path / "workflows.db").exists()
    assert [(row.kind, row.actor) for row in rows] == [("case.opened", "vigie"), ("case.commented", "person:ann")]
    assert "hunter2hunter2" not in str(rows)


async def test_four_at_once_open_one_case(tmp_path: Path) -> None:
    async with desk_of(tmp_path, World([], [])) as (desk, _):
        cases = await asyncio.gather(*(desk.open("web1", ticket="slow") for _ in range(4)))
    assert len({case.id for case in cases}) == 1


async def test_an_unknown_host_opens_nothing(tmp_path: Path) -> None:
    async with desk_of(tmp_path, World([], [])) as (desk, _):
        with pytest.raises(Permanent) as refused:
            await desk.open("nowhere", ticket="slow")
        assert await desk.list() == []
    assert refused.value.key == "host.unknown"


async def _is_at(desk: Desk, case: Case, phase: Phase) -> bool:
    return (await desk.get(case.id)).phase is phase


async def _has_begun(world: World) -> bool:
    return bool(world.done)
