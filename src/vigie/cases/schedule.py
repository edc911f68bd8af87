"""Standing watches: repeats the checks that were left behind after a mend, and feeds what they show to the signals' pipeline."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from vigie.agents.monitor import Monitor
from vigie.clock import Clock
from vigie.domain.errors import VigieError
from vigie.domain.fact import Fact, Value
from vigie.domain.finding import Finding
from vigie.domain.host import Host
from vigie.domain.watch import Watch
from vigie.knowledge.models import Pattern
from vigie.memory.memory import TenantMemory
from vigie.reasoning import matching
from vigie.reasoning.facts import Facts
from vigie.reasoning.looks import Look

logger = logging.getLogger(__name__)

_TURN_S = 1.0
# One bad look may be a hiccup; the second in a row is a trouble.
_BAD_LOOKS = 2


class Sampler(Protocol):
    """What the schedule needs of the signals' pipeline."""

    def sample(self, host: str, subject: str, name: str, value: float, at: datetime) -> list[Finding]:
        """Take one sample; return what it gives rise to."""
        ...


class Schedule:
    """Runs the watches of one tenant until cancelled. Every look goes through the gate."""

    def __init__(
        self,
        memory: TenantMemory,
        monitor: Monitor,
        pipeline: Sampler,
        sink: Callable[[Finding], Awaitable[None]],
        clock: Clock,
    ) -> None:
        self._memory = memory
        self._monitor = monitor
        self._pipeline = pipeline
        self._sink = sink
        self._clock = clock
        self._next_s: dict[str, float] = {}
        self._bad: dict[str, int] = {}

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            await self.turn()
            await asyncio.sleep(_TURN_S)

    async def turn(self) -> None:
        """Run the watches that are due, and forget those that are over."""
        watches = await self._memory.watches.list()
        known = {watch.id for watch in watches}
        self._next_s = {name: at for name, at in self._next_s.items() if name in known}
        self._bad = {name: count for name, count in self._bad.items() if name in known}
        for watch in watches:
            if watch.until is not None and watch.until <= self._clock.now():
                await self._memory.watches.remove(watch.id)
            elif self._next_s.get(watch.id, 0.0) <= self._clock.monotonic_s():
                self._next_s[watch.id] = self._clock.monotonic_s() + watch.every_s
                await self._look(watch)

    async def _look(self, watch: Watch) -> None:
        try:
            host = await self._memory.hosts.get(watch.host)
            facts = await self._monitor.measure(host, look_of(watch), case=watch.case)
        except VigieError as error:
            # A host out of reach is the collectors' finding to make; a watch only says what it could see.
            logger.warning("watch not run", extra={"watch": watch.id, "host": watch.host, "why": error.key})
            return
        for finding in [*self._samples(host, facts), *self._judged(watch, host, facts)]:
            await self._sink(finding)

    def _samples(self, host: Host, facts: Sequence[Fact]) -> list[Finding]:
        return [
            finding
            for fact in facts
            for name, value in _numbers(fact)
            for finding in self._pipeline.sample(host.name, fact.subject, name, value, fact.at)
        ]

    def _judged(self, watch: Watch, host: Host, facts: Sequence[Fact]) -> list[Finding]:
        see = watch.check.get("see")
        if not isinstance(see, dict):
            return []
        pattern = Pattern.model_validate(see)
        if matching.first(pattern, Facts(facts), _bindings(watch)) is not None:
            self._bad[watch.id] = 0
            return []
        self._bad[watch.id] = self._bad.get(watch.id, 0) + 1
        if self._bad[watch.id] != _BAD_LOOKS:
            return []
        shown = next((fact for fact in facts if fact.name == pattern.fact), facts[-1] if facts else None)
        now = self._clock.now()
        return [
            Finding(
                kind="threshold",
                host=host.name,
                subject=shown.subject if shown else f"host:{host.name}",
                key=f"watch:{watch.id}",
                first_at=now - timedelta(seconds=watch.every_s),
                last_at=now,
                count=_BAD_LOOKS,
                confidence=0.9,
                excerpt=(shown.source.excerpt or str(shown.value)) if shown else str(watch.check.get("probe")),
                source=shown.source.line if shown else str(watch.check.get("probe")),
            )
        ]


def look_of(watch: Watch) -> Look:
    """Return what a watch looks at."""
    slots = watch.check.get("slots")
    pairs = slots.items() if isinstance(slots, dict) else ()
    return Look.of(str(watch.check["probe"]), {name: str(value) for name, value in pairs})


def _bindings(watch: Watch) -> dict[str, str]:
    bound = watch.check.get("bindings")
    return {name: str(value) for name, value in bound.items()} if isinstance(bound, dict) else {}


def _numbers(fact: Fact) -> list[tuple[str, float]]:
    if _is_number(fact.value):
        return [(fact.name, float(fact.value))]  # type: ignore[arg-type]  # seen to be a number
    if isinstance(fact.value, dict):
        return [(f"{fact.name}.{name}", float(value)) for name, value in fact.value.items() if _is_number(value)]  # type: ignore[arg-type]  # the same
    return []


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
