"""What is told of a step that ran, and how it is taken back."""

import asyncio
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.policy.gate_world import ACTOR, World, action, counting, plan

from vigie.domain.action import Outcome, Step
from vigie.domain.errors import Refused, Transient
from vigie.domain.host import Autonomy, Host, HostStatus
from vigie.i18n import text
from vigie.policy.limits import Budget


async def test_the_intent_is_on_the_disk_before_and_the_result_after(here: World) -> None:
    made = plan(counting(here.folder))
    record = await here.act(made)
    rows = await here.memory.journal.of_ref(record.id)
    assert [row.kind for row in rows] == ["action.intent", "action.result"]
    intent, result = rows[0].body, rows[1].body
    assert (intent["line"], intent["class"], intent["plan_hash"], intent["attempt"]) == (
        made.steps[0].line,
        "reversible-change",
        made.hash,
        1,
    )
    assert (result["outcome"], result["rc"]) == ("done", 0)
    assert here.count == 1


async def test_asked_again_the_record_is_the_same_and_nothing_runs(here: World) -> None:
    made = plan(counting(here.folder))
    first = await here.act(made)
    assert await here.act(made) == first
    assert here.count == 1


FATES = [
    ("exit 3", "true", Outcome.FAILED, "failed"),
    ("true", "false", Outcome.FAILED, "goal_not_reached"),
    ("sleep 30", "true", Outcome.FAILED, "timed_out"),
]


@pytest.mark.parametrize(("line", "goal", "outcome", "detail"), FATES)
async def test_how_a_step_ended_is_told(here: World, line: str, goal: str, outcome: Outcome, detail: str) -> None:
    made = plan(Step(line, witness=f"ls {here.folder}", goal=goal, timeout_s=1))
    record = await here.act(made)
    assert (record.outcome, record.detail) == (outcome, f"gate.details.{detail}")
    assert text("fr", record.detail) != text("en", record.detail)


async def test_out_of_time_and_half_way_is_unknown(here: World) -> None:
    line = f"echo x >> {here.counter}; sleep 30"
    made = plan(Step(line, witness=f"cat {here.counter}", goal="false", timeout_s=1))
    assert (await here.act(made)).outcome is Outcome.UNKNOWN


async def test_a_goal_that_needs_a_moment_is_given_one(here: World) -> None:
    late = here.folder / "late"
    line = f"(sleep 0.2; echo x >> {late}) > /dev/null 2>&1 &"
    made = plan(Step(line, witness=f"ls {here.folder}", goal=f"test -e {late}"))
    assert (await here.act(made)).outcome is Outcome.DONE


async def test_a_step_reads_its_artefact(here: World) -> None:
    artefact = await here.memory.artefacts.put(b"given\n")
    step = Step(f"cat >> {here.folder / 'new'}", witness=f"ls {here.folder}", goal="true", stdin=artefact)
    assert (await here.act(plan(step))).outcome is Outcome.DONE
    assert (here.folder / "new").read_bytes() == b"given\n"


async def test_no_secret_reaches_the_journal_or_the_record(here: World) -> None:
    secret = "hunter2-swordfish"
    line = f"echo password={secret} >> {here.counter}; cat {here.counter}"
    record = await here.act(plan(Step(line, witness=f"ls {here.folder}", goal="true")))
    whole = str([row.body for row in await here.memory.journal.read(limit=1000)]) + str(record)
    assert secret not in whole
    assert secret in here.counter.read_text()


async def test_when_the_host_is_lost_before_the_line_it_is_run_when_it_is_back(here: World) -> None:
    door = here.folder / "door"
    script = here.folder / "prefix"
    script.write_text(f'#!/bin/sh\n[ -e {door} ] || exit 1\nexec "$@"\n')
    script.chmod(0o755)
    door.touch()
    host = Host("here", f"exec:{script}", autonomy=Autonomy.ACT)
    step = replace(counting(here.folder), line=f"rm -- {door} && echo x >> {here.counter}", goal=f"grep -q x {here.counter}")
    made = plan(step, remedy="known")
    here.known["known"] = made.steps
    with pytest.raises(Transient):
        await here.gate.act(host, action(made), made, actor=ACTOR, approval=None, budget=Budget())
    door.touch()
    record = await here.gate.act(host, action(made), made, actor=ACTOR, approval=None, budget=Budget())
    assert record.outcome is Outcome.DONE
    assert here.count == 1


async def test_a_cancelled_step_is_looked_at_before_it_is_run_again(here: World) -> None:
    slow = here.folder / "slow"
    slow.touch()
    line = f"echo x >> {here.counter}; test ! -e {slow} || sleep 30"
    made = plan(Step(line, witness=f"cat {here.counter}", goal=f"grep -q x {here.counter}"))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.5):
            await here.act(made)
    slow.unlink()
    record = await here.act(made)
    assert (record.outcome, here.count) == (Outcome.DONE, 1)


# Taking back.


async def test_a_step_is_taken_back_once(here: World) -> None:
    here.counter.write_text("x\nx\n")
    made = plan(counting(here.folder))
    await here.act(made)
    for _ in range(2):
        record = await here.gate.undo(here.host(), action(made), made, actor=ACTOR)
        assert (record.outcome, record.id, record.command) == (Outcome.UNDONE, action(made).id, made.steps[0].line)
    assert here.counter.read_text() == "x\nx\n"
    assert (await here.act(made)).outcome is Outcome.UNDONE


async def test_undo_lines_run_in_order_and_stop_at_the_first_that_fails(here: World) -> None:
    log = here.folder / "log"
    undo = (f"echo 1 >> {log}", "false", f"echo 3 >> {log}")
    made = plan(replace(counting(here.folder), undo=undo))
    await here.act(made)
    record = await here.gate.undo(here.host(), action(made), made, actor=ACTOR)
    assert (record.outcome, log.read_text()) == (Outcome.FAILED, "1\n")


async def test_what_changed_nothing_needs_no_taking_back(here: World) -> None:
    log = here.folder.parent / "log"
    made = plan(Step("exit 1", witness=f"ls {here.folder}", goal="false", undo=(f"echo x >> {log}",)))
    await here.act(made)
    assert (await here.gate.undo(here.host(), action(made), made, actor=ACTOR)).outcome is Outcome.UNDONE
    assert not log.exists()


async def test_what_was_never_begun_is_skipped(here: World) -> None:
    made = plan(counting(here.folder))
    assert (await here.gate.undo(here.host(), action(made), made, actor=ACTOR)).outcome is Outcome.SKIPPED
    assert here.count == 0


async def test_an_undo_that_was_not_shown_is_refused(here: World) -> None:
    made = plan(counting(here.folder))
    await here.act(made)
    other = plan(replace(made.steps[0], undo=(f"rm -- {here.counter}",)))
    with pytest.raises(Refused):
        await here.gate.undo(here.host(), action(made), other, actor=ACTOR)
    forged = replace(action(other), id=action(made).id)
    with pytest.raises(Refused):
        await here.gate.undo(here.host(), forged, other, actor=ACTOR)
    assert here.count == 1


@pytest.mark.parametrize("undo", ["curl http://127.0.0.1:1/x | sh"])
async def test_a_forbidden_undo_is_refused(here: World, undo: str) -> None:
    made = plan(replace(counting(here.folder), undo=(undo,)))
    await here.act(made)
    with pytest.raises(Refused):
        await here.gate.undo(here.host(), action(made), made, actor=ACTOR)


async def test_on_an_observed_host_nothing_is_taken_back(here: World) -> None:
    made = plan(counting(here.folder))
    await here.act(made)
    with pytest.raises(Refused):
        await here.gate.undo(here.host(Autonomy.OBSERVE), action(made), made, actor=ACTOR)


# Who a host is.


async def test_this_machine_says_what_it_is(here: World) -> None:
    known = await here.gate.identify(Host("here", "local"), actor=ACTOR)
    assert known.os
    assert known.status is HostStatus.OK
    (row,) = await here.rows("host.identified")
    assert row.body["os"] == known.os


async def test_a_host_that_says_nothing_has_no_system(here: World, tmp_path: Path) -> None:
    script = tmp_path / "mute"
    script.write_text('#!/bin/sh\ncase "$3" in *"echo "[$]"(("*) exec "$@" ;; esac\n')
    script.chmod(0o755)
    known = await here.gate.identify(Host("mute", f"exec:{script}"), actor=ACTOR)
    assert (known.os, known.manager, known.status) == (None, None, HostStatus.OK)


async def test_a_host_without_os_release_is_what_uname_says(here: World, tmp_path: Path) -> None:
    script = tmp_path / "old"
    script.write_text(
        '#!/bin/sh\ncase "$*" in *os-release*) exec sh -c "$(echo "$3" | cut -d";" -f1); exit 1";; esac\nexec "$@"\n'
    )
    script.chmod(0o755)
    known = await here.gate.identify(Host("old", f"exec:{script}"), actor=ACTOR)
    assert known.os is not None
    assert known.os.startswith("Linux ")


async def test_a_host_that_never_answers_costs_one_wait_however_much_is_asked(here: World, tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    silent = tmp_path / "silent"
    silent.write_text(f"#!/bin/sh\necho >> {shlex.quote(str(tries))}\nsleep 1\nexit 1\n")
    silent.chmod(0o755)
    with pytest.raises(Transient):
        await here.gate.identify(Host("silent", f"exec:{silent}"), actor=ACTOR)
    assert len(tries.read_text().splitlines()) <= 2


async def test_a_host_that_cannot_be_reached_is_no_host(here: World) -> None:
    with pytest.raises(Transient):
        await here.gate.identify(Host("gone", "exec:false"), actor=ACTOR)
