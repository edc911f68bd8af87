"""Real files, a real store, a real kill."""

import asyncio
import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from vigie.clock import SystemClock
from vigie.collectors.file import FileCollector
from vigie.collectors.loop import Loop
from vigie.domain.fact import Value
from vigie.domain.finding import Finding
from vigie.signals.pipeline import Pipeline

FOLLOW = Path(__file__).parent / "follow.py"
SOURCE = Path(__file__).parents[3] / "src"


class Positions:
    """Positions in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Value]] = {}

    async def get(self, source: str) -> dict[str, Value] | None:
        return self.kept.get(source)

    async def set(self, source: str, position: dict[str, Value]) -> None:
        self.kept[source] = position


class Watch:
    """A loop over some files, for as long as a test lasts."""

    def __init__(self, *patterns: Path) -> None:
        self.found: asyncio.Queue[Finding] = asyncio.Queue()
        clock = SystemClock()
        collector = FileCollector("web1", [str(pattern) for pattern in patterns], clock=clock, service="shop")
        self.source = collector.source
        self.loop = Loop([collector], Pipeline(), self.found.put, Positions(), clock=clock)

    async def __aenter__(self) -> "Watch":
        self.task = asyncio.create_task(self.loop.run())
        async with asyncio.timeout(5):
            while not self.loop.health:  # noqa: ASYNC110  # another process, or the loop, moves it
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.loop.stop()
        await self.task


async def test_an_error_is_found_within_a_second_of_being_written(tmp_path: Path) -> None:
    log = tmp_path / "shop.log"
    log.write_text("2026-11-20T10:00:00Z INFO shop: up\n")
    async with Watch(log) as watch:
        with log.open("a") as file:
            file.write("2026-11-20T10:00:01Z ERROR shop: no such table: orders\n")
        finding = await asyncio.wait_for(watch.found.get(), 1.0)
    assert (finding.kind, finding.subject, finding.host) == ("new_template", "service:shop", "web1")
    assert finding.source == f"{log}:2"


async def test_an_error_that_was_usual_before_is_no_news(tmp_path: Path) -> None:
    log = tmp_path / "shop.log"
    log.write_text("2026-11-20T10:00:00Z ERROR shop: 7 the old trouble\n")
    async with Watch(log) as watch:
        with log.open("a") as file:
            file.write("2026-11-20T10:00:01Z ERROR shop: 8 the old trouble\n")
        await asyncio.sleep(0.8)
        assert watch.found.empty()


async def test_each_needle_of_a_burst_is_found_once_through_its_rotation(tmp_path: Path) -> None:
    log = tmp_path / "shop.log"
    log.touch()
    words = ["alpha", "bravo", "delta", "hotel", "kilo", "lima"]
    async with Watch(log) as watch:
        for number in range(6000):
            with log.open("a") as file:
                if number % 1000 == 500:
                    word = words[number // 1000]
                    file.write(f"2026-11-20 10:00:00 ERROR {word} broke: {word} of {word}\n")
                else:
                    file.write(f"2026-11-20 10:00:00 INFO request {number} 200 {number % 90} ms\n")
            if number == 3000:
                log.rename(tmp_path / "shop.log.1")
            if number % 500 == 0:
                await asyncio.sleep(0.02)
        found: list[Finding] = []
        async with asyncio.timeout(10):
            while not found or words[-1] not in found[-1].excerpt:
                found.append(await watch.found.get())
        await asyncio.sleep(0.5)
    assert [finding.excerpt.split()[3] for finding in found if finding.kind == "new_template"] == words
    assert watch.loop.health[watch.source].lines == 6000


async def test_watching_files_that_do_not_change_costs_next_to_nothing(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number}.log").write_text("x\n")
    async with Watch(tmp_path / "*.log"):
        began = time.process_time()
        await asyncio.sleep(2.0)
        spent = time.process_time() - began
    # The bar is 1 % of a core; a loaded machine may count a little more.
    assert spent < 0.1


async def follow(home: Path, pattern: Path) -> "asyncio.subprocess.Process":
    return await asyncio.create_subprocess_exec(
        sys.executable, str(FOLLOW), str(home), str(pattern), env={"PYTHONPATH": str(SOURCE), "PATH": os.defpath}
    )


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_a_killed_follower_loses_no_line_and_tells_none_twice_for_good(tmp_path: Path) -> None:
    home, log = tmp_path / "home", tmp_path / "app.log"
    home.mkdir()
    log.write_text("line 1 of the program\n")
    chance = random.Random(5)
    told = home / "told"
    count = 1
    first = await follow(home, log)
    async with asyncio.timeout(30):
        while not told.exists() or not told.read_text():  # noqa: ASYNC110  # another process, or the loop, moves it
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    first.kill()
    await first.wait()
    for _ in range(8):
        process = await follow(home, log)
        lives_until = time.monotonic() + chance.uniform(1.0, 4.0)
        while time.monotonic() < lives_until:
            with log.open("a") as file:
                for _ in range(chance.randrange(1, 40)):
                    count += 1
                    file.write(f"line {count} of the program\n")
            if chance.random() < 0.02:
                for number in range(150, 0, -1):
                    old = Path(f"{log}.{number}")
                    if old.exists():
                        old.rename(f"{log}.{number + 1}")
                log.rename(f"{log}.1")
                log.touch()
            await asyncio.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        await process.wait()
    process = await follow(home, log)
    expected = {f"line {number} of the program" for number in range(1, count + 1)}
    try:
        async with asyncio.timeout(60):
            while set(told.read_text().splitlines()) < expected:  # noqa: ASYNC110  # another process, or the loop, moves it
                await asyncio.sleep(0.2)
        await asyncio.sleep(1.0)
    finally:
        process.kill()
        await process.wait()
    counted = Counter(told.read_text().splitlines())
    assert set(counted) == expected
    # A line told just before a kill, its position not yet kept, is told again under the same key: at most a batch a kill.
    assert sum(counted.values()) - count <= 8 * 2000
    assert sum(1 for times in counted.values() if times > 1) < count / 2
