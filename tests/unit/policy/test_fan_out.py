"""One line on many hosts: what is written down, who is asked, and where it stops. The hosts are prefixes before this machine."""

import asyncio
import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.policy.gate_world import World, world

from vigie.clock import FixedClock
from vigie.domain.errors import NeedsApproval, Permanent, Refused
from vigie.domain.fleet import Ending, HostAnswer, Order
from vigie.domain.host import Autonomy, Host
from vigie.policy import fan_out

ACTOR = "person:owner"


def hosts(*names: str, autonomy: Autonomy = Autonomy.ACT) -> list[Host]:
    """Hosts that know their own name."""
    return [Host(name, f"exec:env ME={name}", autonomy=autonomy) for name in names]


def dead(name: str, autonomy: Autonomy = Autonomy.ACT) -> Host:
    return Host(name, "exec:false", autonomy=autonomy)


def order(line: str, among: list[Host], **limits: float) -> Order:
    return Order(line, tuple(host.name for host in among), **limits)  # type: ignore[arg-type]  # a test's own


def endings(answers: list[HostAnswer]) -> dict[str, str]:
    return {answer.host: answer.ending.value for answer in answers}


async def test_a_read_runs_everywhere_between_two_rows(here: World) -> None:
    fleet = [*hosts("a", "b", autonomy=Autonomy.OBSERVE), dead("c")]
    answers = await here.gate.fleet.run(order('echo $ME; test "$ME" != b', fleet), fleet, actor=ACTOR)
    assert endings(answers) == {"a": "done", "b": "failed", "c": "unreachable"}
    assert [answer.completed.text() for answer in answers if answer.completed] == ["a\n", "b\n"]
    rows = await here.memory.journal.read()
    assert [row.kind for row in rows] == ["fleet.intent", "fleet.result"]
    assert rows[0].body["hosts"] == ["a", "b", "c"]
    assert (rows[1].body["done"], rows[1].body["unreachable"]) == (["a"], ["c"])


async def test_one_silent_host_delays_no_other(here: World) -> None:
    fleet = [*hosts("a", "b"), Host("mute", "exec:sh -c 'exec sleep 60'")]
    wanted = order(f"cat {here.folder}/none; echo $ME >&2", fleet)
    slow = asyncio.create_task(here.gate.fleet.run(wanted, fleet, actor=ACTOR))
    # The two are done, and may be asked again, while the third is waited for.
    for host in fleet[:2]:
        assert (await (await here.hands.on(host)).run("true", timeout_s=10)).rc == 0
    assert not slow.done()
    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)


async def test_without_a_row_nothing_runs(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object, **__: object) -> None:
        raise Permanent("home.full")

    monkeypatch.setattr(here.memory.journal, "append", full)
    fleet = hosts("a")
    with pytest.raises(Permanent):
        await here.gate.fleet.run(order(f"touch {here.folder}/x", fleet), fleet, actor=ACTOR)
    assert not (here.folder / "x").exists()


async def test_a_forbidden_line_is_refused_and_written_down(here: World) -> None:
    fleet = hosts("a", "b")
    with pytest.raises(Refused):
        await here.gate.fleet.run(order("rm -rf /", fleet), fleet, actor=ACTOR)
    assert [row.kind for row in await here.memory.journal.read()] == ["gate.refused"]


async def test_a_change_goes_to_the_canary_first_and_stops_there(here: World) -> None:
    fleet = hosts("a", "b", "c")
    answers = await here.gate.fleet.run(order(f"mkdir {here.folder}/x/y", fleet), fleet, actor=ACTOR)
    assert endings(answers) == {"a": "failed", "b": "not_started", "c": "not_started"}


async def test_it_goes_on_in_width_and_stops_after_so_many_failures(here: World) -> None:
    fleet = [*hosts("a"), dead("b"), dead("c"), dead("d")]
    answers = await here.gate.fleet.run(order(f"touch {here.folder}/a", fleet, width=1, stop_after=2), fleet, actor=ACTOR)
    assert endings(answers) == {"a": "done", "b": "unreachable", "c": "unreachable", "d": "not_started"}


async def test_a_change_that_asks_waits_for_exactly_its_hash_and_counts_once(here: World) -> None:
    fleet = hosts("a", "b", autonomy=Autonomy.PROPOSE)
    wanted = order(f"echo x >> {here.counter}", fleet)
    run = here.gate.fleet.run
    with pytest.raises(NeedsApproval):
        await run(wanted, fleet, actor=ACTOR)
    with pytest.raises(Permanent, match="Nothing was run"):
        await run(wanted, fleet, actor=ACTOR, approved=replace(wanted, width=9).hash)
    assert here.count == 0
    answers = await run(wanted, fleet, actor=ACTOR, approved=wanted.hash)
    assert endings(answers) == {"a": "done", "b": "done"}
    with pytest.raises(NeedsApproval):
        await run(wanted, fleet, actor=ACTOR, approved=wanted.hash)
    assert here.count == 2


async def test_an_agreement_expires(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
    async with world(tmp_path / "home", tmp_path / "work", clock) as here:
        fleet = hosts("a", autonomy=Autonomy.PROPOSE)
        wanted = order(f"echo x >> {here.counter}", fleet)
        with pytest.raises(NeedsApproval):
            await here.gate.fleet.run(wanted, fleet, actor=ACTOR)
        clock.advance(timedelta(minutes=6).total_seconds())
        with pytest.raises(NeedsApproval):
            await here.gate.fleet.run(wanted, fleet, actor=ACTOR, approved=wanted.hash)
        assert here.count == 0


async def test_an_observed_host_refuses_and_the_others_go_on(here: World) -> None:
    fleet = [*hosts("a"), *hosts("b", autonomy=Autonomy.OBSERVE)]
    answers = await here.gate.fleet.run(order(f"echo x >> {here.counter}", fleet), fleet, actor=ACTOR)
    assert endings(answers) == {"a": "done", "b": "refused"}
    assert here.count == 1


async def test_where_a_case_is_at_work_nothing_is_begun(here: World) -> None:
    await here.memory.leases.take("host:a", "case-1", 60)
    fleet = hosts("a")
    answers = await here.gate.fleet.run(order(f"echo x >> {here.counter}", fleet), fleet, actor=ACTOR)
    assert (endings(answers), here.count) == ({"a": "not_started"}, 0)


async def test_a_line_whose_end_was_not_seen_is_looked_for_and_asks_before_it_runs_again(here: World) -> None:
    fleet = hosts("a")
    wanted = order(f"echo x >> {here.counter}", fleet, timeout_s=2)
    ref, run = fan_out._ref(wanted, "a"), "before"
    await here.memory.journal.append(fan_out.BEGUN, actor=ACTOR, body={"run": run, "host": "a", "line": "x"}, ref=ref)
    assert (await here.gate.fleet.outlook(wanted, fleet)).unseen == ("a",)
    with pytest.raises(NeedsApproval):
        await here.gate.fleet.run(wanted, fleet, actor=ACTOR)
    orphan = await asyncio.create_subprocess_exec("sleep", "60", env={"VIGIE_ACTION": fan_out._mark(run, "a")})
    answers = await here.gate.fleet.run(wanted, fleet, actor=ACTOR, approved=wanted.hash)
    orphan.kill()
    await orphan.wait()
    assert (endings(answers), here.count) == ({"a": "not_started"}, 0)
    with pytest.raises(NeedsApproval):
        await here.gate.fleet.run(wanted, fleet, actor=ACTOR)
    answers = await here.gate.fleet.run(wanted, fleet, actor=ACTOR, approved=wanted.hash)
    assert (endings(answers), here.count) == ({"a": "done"}, 1)
    assert (await here.gate.fleet.outlook(wanted, fleet)).unseen == ()


@pytest.mark.parametrize("line", ["a\0b", "\udcff", "x" * 70_000])
async def test_what_no_system_can_be_handed_is_told(here: World, line: str) -> None:
    way = await here.hands.on(here.host())
    with pytest.raises(Permanent) as caught:
        await way.run(f"echo {shlex.quote(line)}", timeout_s=5)
    assert caught.value.key == "host.line"


def test_an_order_is_bound_to_all_it_says() -> None:
    one = Order("true", ("a", "b"))
    others = [replace(one, line="false"), replace(one, hosts=("a",)), replace(one, timeout_s=9), replace(one, canary=0)]
    others += [replace(one, width=9), replace(one, stop_after=9)]
    assert len({one.hash, *(other.hash for other in others)}) == 7
    assert Ending.DONE.value == "done"
