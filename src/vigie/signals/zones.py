"""Time zones of sources: as the settings state them, or learned from stamps that name none, by when their lines are read."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_STEP = timedelta(minutes=15)
_FARTHEST = timedelta(hours=14, minutes=30)
# Lines are read within seconds of being written; those of a backlog come nearer to the present as they are read.
_NEAR = timedelta(seconds=60)
_LINES = 20
_WATCHED = timedelta(minutes=2)
_SOURCES_MAX = 4096
_NONE = timedelta(0)


def zone_of(name: str) -> tzinfo:
    """Return a zone by its name (Europe/Paris) or its offset (+02:00).

    Raises:
        ValueError: there is none of this name here.
    """
    if name[:1] in ("+", "-"):
        hours, _, minutes = name[1:].partition(":")
        span = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(-span if name[0] == "-" else span)
    try:
        return UTC if name in ("UTC", "Z") else ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"no time zone {name!r} on this machine") from error


@dataclass(slots=True)
class _Guess:
    off: timedelta
    since: datetime
    lines: int = 0


class Zones:
    """What is known of the zones of sources that nobody stated."""

    def __init__(self, otherwise: tzinfo) -> None:
        self._otherwise = otherwise
        self._learned: OrderedDict[tuple[str, str], tzinfo] = OrderedDict()
        self._guesses: OrderedDict[tuple[str, str], _Guess] = OrderedDict()

    def of(self, source: tuple[str, str]) -> tzinfo:
        """Return the zone of a source: what was learned, else the zone of all."""
        return self._learned.get(source, self._otherwise)

    def suspects(self, source: tuple[str, str], at: datetime, read_at: datetime) -> tzinfo | None:
        """See a live line's instant; return the zone that it seems to be in once enough lines are off by the same hours.

        The caller makes sure that the stamp names no zone, and says so by `learn`.
        """
        off = round((at - read_at) / _STEP) * _STEP
        if off == _NONE or abs(off) > _FARTHEST or abs(at - read_at - off) > _NEAR:
            self._guesses.pop(source, None)
            return None
        guess = self._guesses.get(source)
        if guess is None or guess.off != off:
            guess = self._guesses[source] = _Guess(off, read_at)
            if len(self._guesses) > _SOURCES_MAX:
                self._guesses.popitem(last=False)
        guess.lines += 1
        if guess.lines < _LINES or read_at - guess.since < _WATCHED:
            return None
        known = self.of(source).utcoffset(at.replace(tzinfo=None)) or _NONE
        return timezone(known + off) if abs(known + off) <= _FARTHEST else None

    def learn(self, source: tuple[str, str], zone: tzinfo) -> None:
        """Read the stamps of a source in this zone from now on."""
        self._guesses.pop(source, None)
        self._learned[source] = zone
        self._learned.move_to_end(source)
        if len(self._learned) > _SOURCES_MAX:
            self._learned.popitem(last=False)
