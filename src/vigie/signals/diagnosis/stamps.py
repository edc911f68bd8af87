"""Finds the time stamp of a line, whatever its habit, and turns many of them into seconds fast."""

import re
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from vigie.signals import times

_LOOK_WITHIN = 160
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_CACHE_MAX = 100_000
# Where a stamp may begin; whether one does is for the patterns to say.
_BEGIN = re.compile(
    r"(?<![\w.:/-])(?:\d{4}[-/.]\d\d[-/.]\d\d|\d\d?[/.-]\d\d[/. -]|\d{6,8}[ -]\d{2}|[A-Z][a-z]{2}[ \t]+(?:\d|[A-Z][a-z]{2})"
    r"|\d\d?[ /-][A-Z][a-z]{2}[ /-]\d{4}|[12]\d{9}|\d\d:\d\d:\d\d|[IWEF]\d{4} )"
)
_FIELD = re.compile(
    r'"(?:@?timestamp|time|ts|t|@t|datetime|date|asctime|eventTime|created|_?_?[A-Z_]*REALTIME_TIMESTAMP)"\s*:\s*"?'
)
_NUMBER = re.compile(r"\d{10,19}(?:\.\d{1,9})?")
_PAIR = re.compile(r"\b(?:time|ts|timestamp|t|at)=\"?")
_SECONDS = re.compile(rb"0{10}(?:\.(0{1,9})|(0{3}|0{6}|0{9}))?")
_CLOCKED = re.compile(rb"(?:0:00:|(?<=[-T ])00\.00\.)(00)(?!:0)(?:[.,](0{1,9}))?")
_SINCE_1970 = -1


class Place(NamedTuple):
    """Where a line's stamp stands, and its instant in seconds since 1970."""

    start: int
    end: int
    at_s: float


def place(text: str, read_at: datetime, zone: tzinfo = UTC) -> Place | None:
    """Return where the stamp of a line is; None when it has none near its beginning.

    Args:
        text: the line.
        read_at: gives the year or day where the stamp has none.
        zone: of stamps that name none.
    """
    if text.find("{", 0, 64) >= 0:
        for named in _FIELD.finditer(text):
            found = _at(text, named.end(), read_at, zone)
            if found is not None:
                return found
    pair = _PAIR.search(text, 0, _LOOK_WITHIN)
    if pair is not None and (found := _at(text, pair.end(), read_at, zone)) is not None:
        return found
    for begin in _BEGIN.finditer(text, 0, _LOOK_WITHIN):
        found = _at(text, begin.start(), read_at, zone)
        if found is not None:
            return found
    return None


def _at(text: str, start: int, read_at: datetime, zone: tzinfo) -> Place | None:
    known = times.stamp(text, read_at, zone, start)
    if known is not None and not text[known.end : known.end + 1].isdecimal():
        return Place(start, known.end, (known.at - _EPOCH).total_seconds())
    number = _NUMBER.match(text, start)
    if number is not None:
        at = times.of_value(float(number[0]), read_at, zone)
        return Place(start, number.end(), (at - _EPOCH).total_seconds()) if at else None
    other = times.habitual(text, read_at, zone, start)
    return Place(start, other.end, (other.at - _EPOCH).total_seconds()) if other else None


class StampClock:
    """Turns the stamps of one log into seconds; each minute is understood once."""

    def __init__(self, read_at: datetime, zone: tzinfo = UTC) -> None:
        self._read_at = read_at
        self._zone = zone
        self._shapes: dict[bytes, tuple[int, int, int, float]] = {}
        self._minutes: dict[bytes, float | None] = {}

    def seconds(self, stamp: bytes) -> float | None:
        """Return the seconds since 1970 of one stamp, None when it makes no sense."""
        shape = stamp.translate(_DIGITS)
        cut = self._shapes.get(shape)
        if cut is None:
            cut = self._shapes[shape] = _cut(shape)
        second, start, end, scale = cut
        if not second:
            return self._understood(stamp, stamp)
        if second == _SINCE_1970:
            whole: float = int(stamp[:10])
        else:
            key = stamp[:second] + stamp[end:]
            minute = self._minutes.get(key)
            if minute is None:
                minute = self._understood(key, stamp[:second] + b"00" + stamp[end:])
                if minute is None:
                    return None
            whole = minute + int(stamp[second : second + 2])
        return whole + int(stamp[start:end]) * scale if start != end else whole

    def _understood(self, key: bytes, stamp: bytes) -> float | None:
        if key in self._minutes:
            return self._minutes[key]
        found = _at(stamp.decode("ascii", "replace"), 0, self._read_at, self._zone)
        if len(self._minutes) > _CACHE_MAX:
            self._minutes.clear()
        self._minutes[key] = at_s = found.at_s if found else None
        return at_s


def _cut(shape: bytes) -> tuple[int, int, int, float]:
    """Return where the seconds stand in stamps of one shape, where their fraction, and what its last digit is worth."""
    number = _SECONDS.fullmatch(shape)
    if number is not None:
        start, end = number.span(number.lastindex) if number.lastindex else (10, 10)
        return (_SINCE_1970, start, end, 10.0 ** (start - end))
    found = _CLOCKED.search(shape)
    if found is None:
        return (0, 0, 0, 0.0)
    second = found.start(1)
    if found[2] is None:
        return (second, second + 2, second + 2, 0.0)
    return (second, found.start(2), found.end(2), 10.0 ** (found.start(2) - found.end(2)))
