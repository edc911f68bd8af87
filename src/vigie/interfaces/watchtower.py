"""Keeps watch: follows logs, asks for pages, repeats standing checks; what they show becomes findings, and findings cases."""

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from vigie.domain.errors import BadUsage, Permanent, Transient, VigieError
from vigie.domain.finding import Finding
from vigie.i18n import Language

if TYPE_CHECKING:
    from vigie.cases.desk import Desk
    from vigie.clock import Clock
    from vigie.collectors.collector import Collector, Spec
    from vigie.collectors.keeping import Keeper
    from vigie.collectors.loop import Loop
    from vigie.collectors.post import StoredPost
    from vigie.collectors.receiver import Receiver
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
# What others tell comes in storms: it is gathered for a while, and grouped.
_ALERT = "told"
_STORM_S = 3.0
_ALERTS_MAX = 5000


def troubles(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Return alerts by the trouble that they are about, in the order of the first of each."""
    from vigie.signals.grouping import Alert, group

    alerts = [Alert(each.first_at, each.values.get("message", each.excerpt), each.values, host=each.host) for each in findings]
    found: dict[int, list[Finding]] = {}
    for number, finding in zip(group(alerts), findings, strict=True):
        found.setdefault(number, []).append(finding)
    return list(found.values())


class Watchtower:
    """One home's watch. A held host's findings gather until somebody asks for them; the others open cases at once."""

    def __init__(
        self,
        memory: "TenantMemory",
        desk: "Desk",
        gate: "Gate",
        clock: "Clock",
        sources: "Sequence[Spec]" = (),
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
        self._post: StoredPost | None = None
        # Sources that the settings name and that cannot be had, with why.
        self.refused: dict[str, VigieError] = {}
        self._followed: dict[str, list[str]] = {}
        self._alerts: list[Finding] = []
        self._grouping: asyncio.Task[None] | None = None
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
            await self.post.close()

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
        from vigie.collectors.collector import Spec

        await self.follow(Spec("file", host, service, options={"paths": (str(path),)}))

    async def follow(self, source: "Spec") -> None:
        """Take one more source on.

        Raises:
            BadUsage: it makes no sense.
        """
        collector = self._collector(source)
        self._sources.append(source)
        self._followed.setdefault(source.host, []).append(collector.source)
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
        if finding.kind == _ALERT:
            self._alerts.append(finding)
            if self._grouping is None or self._grouping.done():
                self._grouping = asyncio.create_task(self._grouped())
            if len(self._alerts) >= _ALERTS_MAX:
                await self._grouping
            return
        await self._work(finding.host, [finding])

    async def _work(self, host: str, findings: Sequence[Finding]) -> None:
        try:
            case = await self._desk.open(host, findings=findings, language=self._language)
            await self._desk.start(case.id)
        except Permanent as error:
            # The host is gone, or cannot have cases: trying again would hold up all other findings.
            logger.warning("finding dropped", extra={"host": host, "key": findings[0].key, "why": error.key})

    async def _grouped(self) -> None:
        """Wait until a storm of alerts has gathered; make one case of each trouble in it, on the host that most of it names."""
        await asyncio.sleep(_STORM_S)
        gathered, self._alerts = self._alerts, []
        for together in troubles(gathered):
            ((host, _),) = Counter(finding.host for finding in together).most_common(1)
            await self._work(host, together)

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

            self.refused = {}
            collectors = [made for source in self._sources if (made := self._made(source)) is not None]
            self._loop = Loop(collectors, self._judges(), self.take, self._memory.cursors, clock=self._clock, keeper=self.keeper)
        return self._loop

    def _judges(self) -> "Pipeline":
        if self._pipeline is None:
            from vigie.signals.detectors.threshold import Limit
            from vigie.signals.pipeline import Pipeline

            limits = (Limit("page.failed", above=0.5, sustained=2), Limit("page.seconds", above=_SLOW_S))
            self._pipeline = Pipeline(limits=limits)
        return self._pipeline

    @property
    def templates(self) -> int:
        """Return how many templates of lines are known."""
        return self._pipeline.templates if self._pipeline is not None else 0

    def receiver(self, name: str) -> "Receiver | None":
        """Return the source of this name that programs send to, None when there is none."""
        from vigie.collectors.receiver import Receiver

        collectors = self._loop.collectors.values() if self._loop else ()
        return next((each for each in collectors if isinstance(each, Receiver) and each.slot == name), None)

    def _made(self, source: "Spec") -> "Collector | None":
        """Return a source's collector; one that makes no sense is told of, and keeps no other from being read."""
        try:
            return self._collector(source)
        except VigieError as error:
            logger.error("source refused", extra={"kind": source.kind, "host": source.host, "why": error.key})  # noqa: TRY400  # the settings are wrong, not the code
            self.refused[f"{source.kind}:{source.name or source.host}"] = error
            return None

    def _collector(self, source: "Spec") -> "Collector":
        from vigie import collectors
        from vigie.collectors.collector import Around, Collector
        from vigie.collectors.file import FileCollector
        from vigie.plugins import discover

        kinds = {"file": FileCollector} if source.kind == "file" else discover(collectors, Collector)
        if source.kind not in kinds:
            raise BadUsage("source.unknown_kind", kind=source.kind, known=", ".join(sorted(kinds)))
        around = Around(self._clock, self._line, self._knows, self.post)
        made = kinds[source.kind].make(source, around)
        made.lines_per_s_max, made.zone = source.lines_per_s_max, source.zone
        return made

    @property
    def post(self) -> "StoredPost":
        """Return where what is sent to us lies until it is read."""
        if self._post is None:
            from vigie.collectors.post import StoredPost

            self._post = StoredPost(self._memory.lines)
        return self._post

    async def _line(self, host: str, line: str) -> bytes:
        """Read something on a host, through the gate."""
        from vigie.policy.gate import Reading

        known = await self._memory.hosts.get(host)
        (ended,) = await self._gate.read(known, [Reading(line)], actor="vigie")
        if ended.rc is None or ended.killed:
            raise Transient("source.not_read", host=host, seen=ended.stderr[:200].decode("utf-8", "replace"))
        if ended.rc:
            raise Permanent("source.not_read", host=host, seen=ended.stderr[:200].decode("utf-8", "replace"))
        return ended.stdout

    async def _knows(self, host: str) -> bool:
        with suppress(Permanent):
            await self._memory.hosts.get(host)
            return True
        return False
