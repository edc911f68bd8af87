"""Standing watches: run when due, fed to the pipeline, and a finding only when a look stays bad."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from vigie.cases.schedule import Schedule
from vigie.clock import FixedClock
from vigie.domain.errors import Transient
from vigie.domain.fact import Fact, Source, Value
from vigie.domain.finding import Finding
from vigie.domain.host import Host
from vigie.domain.watch import Watch
from vigie.memory.memory import Memory, TenantMemory
from vigie.reasoning.looks import Look

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
GOOD: dict[str, Value] = {
    "probe": "endpoint.check",
    "slots": {"url": "http://127.0.0.1/"},
    "see": {"fact": "endpoint.status", "value": {".": {"below": 500}}},
}


class ToyMonitor:
    def __init__(self, answers: Sequence[Value | Exception]) -> None:
        self.answers = list(answers)
        self.looks: list[Look] = []

    async def measure(self, host: Host, look: Look, *, case: str | None = None) -> list[Fact]:
        self.looks.append(look)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return [Fact("F-1", host.name, "url:http://127.0.0.1/", "endpoint.status", answer, NOON, Source("curl …", f"{answer}"))]


class ToyPipeline:
    def __init__(self) -> None:
        self.samples: list[tuple[str, str, str, float]] = []

    def sample(self, host: str, subject: str, name: str, value: float, at: datetime) -> list[Finding]:
        self.samples.append((host, subject, name, value))
        return []


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
async def memory(tmp_path: Path, clock: FixedClock) -> AsyncIterator[TenantMemory]:
    opened = await Memory.open(tmp_path, clock=clock)
    await opened.of().hosts.save(Host("web1", "local"))
    yield opened.of()
    await opened.close()


class Watched:
    def __init__(self, memory: TenantMemory, clock: FixedClock, answers: Sequence[Value | Exception]) -> None:
        self.monitor, self.pipeline = ToyMonitor(answers), ToyPipeline()
        self.found: list[Finding] = []
        self.clock = clock
        self.schedule = Schedule(memory, cast("Any", self.monitor), self.pipeline, self.sink, clock)

    async def sink(self, finding: Finding) -> None:
        self.found.append(finding)

    async def turns(self, count: int, every_s: float = 60.0) -> None:
        for _ in range(count):
            await self.schedule.turn()
            self.clock.advance(every_s)


async def test_a_watch_runs_when_it_is_due_and_not_before(memory: TenantMemory, clock: FixedClock) -> None:
    await memory.watches.save(Watch("W-1", "web1", GOOD, every_s=60.0))
    watched = Watched(memory, clock, [200, 200, 200])
    await watched.turns(6, every_s=30.0)
    assert len(watched.monitor.looks) == 3
    assert watched.monitor.looks[0] == Look.of("endpoint.check", {"url": "http://127.0.0.1/"})


async def test_what_it_measures_is_sampled(memory: TenantMemory, clock: FixedClock) -> None:
    await memory.watches.save(Watch("W-1", "web1", GOOD, every_s=60.0))
    watched = Watched(memory, clock, [200])
    await watched.turns(1)
    assert watched.pipeline.samples == [("web1", "url:http://127.0.0.1/", "endpoint.status", 200.0)]


async def test_one_bad_look_is_a_hiccup_two_in_a_row_are_a_finding_once(memory: TenantMemory, clock: FixedClock) -> None:
    await memory.watches.save(Watch("W-1", "web1", GOOD, every_s=60.0))
    watched = Watched(memory, clock, [500, 200, 500, 500, 500])
    await watched.turns(3)
    assert watched.found == []
    await watched.turns(2)
    assert [(each.kind, each.key, each.excerpt) for each in watched.found] == [("threshold", "watch:W-1", "500")]


async def test_a_watch_that_is_over_is_forgotten(memory: TenantMemory, clock: FixedClock) -> None:
    await memory.watches.save(Watch("W-1", "web1", GOOD, every_s=60.0, until=NOON + timedelta(seconds=90)))
    watched = Watched(memory, clock, [200, 200])
    await watched.turns(4)
    assert len(watched.monitor.looks) == 2
    assert await memory.watches.list() == []


async def test_a_host_out_of_reach_stops_no_other_watch(memory: TenantMemory, clock: FixedClock) -> None:
    for name in ("W-1", "W-2"):
        await memory.watches.save(Watch(name, "web1", GOOD, every_s=60.0))
    watched = Watched(memory, clock, [Transient("host.unreachable", host="web1"), 200])
    await watched.turns(1)
    assert len(watched.monitor.looks) == 2
