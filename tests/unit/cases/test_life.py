"""A life's turns: what comes after what, and that nothing is done twice or left half done."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.cases.toy import World, broken, team_of

from vigie.cases import diagnosing
from vigie.cases.lifecycle import Lifecycle
from vigie.cases.limits import Attempts
from vigie.cases.steps import Steps
from vigie.clock import SystemClock
from vigie.domain.action import Outcome
from vigie.domain.approval import Decision
from vigie.domain.case import Case, CaseKind, CaseState, Phase
from vigie.domain.host import Autonomy, Host
from vigie.memory.memory import Memory

WRONG, RIGHT, OTHER = "web.wrong", "db.right", "host.other"


async def once(_name: str, work: Callable[[], Awaitable[str]], /) -> str:
    return await work()


async def twice(_name: str, work: Callable[[], Awaitable[str]], /) -> str:
    """Run each step and then again, as an engine does whose process died before it noted the end."""
    await work()
    return await work()


@pytest.fixture
async def memory(tmp_path: Path) -> AsyncIterator[Memory]:
    opened = await Memory.open(tmp_path, clock=SystemClock())
    await opened.of().hosts.save(Host("web1", "local"))
    yield opened
    await opened.close()


async def opened(memory: Memory, *, autonomy: Autonomy = Autonomy.ACT, timeout_s: float = 60.0, host: str = "web1") -> Case:
    store = memory.of()
    now = SystemClock().now()
    case = Case(
        await store.cases.new_id(),
        "default",
        CaseKind.TICKET,
        host,
        "slow",
        "en",
        autonomy,
        now,
        now,
        timeout_s=timeout_s,
        left_s=timeout_s,
    )
    return await store.cases.save(case)


def life_of(memory: Memory, world: World) -> Lifecycle:
    clock = SystemClock()
    team = team_of(world, memory.of())
    return Lifecycle(memory, lambda _tenant: team, clock, Attempts(clock, back_off_s=0.0))


async def live(memory: Memory, case: Case, world: World, steps: Steps = once) -> Case:
    await life_of(memory, world).live("default", case.id, case.leg, steps)
    return await memory.of().cases.get(case.id)


@pytest.mark.parametrize("steps", [once, twice])
async def test_a_fault_that_is_found_is_mended_verified_and_reported(memory: Memory, steps: Steps) -> None:
    world = World([RIGHT], [RIGHT])
    case = await live(memory, await opened(memory), world, steps)
    assert (case.state, case.phase) == (CaseState.RESOLVED, Phase.CLOSED)
    assert (case.verified, case.rolled_back, case.labels) == (True, False, (RIGHT,))
    assert world.done == [f"mend {RIGHT} 1", f"mend {RIGHT} 2"]
    assert case.report["fr"]
    assert case.seconds.total is not None


@pytest.mark.parametrize("steps", [once, twice])
async def test_what_does_not_help_is_undone_and_the_next_cause_tried(memory: Memory, steps: Steps) -> None:
    world = World([RIGHT], [WRONG, RIGHT])
    case = await live(memory, await opened(memory), world, steps)
    assert case.state is CaseState.RESOLVED
    assert (case.labels, case.tried, case.rolled_back) == ((RIGHT,), (WRONG,), True)
    assert set(world.undone) == {f"mend {WRONG} 2", f"mend {WRONG} 1"}
    assert world.undone[0] == f"mend {WRONG} 2"
    assert [each.outcome for each in case.actions] == [Outcome.UNDONE, Outcome.UNDONE, Outcome.DONE, Outcome.DONE]


async def test_two_faults_are_both_mended_and_both_named(memory: Memory) -> None:
    world = World([RIGHT, OTHER], [RIGHT, OTHER])
    case = await live(memory, await opened(memory), world)
    assert case.state is CaseState.RESOLVED
    assert case.labels == (RIGHT, OTHER)
    assert case.verified
    kinds = [row.kind for row in await memory.of().journal.read(case=case.id)]
    assert kinds.count("case.looking_again") == 2, "each further look says why it is taken"


async def test_a_fault_seen_beside_the_one_complained_of_is_mended_too(memory: Memory) -> None:
    world = World([RIGHT, OTHER], [RIGHT, OTHER], complained=RIGHT)
    case = await live(memory, await opened(memory), world)
    assert (case.state, case.labels, case.verified) == (CaseState.RESOLVED, (RIGHT, OTHER), True)


async def test_the_complaint_mended_and_nothing_else_found_is_an_end(memory: Memory) -> None:
    world = World([RIGHT, "unknown"], [RIGHT], complained=RIGHT)
    case = await live(memory, await opened(memory), world)
    assert (case.state, case.labels) == (CaseState.RESOLVED, (RIGHT,))


async def test_a_complaint_that_stays_after_a_mend_goes_to_a_person(memory: Memory) -> None:
    world = World([RIGHT, "unknown"], [RIGHT], complained="unknown")
    case = await live(memory, await opened(memory), world)
    assert (case.state, case.labels, case.rolled_back) == (CaseState.ESCALATED, (RIGHT,), False)


async def test_where_nothing_is_wrong_nothing_is_touched(memory: Memory) -> None:
    world = World([], [None])
    case = await live(memory, await opened(memory), world)
    assert (case.state, case.actions, world.done) == (CaseState.NO_FAULT, (), [])


async def test_under_observe_a_plan_is_shown_and_not_done(memory: Memory) -> None:
    world = World([RIGHT], [RIGHT])
    case = await live(memory, await opened(memory, autonomy=Autonomy.OBSERVE), world)
    assert (case.state, world.done) == (CaseState.ESCALATED, [])
    assert case.plan is not None


async def test_under_propose_a_person_is_waited_for_and_their_yes_carries_it_out(memory: Memory) -> None:
    world, store = World([RIGHT], [RIGHT]), memory.of()
    case = await live(memory, await opened(memory, autonomy=Autonomy.PROPOSE), world)
    assert (case.state, world.done) == (CaseState.WAITING, [])
    assert case.plan is not None
    assert case.approval is not None
    await store.approvals.decide(case.approval, Decision.APPROVED, "person:ann", case.plan.hash, SystemClock().now())
    case = await store.cases.save(replace(case, leg=1, state=CaseState.WORKING))
    case = await live(memory, case, world)
    assert (case.state, len(world.done)) == (CaseState.RESOLVED, 2)


async def test_a_persons_no_ends_it_untouched_and_says_so(memory: Memory) -> None:
    world, store = World([RIGHT], [RIGHT]), memory.of()
    case = await live(memory, await opened(memory, autonomy=Autonomy.PROPOSE), world)
    assert case.plan is not None
    assert case.approval is not None
    await store.approvals.decide(case.approval, Decision.REJECTED, "person:ann", case.plan.hash, SystemClock().now())
    case = await live(memory, await store.cases.save(replace(case, leg=1, state=CaseState.WORKING)), world)
    assert (case.state, world.done) == (CaseState.ESCALATED, [])
    assert {each.outcome for each in case.actions} == {Outcome.REFUSED}


async def test_a_step_that_the_gate_will_not_let_pass_alone_waits_too(memory: Memory) -> None:
    world = World([RIGHT], [RIGHT], asks=True)
    case = await live(memory, await opened(memory), world)
    assert case.state is CaseState.WAITING
    assert case.approval is not None


async def test_without_a_remedy_the_cause_is_handed_over(memory: Memory) -> None:
    case = await live(memory, await opened(memory), World(["hopeless"], ["hopeless"]))
    assert case.state is CaseState.ESCALATED
    assert case.verdict is not None
    assert case.verdict.leader is not None


async def test_an_undecided_case_is_handed_over_without_a_guess(memory: Memory) -> None:
    case = await live(memory, await opened(memory), World([RIGHT], []))
    assert (case.state, case.labels, case.actions) == (CaseState.ESCALATED, (), ())


async def test_a_host_whose_changes_take_too_long_to_see_is_diagnosed_all_the_same(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnosing, "CHANGES_S", 0.01)
    world = World([RIGHT], [RIGHT], slow_s={"changes": 5.0})
    case = await live(memory, await opened(memory), world)
    assert (case.state, case.labels) == (CaseState.RESOLVED, (RIGHT,))
    assert "case.changes_unseen" in [row.kind for row in await memory.of().journal.read(case=case.id)]


async def test_a_bug_of_ours_fails_the_case_and_still_reports(memory: Memory) -> None:
    case = await live(memory, await opened(memory), World([RIGHT], [RIGHT], raises={"diagnose": ZeroDivisionError("x")}))
    assert (case.state, case.phase) == (CaseState.FAILED, Phase.CLOSED)
    assert case.report


async def test_a_failed_backup_leaves_everything_as_it_was(memory: Memory) -> None:
    world = World([RIGHT], [RIGHT], raises={"back_up": broken()})
    case = await live(memory, await opened(memory), world)
    assert (case.state, world.done) == (CaseState.ESCALATED, [])


async def test_without_its_writer_a_plain_report_is_given(memory: Memory) -> None:
    world = World([RIGHT], [RIGHT], raises={"report": ValueError("x"), "learn": ValueError("x"), "keep_watch": ValueError("x")})
    case = await live(memory, await opened(memory), world)
    assert case.state is CaseState.RESOLVED
    assert f"mend {RIGHT} 1" in case.report["en"]
    assert "Dossier" in case.report["fr"]


async def test_when_the_time_is_over_the_step_in_flight_is_undone_and_the_case_handed_over(memory: Memory) -> None:
    world = World([RIGHT], [RIGHT], slow_s={"act": 60.0})
    began = time.monotonic()
    case = await live(memory, await opened(memory, timeout_s=1.5), world)
    assert time.monotonic() - began < 1.5 + 15
    assert (case.state, case.phase) == (CaseState.ESCALATED, Phase.CLOSED)
    assert world.undone == [f"mend {RIGHT} 1"]
    assert case.report


async def test_time_that_ends_in_a_look_that_was_good_keeps_the_mend(memory: Memory) -> None:
    world = World([RIGHT], [RIGHT], slow_s={"verify": 60.0})
    case = await live(memory, await opened(memory, timeout_s=1.5), world)
    assert (case.state, case.verified, world.undone) == (CaseState.ESCALATED, False, [])


async def test_time_that_ends_in_a_look_that_was_bad_takes_the_mend_back(memory: Memory) -> None:
    world = World([RIGHT], [WRONG], slow_s={"verify": 60.0})
    case = await live(memory, await opened(memory, timeout_s=1.5), world)
    assert (case.state, case.rolled_back, len(world.undone)) == (CaseState.ESCALATED, True, 2)


async def test_a_roll_back_that_fails_stops_and_names_what_is_left(memory: Memory) -> None:
    world = World([RIGHT], [WRONG, RIGHT], raises={"undo": broken()})
    case = await live(memory, await opened(memory), world)
    assert case.state is CaseState.ESCALATED
    rows = await memory.of().journal.read(case=case.id)
    left = next(row.body["lines"] for row in rows if row.kind == "case.roll_back_failed")
    assert left == [f"mend {WRONG} 1", f"mend {WRONG} 2"]


async def test_a_paused_agent_holds_the_case_at_its_next_step(memory: Memory) -> None:
    world, store = World([RIGHT], [RIGHT]), memory.of()
    team = team_of(world, store)
    await team.registry.pause("ResolverAgent", by="person:ann")
    case = await live(memory, await opened(memory), world)
    assert (case.state, case.phase, world.done) == (CaseState.WAITING, Phase.ACT, [])
    await team.registry.resume("resolver", by="person:ann")
    case = await live(memory, await store.cases.save(replace(case, leg=1, state=CaseState.WORKING)), world)
    assert case.state is CaseState.RESOLVED


async def test_a_leg_of_the_past_lets_go(memory: Memory) -> None:
    world = World([RIGHT], [RIGHT])
    case = await memory.of().cases.save(replace(await opened(memory), leg=3))
    assert await life_of(memory, world).live("default", case.id, 2, once) == "gone"
    assert world.done == []


async def test_two_cases_of_one_host_take_turns(memory: Memory) -> None:
    world = World([RIGHT], [RIGHT], slow_s={"diagnose": 0.3})
    first, second = await opened(memory), await opened(memory)
    life = life_of(memory, world)
    await asyncio.gather(*(life.live("default", each.id, 0, once) for each in (first, second)))
    rows = [row for row in await memory.of().journal.read() if row.kind in ("case.phase", "case.closed")]
    order = [row.case for row in rows if row.kind == "case.closed" or row.body["phase"] == "diagnose"]
    assert len(list(itertools.groupby(order))) == 2


async def test_every_step_of_a_life_has_a_sentence_in_both_languages(memory: Memory) -> None:
    from vigie import i18n

    await live(memory, await opened(memory), World([RIGHT], [WRONG, RIGHT]))
    kinds = {row.kind for row in await memory.of().journal.read(limit=1000) if row.kind.startswith("case.")}
    assert kinds
    for kind in kinds:
        area, _, name = kind.partition(".")
        assert i18n.has(f"{area}.happenings.{name}"), kind
