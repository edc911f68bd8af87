"""Killed anywhere, nothing is done twice, nothing is lost."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.policy.gate_world import ACTOR, World, action, plan, steps_called, world
from tests.warm import Started, Warm

from vigie.domain.action import Action, Outcome, Plan
from vigie.policy import crash

KILLED = -signal.SIGKILL


def start(tmp_path: Path, kind: str, at: str = "-", doing: str = "act") -> Started:
    (tmp_path / "work").mkdir(exist_ok=True)
    words = [str(tmp_path / "home"), str(tmp_path / "work"), kind, doing, at]
    return Warm.ready().start(words, {"PATH": os.defpath}, program="tests.unit.policy.gate_world:run")


def ended(tmp_path: Path, kind: str, at: str = "-", doing: str = "act") -> int:
    with start(tmp_path, kind, at, doing) as process:
        return process.wait(60)


def killed_at(tmp_path: Path, kind: str, at: str, doing: str = "act") -> None:
    assert ended(tmp_path, kind, at, doing) == KILLED


async def killed_when(tmp_path: Path, kind: str, is_time: Callable[[], bool]) -> None:
    with start(tmp_path, kind) as process:
        for _ in range(600):
            if is_time():
                break
            await asyncio.sleep(0.02)
        process.kill()
        assert process.wait(10) == KILLED


def planned(kind: str, folder: Path) -> tuple[Plan, Action]:
    made = plan(*steps_called(kind, folder), remedy="known")
    return made, action(made)


async def carry_on(here: World, kind: str) -> Outcome:
    made, _ = planned(kind, here.folder)
    here.known["known"] = made.steps
    return (await here.act(made)).outcome


async def test_killed_before_the_line_it_runs_once(tmp_path: Path) -> None:
    killed_at(tmp_path, "count", "after_intent")
    async with world(tmp_path / "home", tmp_path / "work") as here:
        assert here.count == 0
        assert await carry_on(here, "count") is Outcome.DONE
        assert here.count == 1


async def test_killed_after_the_line_it_is_found_done(tmp_path: Path) -> None:
    killed_at(tmp_path, "count", "after_act")
    async with world(tmp_path / "home", tmp_path / "work") as here:
        assert here.count == 1
        assert await carry_on(here, "count") is Outcome.DONE
        assert here.count == 1
        _, act = planned("count", here.folder)
        rows = await here.memory.journal.of_ref(act.id)
        assert [row.kind for row in rows] == ["action.intent", "action.recovering", "action.result"]
        assert rows[-1].body["found_done"] is True


async def test_killed_after_the_result_the_record_is_given_again(tmp_path: Path) -> None:
    killed_at(tmp_path, "count", "after_result")
    async with world(tmp_path / "home", tmp_path / "work") as here:
        assert await carry_on(here, "count") is Outcome.DONE
        assert here.count == 1


async def test_killed_again_and_again_it_still_runs_once(tmp_path: Path) -> None:
    for at in ("after_intent", "after_intent", "after_act", "after_result"):
        killed_at(tmp_path, "count", at)
    async with world(tmp_path / "home", tmp_path / "work") as here:
        assert await carry_on(here, "count") is Outcome.DONE
        assert here.count == 1
        assert here.whole is not None
        assert (await here.whole.verify_journal()).valid


async def test_half_of_a_reversible_step_is_completed(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "slow").touch()
    await killed_when(tmp_path, "two_halves", (folder / "first").exists)
    (folder / "slow").unlink()
    async with world(tmp_path / "home", folder) as here:
        assert not (folder / "second").exists()
        assert await carry_on(here, "two_halves") is Outcome.DONE
        assert (folder / "second").exists()


async def test_half_of_a_dangerous_step_is_left_and_said(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    for name in ("slow", "one", "two"):
        (folder / name).touch()
    await killed_when(tmp_path, "remove_two", lambda: not (folder / "one").exists())
    (folder / "slow").unlink()
    async with world(tmp_path / "home", folder) as here:
        assert await carry_on(here, "remove_two") is Outcome.UNKNOWN
        assert (folder / "two").exists()


async def test_what_still_runs_is_waited_for(tmp_path: Path) -> None:
    killed_at(tmp_path, "count", "after_intent")
    folder = tmp_path / "work"
    _, act = planned("count", folder)
    # What a transport leaves behind when its way breaks: the line, marked, still at work.
    orphan = await asyncio.create_subprocess_exec(
        "sh", "-c", f"sleep 1.5; echo x >> {folder / 'counter'}", env={"VIGIE_ACTION": act.id, "PATH": os.defpath}
    )
    async with world(tmp_path / "home", folder) as here:
        assert await carry_on(here, "count") is Outcome.DONE
        assert here.count == 1
    await orphan.wait()


async def test_a_mark_that_only_begins_alike_is_not_waited_for(tmp_path: Path) -> None:
    killed_at(tmp_path, "count", "after_intent")
    _, act = planned("count", tmp_path / "work")
    other = await asyncio.create_subprocess_exec("sleep", "60", env={"VIGIE_ACTION": f"{act.id}0", "PATH": os.defpath})
    async with world(tmp_path / "home", tmp_path / "work") as here:
        async with asyncio.timeout(20):
            assert await carry_on(here, "count") is Outcome.DONE
    other.kill()
    await other.wait()


async def test_a_service_that_the_step_started_does_not_hold_it(tmp_path: Path) -> None:
    killed_at(tmp_path, "count", "after_act")
    _, act = planned("count", tmp_path / "work")
    service = await asyncio.create_subprocess_exec("sleep", "60", env={"VIGIE_ACTION": act.id, "PATH": os.defpath})
    async with world(tmp_path / "home", tmp_path / "work") as here:
        async with asyncio.timeout(20):
            assert await carry_on(here, "count") is Outcome.DONE
        assert here.count == 1
    service.kill()
    await service.wait()


@pytest.mark.parametrize("at", ["after_undo_intent", "after_undo"])
async def test_killed_while_taking_back_it_is_taken_back_once(tmp_path: Path, at: str) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "counter").write_text("x\nx\n")
    assert ended(tmp_path, "count") == 0
    killed_at(tmp_path, "count", at, "undo")
    async with world(tmp_path / "home", tmp_path / "work") as here:
        made, act = planned("count", here.folder)
        record = await here.gate.undo(here.host(), act, made, actor=ACTOR)
        assert record.outcome is Outcome.UNDONE
        assert here.counter.read_text() == "x\nx\n"


@pytest.mark.parametrize("at", ["before_backup", "after_backup"])
async def test_killed_around_a_backup_there_is_one(tmp_path: Path, at: str) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "one").write_text("one")
    killed_at(tmp_path, "count", at, "back_up")
    assert ended(tmp_path, "count", "-", "back_up") == 0
    async with world(tmp_path / "home", folder) as here:
        assert len(await here.memory.backups.list()) == 1


PASSAGES = """
from vigie.policy.crash import arm, crash_point
arm("here:3")
for name in ("here", "there", "here"):
    crash_point(name)
print("two", flush=True)
crash_point("here")
print("three")
"""


def test_a_crash_point_counts_its_passages() -> None:
    env = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", PASSAGES], env=env, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (KILLED, b"two\n")


@pytest.mark.parametrize("at", ["", "Here", "here:0", "here:x", "a b"])
def test_what_is_no_crash_point_is_told(at: str) -> None:
    with pytest.raises(ValueError, match="crash point"):
        crash.arm(at)


def test_unarmed_nothing_happens() -> None:
    crash.arm(None)
    crash.crash_point("after_intent")
