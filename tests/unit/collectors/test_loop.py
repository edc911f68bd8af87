import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from vigie.clock import FixedClock
from vigie.collectors.collector import Around, Collector, Emit, Position, Spec
from vigie.collectors.file import FileCollector
from vigie.collectors.loop import MEMORY, Loop
from vigie.domain.errors import BadUsage
from vigie.domain.fact import Value
from vigie.domain.finding import Event, Finding, Signal
from vigie.signals.detectors.detector import Detector
from vigie.signals.pipeline import Pipeline
from vigie.signals.templates import Template

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class EveryLine(Detector):
    """Tells of each line."""

    name = "every_line"

    def event(self, event: Event, template: Template) -> list[Finding]:
        return [Finding(self.name, event.signal.host, "x", event.message, NOW, NOW, 1, 1.0, event.message, event.signal.source)]

    def memory(self) -> dict[str, Value]:
        return {"kept": True}


class Lines(Collector):
    """Reads a list of words, one a batch; its position is how many were read."""

    name = "lines"

    def __init__(self, source: str, words: Sequence[str], dies_at: Sequence[int] = (), past: Sequence[str] = ()) -> None:
        self._source = source
        self._words = words
        self._dies_at = list(dies_at)
        self._past = past
        self.emitted = 0

    @classmethod
    def make(cls, spec: Spec, around: Around) -> "Lines":
        return cls(spec.name, ())

    @property
    def source(self) -> str:
        return self._source

    async def run(self, emit: Emit, position: Position | None) -> None:
        at = int(str(position["at"])) if position else 0
        for number in range(at, len(self._words)):
            if self._dies_at and number == self._dies_at[0]:
                self._dies_at.pop(0)
                raise RuntimeError("died")
            await emit([self._signal(self._words[number])], {"at": number + 1})
            self.emitted += 1
        await asyncio.Event().wait()

    async def history(self) -> Sequence[Signal]:
        return [self._signal(word) for word in self._past]

    def _signal(self, word: str) -> Signal:
        return Signal("h", self._source, word, NOW, 1)


class Store:
    """Positions in memory; it can refuse to keep them."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Value]] = {}
        self.refuses = False

    async def get(self, source: str) -> dict[str, Value] | None:
        return self.kept.get(source)

    async def set(self, source: str, position: dict[str, Value]) -> None:
        if self.refuses:
            raise OSError("disk full")
        self.kept[source] = position


class Sink:
    def __init__(self) -> None:
        self.taken: list[str] = []
        self.refusals = 0
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self, finding: Finding) -> None:
        await self.open.wait()
        if self.refusals:
            self.refusals -= 1
            raise OSError("not now")
        self.taken.append(finding.excerpt)


async def until(holds: Callable[[], bool], within_s: float = 5.0) -> None:
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110  # another process, or the loop, moves it
            await asyncio.sleep(0.01)


@asynccontextmanager
async def running(*collectors: Collector, sink: Callable[[Finding], Awaitable[None]], store: Store) -> AsyncIterator[Loop]:
    loop = Loop(collectors, Pipeline(judges=[EveryLine()]), sink, store)
    task = asyncio.create_task(loop.run())
    try:
        yield loop
    finally:
        await loop.stop()
        async with asyncio.timeout(1.0):
            await task


async def test_each_line_reaches_the_sink_and_then_its_position_is_kept() -> None:
    sink, store = Sink(), Store()
    async with running(Lines("a", ["one", "two"]), sink=sink, store=store):
        await until(lambda: store.kept.get("a") == {"at": 2})
    assert sink.taken == ["one", "two"]


async def test_no_position_is_kept_before_the_sink_has_taken_the_finding() -> None:
    sink, store = Sink(), Store()
    sink.open.clear()
    async with running(Lines("a", ["one"]), sink=sink, store=store):
        await asyncio.sleep(0.7)
        assert "a" not in store.kept
        sink.open.set()
        await until(lambda: store.kept.get("a") == {"at": 1})


async def test_a_slow_sink_slows_the_collector_not_the_memory() -> None:
    sink, store = Sink(), Store()
    sink.open.clear()
    lines = Lines("a", [str(number) for number in range(1000)])
    async with running(lines, sink=sink, store=store):
        await asyncio.sleep(0.2)
        assert lines.emitted <= 10


async def test_a_sink_that_refuses_is_asked_again() -> None:
    sink, store = Sink(), Store()
    sink.refusals = 2
    async with running(Lines("a", ["one", "two"]), sink=sink, store=store):
        await until(lambda: sink.taken == ["one", "two"])


async def test_a_collector_that_dies_goes_on_where_it_was_and_the_others_do_not_notice() -> None:
    sink, store = Sink(), Store()
    words = [f"a{number}" for number in range(20)]
    async with running(Lines("a", words, dies_at=[7]), Lines("b", ["b0"]), sink=sink, store=store) as loop:
        await until(lambda: len(sink.taken) == 21)
        assert loop.health["a"].restarts == 1
        assert loop.health["a"].trouble == "RuntimeError: died"
        assert loop.health["a"].lines == 20
    assert [word for word in sink.taken if word.startswith("a")] == words
    assert "b0" in sink.taken


async def test_a_restart_goes_on_from_the_kept_position() -> None:
    sink, store = Sink(), Store()
    async with running(Lines("a", ["one", "two"]), sink=sink, store=store):
        await until(lambda: len(sink.taken) == 2)
    async with running(Lines("a", ["one", "two", "three"]), sink=sink, store=store):
        await until(lambda: len(sink.taken) == 3)
    assert sink.taken == ["one", "two", "three"]


async def test_a_store_that_refuses_is_asked_again() -> None:
    sink, store = Sink(), Store()
    store.refuses = True
    async with running(Lines("a", ["one"]), sink=sink, store=store):
        await until(lambda: sink.taken == ["one"])
        store.refuses = False
        await until(lambda: store.kept.get("a") == {"at": 1})


async def test_it_ends_within_a_second_even_when_the_sink_hangs() -> None:
    sink, store = Sink(), Store()
    sink.open.clear()
    async with running(Lines("a", ["one"]), sink=sink, store=store):
        await asyncio.sleep(0.05)


async def test_ending_leaves_no_task_behind() -> None:
    sink, store = Sink(), Store()
    before = asyncio.all_tasks()
    async with running(Lines("a", ["one"]), sink=sink, store=store):
        await until(lambda: sink.taken == ["one"])
    assert asyncio.all_tasks() == before


async def test_the_past_is_learnt_at_the_first_start_only() -> None:
    class Learner(EveryLine):
        """Remembers what it learns."""

        def __init__(self) -> None:
            self.learnt: list[str] = []

        def learn(self, event: Event, template: Template) -> None:
            self.learnt.append(event.message)

    sink, store = Sink(), Store()
    for expected in (["old"], []):
        judge = Learner()
        loop = Loop([Lines("a", ["one"], past=["old"])], Pipeline(judges=[judge]), sink, store)
        task = asyncio.create_task(loop.run())
        await until(lambda: store.kept.get("a") == {"at": 1})
        await loop.stop()
        await task
        assert judge.learnt == expected


async def test_what_the_pipeline_must_remember_is_kept() -> None:
    sink, store = Sink(), Store()
    async with running(Lines("a", ["one"]), sink=sink, store=store):
        await until(lambda: sink.taken == ["one"])
    assert store.kept[MEMORY] == {"every_line": {"kept": True}}


async def test_sources_come_and_go_while_it_runs() -> None:
    sink, store = Sink(), Store()
    async with running(sink=sink, store=store) as loop:
        await asyncio.sleep(0)
        await loop.add(Lines("a", ["one"]))
        await loop.add(Lines("a", ["one"]))
        await until(lambda: sink.taken == ["one"])
        await loop.remove("a")
        assert store.kept["a"] == {"at": 1}
        assert loop.health == {}
        await loop.remove("nothing")


async def test_a_cancelled_loop_ends_cleanly() -> None:
    sink, store = Sink(), Store()
    loop = Loop([Lines("a", ["one"])], Pipeline(judges=[EveryLine()]), sink, store)
    task = asyncio.create_task(loop.run())
    await until(lambda: sink.taken == ["one"])
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert store.kept["a"] == {"at": 1}


@pytest.mark.parametrize("patterns", [[], ["app.log"], ["/var/log/a.log", "b.log"]])
def test_a_log_that_is_not_named_whole_is_refused(patterns: list[str]) -> None:
    with pytest.raises(BadUsage) as refused:
        FileCollector("h", patterns, clock=FixedClock(NOW))
    assert refused.value.why("fr")
