"""Live log files: what is added to them, through rotation and restart, no line lost or counted twice."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from vigie.clock import Clock
from vigie.collectors.collector import Around, Collector, Emit, Position, Spec
from vigie.collectors.follower import Follower
from vigie.collectors.tail import Line, recent
from vigie.collectors.wake import Wake
from vigie.domain.errors import BadUsage
from vigie.domain.finding import Signal

_HISTORY_BYTES = 256 * 1024


class FileCollector(Collector):
    """Follows the files that some patterns match.

    Args:
        host: whose files they are.
        patterns: paths or globs; `**` goes into folders.
        service: whose lines they are, when that is known.
        from_start: begin at the beginning of files when there is no position yet, not at their end.
        poll_s: how often to look at least; an idle look costs a stat of each file. A write is looked at without delay.

    Raises:
        BadUsage: there is no pattern, or one that is not absolute.
    """

    name = "file"
    # Where files of this kind are when nobody says it.
    usual: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        host: str,
        patterns: Sequence[str],
        *,
        clock: Clock,
        service: str | None = None,
        from_start: bool = False,
        poll_s: float = 0.25,
    ) -> None:
        if not patterns:
            raise BadUsage("source.no_pattern", host=host)
        for pattern in patterns:
            if not pattern.startswith("/"):
                raise BadUsage("source.relative", path=pattern)
        self.host = host
        self._patterns = tuple(patterns)
        self._clock = clock
        self._service = service
        self._from_start = from_start
        self._poll_s = poll_s
        self._follower = Follower(self._patterns, from_start=from_start)

    @classmethod
    def make(cls, spec: Spec, around: Around) -> "FileCollector":
        """Return the collector of the files that `paths` name, or of those that this kind usually has."""
        spec.only("paths", "from_start")
        paths = spec.option("paths", cls.usual)
        return cls(spec.host, paths, clock=around.clock, service=spec.service, from_start=spec.option("from_start", False))

    @property
    def source(self) -> str:
        """Return the host and the patterns."""
        return f"{self.name}:{self.host}:{','.join(self._patterns)}"

    def behind(self) -> int | None:
        """Return how many bytes of the files were not read yet."""
        return self._follower.behind()

    def troubles(self) -> Sequence[str]:
        """Return the matched files that could not be opened."""
        return sorted(self._follower.unreadable)

    async def run(self, emit: Emit, position: Position | None) -> None:
        """Read what is added to the files."""
        follower = self._follower = Follower(self._patterns, from_start=self._from_start)
        look: asyncio.Task[object] | None = None
        wake = Wake()
        try:
            look = asyncio.create_task(asyncio.to_thread(follower.begin, position, self._clock.monotonic_s()))
            await asyncio.shield(look)
            if position is None:
                await emit((), follower.position())
            while True:
                polled = asyncio.create_task(asyncio.to_thread(follower.poll, self._clock.monotonic_s()))
                look = polled
                batch = await asyncio.shield(polled)
                if batch.moved or batch.lines:
                    await emit(self.signals(batch.lines), follower.position())
                if batch.moved:
                    wake.forget()  # a name may have got another file
                wake.watch(follower.paths)
                if not batch.more:
                    await wake.wait(self._poll_s)
        finally:
            wake.close()
            if look is not None and not look.done():
                await asyncio.wait([look])  # the thread uses the files that are closed next
            follower.close()

    async def history(self) -> Sequence[Signal]:
        """Return the last lines of the files as they are now."""
        return await asyncio.to_thread(self._history)

    def _history(self) -> list[Signal]:
        follower = Follower(self._patterns)
        return self.signals([line for path in follower.matched() for line in recent(path, _HISTORY_BYTES)])

    def signals(self, lines: Sequence[Line]) -> list[Signal]:
        """Return what lines of the files are, in order; kinds of files that wrap lines unwrap them here."""
        now = self._clock.now()
        return [Signal(self.host, line.path, line.text, now, line.number or None, self._service) for line in lines]
