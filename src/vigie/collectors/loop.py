"""Feeds what the collectors read to the signals' pipeline, and its findings to a sink, for as long as it runs.

A position is saved only after the sink has taken the findings of all lines before it. A slow sink slows the collectors, not
the memory. One collector that crashes is started again; the others do not notice.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from vigie.clock import Clock, SystemClock
from vigie.collectors.collector import Collector, Position
from vigie.collectors.health import Health
from vigie.collectors.keeping import Keeper
from vigie.collectors.limit import Limit
from vigie.domain.fact import Value
from vigie.domain.finding import Finding, Signal
from vigie.signals.pipeline import Pipeline

logger = logging.getLogger(__name__)

Sink = Callable[[Finding], Awaitable[None]]
MEMORY = "signals.memory"
_BATCHES_MAX = 8
_SAVE_S = 0.5
_MEMORY_S = 30.0
_MEMORY_NEWS_S = 2.0
_TICK_S = 1.0
_RESTART_S = (0.5, 1.0, 2.0, 5.0, 15.0, 60.0)
_RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0)
_STOP_S = 0.4
# When a position was saved, in seconds since 1970: the later of two counts.
_SAVED = "saved_s"
_BREATH = 200


class Positions(Protocol):
    """What the loop needs of a store of positions."""

    async def get(self, source: str) -> dict[str, Value] | None:
        """Return what was set last."""
        ...

    async def set(self, source: str, position: dict[str, Value]) -> None:
        """Remember a position."""
        ...


@dataclass(slots=True)
class _Source:
    collector: Collector
    queue: "asyncio.Queue[tuple[Sequence[Signal], Position]]" = field(default_factory=lambda: asyncio.Queue(_BATCHES_MAX))
    position: Position | None = None
    is_saved: bool = True
    health: Health = field(default_factory=Health)
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)
    waiting: int = 0
    limit: Limit = field(init=False)

    def __post_init__(self) -> None:
        self.limit = Limit(self.collector.lines_per_s_max)


class Loop:
    """Runs collectors until it is stopped. Collectors may come and go while it runs."""

    def __init__(
        self,
        collectors: Sequence[Collector],
        pipeline: Pipeline,
        sink: Sink,
        cursors: Positions,
        *,
        clock: Clock | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        self._pipeline = pipeline
        self._keeper = keeper
        self._sink = sink
        self._cursors = cursors
        self._clock = clock or SystemClock()
        self._sources: dict[str, _Source] = {}
        self._to_begin = list(collectors)
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._memory_at_s = 0.0
        self._has_news = False

    @property
    def health(self) -> dict[str, Health]:
        """Return how each source fares."""
        return {name: source.health for name, source in self._sources.items()}

    @property
    def waiting(self) -> dict[str, int]:
        """Return how many lines of each source were handed over and not yet looked at."""
        return {name: source.waiting for name, source in self._sources.items()}

    @property
    def collectors(self) -> dict[str, Collector]:
        """Return the collectors by the names of their sources."""
        return {name: source.collector for name, source in self._sources.items()}

    async def run(self) -> None:
        """Run until `stop` is called or the task is cancelled; leave nothing running behind."""
        self._pipeline.remember(await self._cursors.get(MEMORY) or {})
        self._memory_at_s = self._clock.monotonic_s()
        self._tasks = [asyncio.create_task(self._tick()), asyncio.create_task(self._save())]
        try:
            for collector in self._to_begin:
                await self.add(collector)
            self._to_begin = []
            await self._stopping.wait()
        finally:
            await self._end()

    async def stop(self) -> None:
        """Ask the loop to end; `run` returns within a second."""
        self._stopping.set()

    async def add(self, collector: Collector) -> None:
        """Take one more source on; a source that is already there stays as it is."""
        name = collector.source
        if name in self._sources:
            return
        source = self._sources[name] = _Source(collector)
        source.position = await self._saved(name)
        if source.position is None:
            await self._learn(collector)
        source.tasks = [asyncio.create_task(self._supervise(source)), asyncio.create_task(self._pump(source))]

    async def remove(self, name: str) -> None:
        """Let a source go; its position is kept."""
        source = self._sources.pop(name, None)
        if source is not None:
            await self._halt([source])
            await self._keep(name, source)

    async def _saved(self, name: str) -> Position | None:
        """Return how far a source was read: as far as its lines are kept, unless there was no keeping them."""
        own = await self._cursors.get(name)
        kept = await self._keeper.position(name) if self._keeper is not None and own is not None else None
        return kept if kept and float(str(kept.get(_SAVED, 0))) >= float(str((own or {}).get(_SAVED, 0))) else own

    async def _learn(self, collector: Collector) -> None:
        try:
            for number, signal in enumerate(await collector.history()):
                self._pipeline.learn(signal, collector.zone)
                if number % _BREATH == 0:
                    await asyncio.sleep(0)
        except Exception:  # the past is a help, not a need
            logger.exception("history not read", extra={"source": collector.source})

    async def _supervise(self, source: _Source) -> None:
        """Run a collector; start it again from what was taken care of when it ends or dies."""
        tries = 0
        while True:
            began_s = self._clock.monotonic_s()

            async def emit(signals: Sequence[Signal], position: Position) -> None:
                source.waiting += len(signals)
                await source.queue.put((signals, position))

            try:
                await source.collector.run(emit, source.position)
                logger.warning("collector ended", extra={"source": source.collector.source})
            except Exception as error:  # one source's death is not the others'
                source.health.trouble = f"{type(error).__name__}: {error}"
                logger.exception("collector died", extra={"source": source.collector.source})
            # What it had handed over is taken care of first, or it would be read again.
            await source.queue.join()
            tries = 0 if self._clock.monotonic_s() - began_s > _RESTART_S[-1] else tries
            await asyncio.sleep(_RESTART_S[min(tries, len(_RESTART_S) - 1)])
            tries += 1
            source.health.restarts += 1

    async def _pump(self, source: _Source) -> None:
        """Take batches in order; a position counts once everything before it is taken care of."""
        while True:
            signals, position = await source.queue.get()
            source.waiting -= len(signals)
            if self._keeper is not None:
                position = {**position, _SAVED: self._clock.now().timestamp()}
            passed = source.limit.taken(signals, self._clock.monotonic_s())
            source.health.sampled = source.limit.left_out
            found = await self._feed(source, passed, position)
            is_first = source.position is None
            source.position, source.is_saved = position, False
            source.queue.task_done()
            if self._keeper is not None and self._keeper.is_full:
                await self._keeper.flush()
            if found or is_first:
                await self._keep(source.collector.source, source)

    async def _feed(self, source: _Source, signals: Sequence[Signal], position: Position) -> bool:
        found_any = False
        readings = []
        for number, signal in enumerate(signals, 1):
            reading = self._pipeline.read(signal, source.collector.zone)
            readings.append(reading)
            for finding in reading.findings:
                await self._deliver(finding)
                source.health.findings += 1
                source.health.finding_s += max(0.0, (self._clock.now() - signal.read_at).total_seconds())
                found_any = self._has_news = True
            if number % _BREATH == 0:
                await asyncio.sleep(0)
        if signals:
            source.health.took(len(signals), self._clock.now(), self._clock.monotonic_s())
        if self._keeper is not None:
            self._keeper.take(readings, source.collector.source, position)
        return found_any

    async def _deliver(self, finding: Finding) -> None:
        """Give a finding to the sink until it takes it."""
        tries = 0
        while True:
            try:
                await self._sink(finding)
            except Exception:  # the sink's trouble must not lose the finding
                logger.exception("finding not taken", extra={"key": finding.key})
                await asyncio.sleep(_RETRY_S[min(tries, len(_RETRY_S) - 1)])
                tries += 1
            else:
                return

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            for finding in self._pipeline.tick(self._clock.now()):
                await self._deliver(finding)

    async def _save(self) -> None:
        while True:
            await asyncio.sleep(_SAVE_S)
            for name, source in list(self._sources.items()):
                source.health.passed(self._clock.monotonic_s())
                await self._keep(name, source)
            if self._keeper is not None:
                await self._keeper.forget()
            if self._clock.monotonic_s() - self._memory_at_s >= (_MEMORY_NEWS_S if self._has_news else _MEMORY_S):
                await self._keep_memory()

    async def _keep(self, name: str, source: _Source) -> None:
        if source.is_saved or source.position is None:
            return
        source.is_saved, position = True, source.position
        try:
            if self._keeper is not None:
                await self._keeper.flush()  # lines are kept before they count as read
            await self._cursors.set(name, position)
        except Exception:  # it is tried again; meanwhile an older position holds
            source.is_saved = False
            logger.exception("position not saved", extra={"source": name})

    async def _keep_memory(self) -> None:
        self._memory_at_s, self._has_news = self._clock.monotonic_s(), False
        memory = self._pipeline.memory()
        try:
            if memory:
                await self._cursors.set(MEMORY, memory)
        except Exception:  # it is tried again in a while
            logger.exception("memory not saved")

    async def _end(self) -> None:
        """End everything within a second: collectors first, then what they had handed over, then the positions."""
        for task in self._tasks:
            task.cancel()
        await self._halt(list(self._sources.values()))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._keep_all(), _STOP_S)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep_all(self) -> None:
        for name, source in self._sources.items():
            await self._keep(name, source)
        await self._keep_memory()

    async def _halt(self, sources: Sequence[_Source]) -> None:
        supervisors = [source.tasks[0] for source in sources if source.tasks]
        pumps = [source.tasks[1] for source in sources if source.tasks]
        for task in supervisors:
            task.cancel()
        await asyncio.gather(*supervisors, return_exceptions=True)
        joins = [asyncio.ensure_future(source.queue.join()) for source in sources]
        if joins:
            await asyncio.wait(joins, timeout=_STOP_S)
        for task in (*joins, *pumps):
            task.cancel()
        await asyncio.gather(*joins, *pumps, return_exceptions=True)
