"""Lines on their way to the store: kept without secrets, shown to who follows, never in the way of the watch."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vigie.clock import FixedClock
from vigie.collectors.keeping import Keeper
from vigie.domain.errors import Permanent
from vigie.domain.fact import Value
from vigie.domain.finding import Signal
from vigie.memory.lines.store import Kept, Lines, LineStore, Question
from vigie.signals.pipeline import Pipeline

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Full(LineStore):
    """A store whose disk is full for some tries."""

    def __init__(self, path: Path, refusals: int) -> None:
        super().__init__(path)
        self.refusals = refusals

    def keep_all(
        self, batches: Sequence[tuple[str, str, Lines]], positions: Mapping[str, Mapping[str, Value]] | None = None
    ) -> list[list[Kept]]:
        if self.refusals:
            self.refusals -= 1
            raise Permanent("lines.refused", path="events.db", reason="disk full")
        return super().keep_all(batches, positions)


@pytest.fixture
def store(tmp_path: Path) -> Full:
    return Full(tmp_path / "events.db", 0)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def keeper(store: Full, clock: FixedClock) -> Keeper:
    return Keeper(lambda: store, clock=clock)


def say(keeper: Keeper, pipeline: Pipeline, *lines: str, source: str = "a.log") -> None:
    keeper.take([pipeline.read(Signal("web1", source, line, NOW)) for line in lines], source, {"lines": list(lines)})


async def test_many_small_flushes_are_found_as_one(keeper: Keeper, store: Full) -> None:
    pipeline = Pipeline(judges=[])
    for begin in range(0, 1100, 10):
        for number in range(begin, begin + 10):
            say(keeper, pipeline, f"INFO line {number} of it", source=f"{number % 2}.log")
        await keeper.flush()
    assert [hit.text for hit in store.find(Question("line", limit=1000)).hits].count("INFO line 77 of it") == 1
    (hit,) = store.find(Question("77")).hits
    assert [each.text.split()[2] for each in store.context(hit.id, 2)] == ["73", "75", "77", "79", "81"]
    assert store.lines() == keeper.kept == 1100


async def test_a_template_that_becomes_more_general_keeps_its_count(keeper: Keeper, store: Full, clock: FixedClock) -> None:
    pipeline = Pipeline(judges=[])
    for name in ("ann", "bob", "cleo", "dan", "eve", "fay", "gus", "hal"):
        say(keeper, pipeline, f"INFO the order of {name} was sent to the warehouse")
        clock.advance(6)
        await keeper.flush()
    (told,) = store.templates(since_hour=0, hosts=None, host=None, limit=10)
    assert (told.text, told.count) == ("the order of <*> was sent to the warehouse", 8)
    assert len(store.find(Question(texts=store.texts_of(told.id))).hits) == 8


async def test_on_a_full_disk_reading_waits_and_nothing_is_lost(keeper: Keeper, store: Full, clock: FixedClock) -> None:
    store.refusals = 2
    say(keeper, Pipeline(judges=[]), "INFO one", "INFO two")
    flushing = asyncio.create_task(keeper.flush())
    async with asyncio.timeout(5):
        while keeper.trouble is None:  # noqa: ASYNC110  # the flush moves it
            await asyncio.sleep(0.01)
        assert "disk full" in keeper.trouble
        await flushing
    assert [keeper.kept, keeper.unkept, keeper.trouble] == [2, 0, None]
    assert await keeper.position("a.log") == {"lines": ["INFO one", "INFO two"]}
    assert [hit.text for hit in store.find(Question("one")).hits] == ["INFO one"]


async def test_a_disk_that_stays_full_stops_the_keeping_not_the_watch(keeper: Keeper, store: Full, clock: FixedClock) -> None:
    store.refusals = 1
    say(keeper, Pipeline(judges=[]), "INFO one")
    flushing = asyncio.create_task(keeper.flush())
    async with asyncio.timeout(5):
        while keeper.trouble is None:  # noqa: ASYNC110  # the flush moves it
            await asyncio.sleep(0.01)
    clock.advance(60)
    store.refusals = 1
    await flushing
    assert (keeper.kept, keeper.unkept) == (0, 1)
    say(keeper, Pipeline(judges=[]), "INFO two")
    await keeper.flush()
    assert [keeper.kept, keeper.trouble] == [1, None]
