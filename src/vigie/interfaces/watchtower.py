"""Keeps watch: follows logs, asks for pages, repeats standing checks; what they show becomes findings, and findings cases."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from vigie.domain.errors import Permanent, VigieError
from vigie.domain.finding import Finding
from vigie.i18n import Language
from vigie.interfaces.settings import LogFile

if TYPE_CHECKING:
    from vigie.cases.desk import Desk
    from vigie.clock import Clock
    from vigie.collectors.collector import Collector
    from vigie.collectors.keeping import Keeper
    from vigie.collectors.loop import Loop
    from vigie.memory.lines.retention import Retention
    from vigie.memory.memory import TenantMemory
    from vigie.policy.gate import Gate
    from vigie.signals.pipeline import Pipeline

logger = logging.getLogger(__name__)

_PAGE_TIMEOUT_S = 10.0
# People lose the thread of what they do when an answer takes longer than a second (Nielsen 1993).
_SLOW_S = 1.0
_SERVER_ERROR = 500
# After the first finding of a trouble its others follow at once; a case that begins with all of them understands more.
_GATHER_S = 1.0
_HELD_MAX = 500


class Watchtower:
    """One home's watch. A held host's findings gather until somebody asks for them; the others open cases at once."""

    def __init__(
        self,
        memory: "TenantMemory",
        desk: "Desk",
        gate: "Gate",
        clock: "Clock",
        sources: Sequence[LogFile] = (),
        *,
        language: Language = "en",
        retention: "Retention | None" = None,
    ) -> None:
        self._retention = retention
        self._memory = memory
        self._desk = desk
        self._gate = gate
        self._clock = clock
        self._language = language
        self._sources = list(sources)
        self._held: dict[str, list[Finding]] = {}
        self._came = asyncio.Event()
        self._loop: Loop | None = None
        self._pipeline: Pipeline | None = None
        self._keeper: Keeper | None = None
        self._followed: dict[str, list[str]] = {}
        self._pages: dict[str, list[asyncio.Task[None]]] = {}

    async def run(self) -> None:
        """Watch until cancelled."""
        loop = self._opened()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(loop.run())
                group.create_task(self._desk.schedule(self._judges(), self.take).run())
        finally:
            # What was followed is taken up again from its kept position by the next run.
            self._loop = None
            await self.keeper.close()

    @property
    def keeper(self) -> "Keeper":
        """Return what keeps the lines that are read."""
        if self._keeper is None:
            from vigie.collectors.keeping import Keeper

            self._keeper = Keeper(self._memory.lines, clock=self._clock, retention=self._retention)
        return self._keeper

    @property
    def loop(self) -> "Loop | None":
        """Return what reads the sources, None while nothing is watched."""
        return self._loop

    async def follow_log(self, host: str, service: str | None, path: Path) -> None:
        """Follow a file of this machine from its present end on."""
        source = LogFile(host, path, service)
        self._sources.append(source)
        collector = self._collector(source)
        self._followed.setdefault(host, []).append(collector.source)
        await self._opened().add(collector)

    def follow_page(self, host: str, url: str, every_s: float) -> None:
        """Ask for a page again and again, as a customer would."""
        self._pages.setdefault(host, []).append(asyncio.create_task(self._ask(host, url, every_s)))

    async def forget(self, host: str) -> None:
        """Stop watching a host."""
        self._held.pop(host, None)
        self._sources = [source for source in self._sources if source.host != host]
        for task in self._pages.pop(host, []):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        for name in self._followed.pop(host, []):
            if self._loop is not None:
                await self._loop.remove(name)

    def hold(self, host: str) -> None:
        """Gather a host's findings from now on."""
        self._held.setdefault(host, [])

    async def gathered(self, host: str, timeout_s: float) -> list[Finding]:
        """Return a held host's findings as soon as there are some, and hold it no more; none when none came in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while not self._held.get(host):
                    self._came.clear()
                    await self._came.wait()
            await asyncio.sleep(_GATHER_S)
        return self._held.pop(host, [])

    async def take(self, finding: Finding) -> None:
        """Make a case of a finding, or add it to the one that its trouble has; on a held host it is kept for later."""
        if finding.host in self._held:
            if len(self._held[finding.host]) < _HELD_MAX:
                self._held[finding.host].append(finding)
            self._came.set()
            return
        try:
            case = await self._desk.open(finding.host, findings=[finding], language=self._language)
            await self._desk.start(case.id)
        except Permanent as error:
            # The host is gone, or cannot have cases: trying again would hold up all other findings.
            logger.warning("finding dropped", extra={"host": finding.host, "key": finding.key, "why": error.key})

    async def alarm(self, finding: Finding) -> None:
        """Make a case of a finding that comes from elsewhere; a server works it, a command leaves it to others."""
        if self._loop is not None:
            await self.take(finding)
            return
        try:
            await self._desk.open(finding.host, findings=[finding], language=self._language)
        except Permanent as error:
            logger.warning("finding dropped", extra={"host": finding.host, "key": finding.key, "why": error.key})

    async def _ask(self, host: str, url: str, every_s: float) -> None:
        while True:
            try:
                fetched = await self._gate.fetch(url, actor="vigie", timeout_s=_PAGE_TIMEOUT_S)
            except VigieError as error:
                logger.warning("page not asked for", extra={"url": url, "why": error.key})
            else:
                await self._judge(host, url, fetched.status, fetched.seconds)
            await asyncio.sleep(every_s)

    async def _judge(self, host: str, url: str, status: int | None, seconds: float) -> None:
        now = self._clock.now()
        is_bad = status is None or status >= _SERVER_ERROR
        for name, value in (("page.failed", float(is_bad)), ("page.seconds", seconds)):
            for finding in self._judges().sample(host, f"url:{url}", name, value, now):
                await self.take(finding)

    def _opened(self) -> "Loop":
        if self._loop is None:
            from vigie.collectors.loop import Loop

            collectors = [self._collector(source) for source in self._sources]
            self._loop = Loop(collectors, self._judges(), self.take, self._memory.cursors, clock=self._clock, keeper=self.keeper)
        return self._loop

    def _judges(self) -> "Pipeline":
        if self._pipeline is None:
            from vigie.signals.detectors.threshold import Limit
            from vigie.signals.pipeline import Pipeline

            limits = (Limit("page.failed", above=0.5, sustained=2), Limit("page.seconds", above=_SLOW_S))
            self._pipeline = Pipeline(limits=limits)
        return self._pipeline

    def _collector(self, source: LogFile) -> "Collector":
        from vigie.collectors.file import FileCollector

        return FileCollector(source.host, [str(source.path)], clock=self._clock, service=source.service)
