"""The engine's port: what a dead process left is carried on, by whoever comes next, once."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vigie.cases.durable import Durable
from vigie.cases.steps import Steps
from vigie.domain.errors import Permanent

RUNNER = Path(__file__).with_name("durable_runner.py")


async def run(home: Path, case: str, pause_s: float, *others: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, str(RUNNER), str(home), case, str(pause_s), *others, env={"PYTHONPATH": os.pathsep.join(sys.path)}
    )


async def until(path: Path, line: str, timeout_s: float = 20.0) -> None:
    async with asyncio.timeout(timeout_s):
        while line not in (path.read_text().splitlines() if path.exists() else []):  # noqa: ASYNC110  # another process writes it
            await asyncio.sleep(0.02)


async def until_ended(durable: Durable) -> None:
    async with asyncio.timeout(10):
        while await durable.status("default", "C-1", 0) != "SUCCESS":  # noqa: ASYNC110  # the engine has no event for it
            await asyncio.sleep(0.05)


async def test_a_killed_process_is_carried_on_by_the_next_on_another_case(tmp_path: Path) -> None:
    first = await run(tmp_path, "C-1", 0.3)
    await until(tmp_path / "steps", "C-1 two")
    first.kill()
    await first.wait()
    second = await run(tmp_path, "C-2", 0.1, "C-1")
    assert await second.wait() == 0
    steps = (tmp_path / "steps").read_text().splitlines()
    ran = [step for step in steps if step.startswith("C-1")]
    # Only the step that had ended and was not noted yet may run again.
    assert list(dict.fromkeys(ran)) == ["C-1 one", "C-1 two", "C-1 three", "C-1 four"]
    assert sorted(set(ran)) == sorted(ran) or ran.count("C-1 two") == 2


async def test_a_living_process_takes_over_from_one_that_died_beside_it(tmp_path: Path) -> None:
    first = await run(tmp_path, "C-1", 2.0)
    await until(tmp_path / "steps", "C-1 one")
    second = await run(tmp_path, "C-2", 0.1, "C-1")
    await until(tmp_path / "steps", "C-2 one")
    first.kill()
    await first.wait()
    assert await second.wait() == 0
    assert "C-1" in (tmp_path / "ended").read_text().split()


async def test_several_processes_open_a_new_home_at_once(tmp_path: Path) -> None:
    running = [await run(tmp_path, f"C-{n}", 0.05) for n in range(4)]
    assert [await each.wait() for each in running] == [0, 0, 0, 0]
    steps = (tmp_path / "steps").read_text().splitlines()
    assert sorted(steps) == sorted(f"C-{n} {s}" for n in range(4) for s in ("one", "two", "three", "four"))


async def test_closing_lets_the_step_in_flight_end_and_leaves_the_rest(tmp_path: Path) -> None:
    done: list[str] = []
    begun = asyncio.Event()

    def a_step(name: str) -> Callable[[], Awaitable[str]]:
        async def work() -> str:
            begun.set()
            await asyncio.sleep(0.3)
            done.append(name)
            return name

        return work

    async def life(_tenant: str, _case: str, _leg: int, steps: Steps) -> str:
        for name in ("one", "two", "three"):
            await steps(name, a_step(name))
        return "resolved"

    durable = Durable(tmp_path, life)
    await durable.launch()
    await durable.start("default", "C-1", 0)
    await begun.wait()
    await durable.close(patience_s=30)
    assert done == ["one"]
    again = Durable(tmp_path, life)
    await again.launch()
    await until_ended(again)
    await again.close()
    assert done == ["one", "two", "three"]


async def test_the_same_leg_started_twice_runs_once(tmp_path: Path) -> None:
    runs: list[str] = []

    async def life(_tenant: str, case: str, _leg: int, steps: Steps) -> str:
        async def work() -> str:
            runs.append(case)
            return "x"

        return await steps("one", work)

    durable = Durable(tmp_path, life)
    await durable.launch()
    await durable.start("default", "C-1", 0)
    await durable.start("default", "C-1", 0)
    await until_ended(durable)
    await durable.start("default", "C-1", 0)
    await asyncio.sleep(0.2)
    await durable.close()
    assert runs == ["C-1"]


async def test_a_file_that_is_no_database_is_refused_with_words(tmp_path: Path) -> None:
    (tmp_path / "workflows.db").write_bytes(b"this is no database, and long enough to be looked at" * 40)

    async def life(_tenant: str, _case: str, _leg: int, _steps: Steps) -> str:
        return "never"

    with pytest.raises(Permanent) as refused:
        await Durable(tmp_path, life).launch()
    assert refused.value.key == "case.engine_corrupt"


async def test_the_files_are_the_owners_alone(tmp_path: Path) -> None:
    async def life(_tenant: str, _case: str, _leg: int, _steps: Steps) -> str:
        return "never"

    durable = Durable(tmp_path, life)
    await durable.launch()
    modes = {p.name: p.stat().st_mode & 0o077 for p in tmp_path.rglob("*") if p.is_file()}
    await durable.close()
    assert modes["workflows.db"] == 0
    assert set(modes.values()) == {0}


async def test_ended_legs_are_forgotten_after_a_month(tmp_path: Path) -> None:
    async def life(_tenant: str, _case: str, _leg: int, _steps: Steps) -> str:
        return "x"

    durable = Durable(tmp_path, life)
    await durable.launch()
    await durable.start("default", "C-1", 0)
    await until_ended(durable)
    now = datetime.now(UTC)  # the engine stamps its rows with the machine's own
    assert await durable.sweep(now=now + timedelta(days=29)) == 0
    assert await durable.sweep(now=now + timedelta(days=31)) == 1
    assert await durable.status("default", "C-1", 0) is None
    await durable.close()
