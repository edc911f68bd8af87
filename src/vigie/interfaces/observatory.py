"""Measures the hosts that are observed, on a schedule, keeps what it sees, and warns of what is running out while there is time.

It only reads, through the gate: on a host that checks lines itself, with the key that can do nothing else.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from math import isfinite
from typing import TYPE_CHECKING

from vigie.domain.errors import Permanent, VigieError
from vigie.domain.finding import Finding
from vigie.domain.host import Host
from vigie.domain.plain import plain
from vigie.domain.trend import Measure

if TYPE_CHECKING:
    from vigie.clock import Clock
    from vigie.knowledge.library import Knowledge
    from vigie.memory.memory import TenantMemory
    from vigie.policy.gate import Gate
    from vigie.signals.detectors.running_out import RunningOut

logger = logging.getLogger(__name__)

ACTOR = "vigie"
LINE = "python3 -"
# What can run out is measured at every look; certificates, which take a walk over the disk, now and then.
MEASURES = "observation"
CERTIFICATES = "certificates"
_CERTIFICATES_EVERY_S = 6 * 3600.0
_TURN_S = 2.0
_AT_ONCE = 16
_LOOK_S = 60.0
_ROWS_MAX = 400
_WORD_MAX = 200
_REMEMBERED = timedelta(days=14)
_PROBE = "observation"


class Observatory:
    """One home's observed hosts."""

    def __init__(
        self,
        memory: "TenantMemory",
        gate: "Gate",
        knowledge: "Knowledge",
        clock: "Clock",
        sink: Callable[[Finding], Awaitable[None]],
    ) -> None:
        self._memory = memory
        self._gate = gate
        self._knowledge = knowledge
        self._clock = clock
        self._sink = sink
        self._next_s: dict[str, float] = {}
        self._certificates_s: dict[str, float] = {}
        self._judges: dict[str, RunningOut] = {}

    async def run(self) -> None:
        """Observe until cancelled."""
        while True:
            await self.turn()
            await asyncio.sleep(_TURN_S)

    async def turn(self) -> None:
        """Look at the hosts that are due, several at once."""
        observed = {host.name: host for host in await self._memory.hosts.list() if host.observed_every_s}
        for name in self._judges.keys() - observed.keys():
            del self._judges[name]
        now_s = self._clock.monotonic_s()
        due = [host for host in observed.values() if self._next_s.get(host.name, 0.0) <= now_s]
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(host: Host) -> None:
            self._next_s[host.name] = now_s + (host.observed_every_s or 0.0)
            async with turns:
                try:
                    await self.look(host)
                except VigieError as error:
                    logger.info("not observed", extra={"host": host.name, "why": error.key})

        async with asyncio.TaskGroup() as group:
            for host in due:
                group.create_task(one(host))

    async def look(self, host: Host) -> list[Measure]:
        """Measure a host once, keep it, and hand on what it warns of.

        Raises:
            VigieError: the host did not answer, or cannot be measured.
        """
        measures = await self._measured(host)
        judge = await self._judge(host.name)
        now = self._clock.now()
        await self._memory.trends.add(host.name, now, measures)
        from vigie.signals.detectors.detector import Sample

        for each in measures:
            for finding in judge.sample(Sample(host.name, each.subject, each.name, each.value, now)):
                await self._sink(finding)
        return measures

    async def _measured(self, host: Host) -> list[Measure]:
        from vigie.policy.gate import Reading

        names = [MEASURES]
        now_s = self._clock.monotonic_s()
        if self._certificates_s.get(host.name, -_CERTIFICATES_EVERY_S) <= now_s - _CERTIFICATES_EVERY_S:
            names.append(CERTIFICATES)
        readings = [Reading(LINE, self._knowledge.scripts[name].source, _LOOK_S, _PROBE) for name in names]
        answers = await self._gate.read(host, readings, actor=ACTOR, observing=True)
        if CERTIFICATES in names:
            self._certificates_s[host.name] = now_s
        measures = [measure for answer in answers for measure in measures_of(answer.stdout)]
        if not measures:
            raise Permanent("observation.not_measured", host=host.name, reason=plain(answers[0].stderr).strip() or answers[0].rc)
        return measures

    async def _judge(self, host: str) -> "RunningOut":
        """Return what follows the host's series; it takes up again what is kept of them."""
        if host not in self._judges:
            from vigie.signals.detectors.detector import Sample
            from vigie.signals.detectors.running_out import RunningOut

            judge = self._judges[host] = RunningOut()
            for trend in await self._memory.trends.list(host, self._clock.now() - _REMEMBERED):
                for point in trend.points:
                    judge.sample(Sample(host, trend.subject, trend.name, point.value, point.at))
        return self._judges[host]


def measures_of(output: bytes) -> list[Measure]:
    """Return the numbers that a look printed, a line each; what is none, or too much, is passed over."""
    found: dict[tuple[str, str], Measure] = {}
    for line in output.decode("utf-8", "replace").splitlines():
        measure = _measure(line)
        if measure is not None and len(found) < _ROWS_MAX:
            found[measure.subject, measure.name] = measure
    return list(found.values())


def _measure(line: str) -> Measure | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict):
        return None
    subject, name, value = row.get("subject"), row.get("name"), row.get("value")
    if isinstance(value, dict):
        # Only a certificate that something names can be missed.
        name, value = "certificate.days_left", value.get("days_left") if value.get("used_by") else None
    words = (subject, name)
    if not all(isinstance(word, str) and 0 < len(word) <= _WORD_MAX and word.isprintable() for word in words):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    return Measure(str(subject), str(name), float(value))
