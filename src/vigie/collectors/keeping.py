"""Keeps the lines that the loop reads, many at a time, and shows them to whoever follows; `memory/lines` holds them.

Lines wait here until `flush`, which keeps them together with the position after them: killed at any moment, the next start goes
on behind the last kept line, none lost, none twice. When the disk takes nothing, reading waits with them; after
a while the watch goes on and lines that find no room are counted, not kept: a lookout must not go blind for want of paper.
"""

import asyncio
import logging
from array import array
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from vigie.clock import Clock
from vigie.collectors.collector import Position
from vigie.domain.errors import VigieError
from vigie.memory.lines.retention import Retention
from vigie.memory.lines.store import About, Hit, Kept, Lines, LineStore
from vigie.policy.redaction import redact
from vigie.signals.pipeline import Reading
from vigie.signals.templates import Template

logger = logging.getLogger(__name__)

# A flush is one durable transaction; beyond this many lines the source waits for it.
_PENDING_MAX = 8192
_HOLD_S = 30.0
_RETRY_S = 1.0
_FOLLOWED_MAX = 2000
_TEXT_MAX = 200
_LOOK_S = 5.0
_FORGET_S = 600.0
_DAY_S = 86_400.0


@dataclass(slots=True)
class _Pending:
    """Lines of one source that are not kept yet, column by column."""

    at_s: "array[float]" = field(default_factory=lambda: array("d"))
    texts: list[bytes] = field(default_factory=list)
    about: "array[int]" = field(default_factory=lambda: array("H"))
    kinds: dict[About, int] = field(default_factory=dict)

    def lines(self) -> Lines:
        """Return them without their secrets."""
        return Lines(self.at_s, _clean(self.texts), self.about, list(self.kinds))


@dataclass(slots=True)
class Follower:
    """Somebody who follows the lines as they are kept; `missed` are those that came quicker than they were taken."""

    hits: "asyncio.Queue[Hit]" = field(default_factory=lambda: asyncio.Queue(_FOLLOWED_MAX))
    missed: int = 0

    def show(self, hit: Hit) -> None:
        """Give them a line; the oldest goes when there are too many."""
        if self.hits.full():
            self.hits.get_nowait()
            self.missed += 1
        self.hits.put_nowait(hit)


class Keeper:
    """Between the loop and the store, opened once there is something to keep. `unkept` are lines that the disk did not take."""

    def __init__(self, open_store: Callable[[], LineStore], *, clock: Clock, retention: Retention | None = None) -> None:
        self.unkept = 0
        self.kept = 0
        self.trouble: str | None = None
        self._open_store = open_store
        self._store: LineStore | None = None
        self._clock = clock
        self._retention = retention or Retention()
        self._pending: dict[tuple[str, str], _Pending] = {}
        self._positions: dict[str, Position] = {}
        self._count = 0
        self._texts: dict[Template, str] = {}
        self._looked_at_s = clock.monotonic_s()
        self._changed: dict[str, str] = {}
        self._followers: list[Follower] = []
        self._flushing = asyncio.Lock()
        self._refused_at_s: float | None = None
        self._forgot_at_s = float("-inf")

    @property
    def is_full(self) -> bool:
        """Say whether so much waits that the sources must."""
        return self._count >= _PENDING_MAX

    def take(self, readings: Sequence[Reading], source: str, position: Position) -> None:
        """Take a batch of lines that were understood, and the position of its source after them."""
        for event, template, _ in readings:
            signal = event.signal
            pending = self._pending.setdefault((signal.host, signal.source), _Pending())
            about = About(event.level.value, event.service or "", self._text(template))
            number = pending.kinds.setdefault(about, len(pending.kinds))
            pending.at_s.append(event.at.timestamp())
            pending.texts.append(signal.raw.encode("utf-8", "replace"))
            pending.about.append(number)
        self._count += len(readings)
        self._positions[source] = position

    async def position(self, source: str) -> Position | None:
        """Return how far the lines of a source are kept; None when that is not known."""
        try:
            return await asyncio.to_thread(lambda: self._opened().position(source))
        except VigieError as error:  # the loop's own positions hold
            logger.warning("positions not read", extra={"why": error.key})
            return None

    async def flush(self) -> None:
        """Keep what waits, durably; wait while the disk refuses it, but not for ever."""
        async with self._flushing:
            while self._positions and not await self._kept():
                if self._is_hopeless():
                    self.unkept += self._count
                    self._pending, self._positions, self._count = {}, {}, 0
                    return
                await asyncio.sleep(_RETRY_S)

    async def forget(self) -> None:
        """Give up what is older or more than is to be kept; looks only now and then."""
        if self._store is None or self._clock.monotonic_s() - self._forgot_at_s < _FORGET_S:
            return
        self._forgot_at_s = self._clock.monotonic_s()
        before_s = self._clock.now().timestamp() - self._retention.days * _DAY_S
        try:
            await asyncio.to_thread(self._store.forget, before_s=before_s, bytes_max=self._retention.bytes_max)
        except VigieError as error:  # it is tried again
            logger.warning("old lines not given up", extra={"why": error.key})

    async def close(self) -> None:
        """Let go of the store."""
        async with self._flushing:
            if self._store is not None:
                await asyncio.to_thread(self._store.close)
                self._store = None

    @contextmanager
    def followed(self) -> Iterator[Follower]:
        """Show the lines that are kept from now on."""
        follower = Follower()
        self._followers.append(follower)
        try:
            yield follower
        finally:
            self._followers.remove(follower)

    async def _kept(self) -> bool:
        self._look_at_texts()
        pending, positions, count, changed = self._pending, self._positions, self._count, self._changed
        self._pending, self._positions, self._count, self._changed = {}, {}, 0, {}
        try:
            places = await asyncio.to_thread(self._write, pending, positions, changed)
        except VigieError as error:
            self._put_back(pending, count)
            self._positions = {**positions, **self._positions}
            self._changed = {**changed, **self._changed}
            if self._refused_at_s is None:
                logger.error("lines not kept", extra={"why": error.key})  # noqa: TRY400  # the trouble is the disk's
                self._refused_at_s = self._clock.monotonic_s()
                await self._make_room()
            self.trouble = str(error)
            return False
        self._refused_at_s, self.trouble = None, None
        self.kept += count
        for (host, source), (lines, runs) in places.items():
            self._show(host, source, lines, runs)
        return True

    def _write(
        self, pending: dict[tuple[str, str], _Pending], positions: dict[str, Position], changed: dict[str, str]
    ) -> dict[tuple[str, str], tuple[Lines, list[Kept]]]:
        store = self._opened()
        lines = {key: each.lines() for key, each in pending.items()}
        kept = store.keep_all([(*key, each) for key, each in lines.items()], positions)
        if changed:
            store.generalise(list(changed.items()))
        return {key: (each, runs) for (key, each), runs in zip(lines.items(), kept, strict=True)}

    def _opened(self) -> LineStore:
        if self._store is None:
            self._store = self._open_store()
        return self._store

    def _put_back(self, pending: dict[tuple[str, str], _Pending], count: int) -> None:
        """Put what was refused before what came meanwhile."""
        for key, later in self._pending.items():
            earlier = pending.setdefault(key, _Pending())
            numbers = [earlier.kinds.setdefault(kind, len(earlier.kinds)) for kind in later.kinds]
            earlier.at_s.extend(later.at_s)
            earlier.texts += later.texts
            earlier.about.extend(numbers[number] for number in later.about)
        self._pending, self._count = pending, count + self._count

    def _is_hopeless(self) -> bool:
        return self._refused_at_s is not None and self._clock.monotonic_s() - self._refused_at_s > _HOLD_S

    async def _make_room(self) -> None:
        """Old lines make room for new ones, even on a full disk: the file's own pages are used again."""
        self._forgot_at_s = float("-inf")
        await self.forget()

    def _text(self, template: Template) -> str:
        """Return a template's text; remember when it became more general."""
        text = template.text[:_TEXT_MAX]
        before = self._texts.get(template)
        if before != text:
            if len(self._texts) > _PENDING_MAX:
                self._texts.clear()
            self._texts[template] = text
            if before is not None:
                self._changed[before] = text
        return text

    def _look_at_texts(self) -> None:
        """See now and then which templates were taken in by others: no line comes under their own text any more."""
        if self._clock.monotonic_s() - self._looked_at_s >= _LOOK_S:
            self._looked_at_s = self._clock.monotonic_s()
            for template in list(self._texts):
                self._text(template)

    def _show(self, host: str, source: str, lines: Lines, runs: list[Kept]) -> None:
        if not self._followers:
            return
        index = 0
        for run in runs:
            for place in range(run.place, run.place + run.count):
                text, kind = lines.texts[index].decode("utf-8", "replace"), lines.kinds[lines.about[index]]
                hit = Hit(f"{run.block}:{place}", lines.at_s[index], host, source, text, kind)
                for follower in self._followers:
                    follower.show(hit)
                index += 1


async def each(follower: Follower, quiet_s: float) -> AsyncIterator[Hit | None]:
    """Yield the lines that somebody is shown; None when `quiet_s` have passed without one."""
    while True:
        try:
            yield await asyncio.wait_for(follower.hits.get(), quiet_s)
        except TimeoutError:
            yield None


def _clean(texts: list[bytes]) -> list[bytes]:
    """Return lines without secrets: all at once, which is quicker, and finds keys that go over several lines."""
    whole = b"\n".join(texts).decode("utf-8", "replace")
    found = redact(whole).encode("utf-8", "replace").split(b"\n")
    return found if len(found) == len(texts) else [redact(text.decode("utf-8", "replace")).encode() for text in texts]
