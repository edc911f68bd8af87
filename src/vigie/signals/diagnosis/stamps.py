"""Finds the time stamp of a line, whatever its habit, and turns many of them into seconds fast."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
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
_CLOCK = r"(?P<H>\d\d?)[:.](?P<M>\d\d)[:.](?P<S>\d\d)(?:[.,](?P<f>\d{1,9}))?(?:\s?(?P<ap>[AaPp][Mm])\b)?"
_ZONE = r"(?:\s?(?P<z>Z\b|UTC\b|GMT\b|[+-]\d{2}:?\d{2}\b))?"
_MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}  # fmt: skip
# Habits beyond those of `times`; the first that matches and makes sense counts.
_HABITS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<y>\d{4})[-/.](?P<m>\d\d)[-/.](?P<d>\d\d)[-T _](?:at )?" + _CLOCK + _ZONE,
        r"(?P<d>\d\d?)[ /-](?P<b>[A-Z][a-z]{2})[ /-](?P<y>\d{4})[ :T]" + _CLOCK + _ZONE,
        r"(?P<d>\d\d)[/.-](?P<m>\d\d)[/.-](?P<y>\d{4})[ T]" + _CLOCK + _ZONE,
        r"(?P<m>\d\d)[/.-](?P<d>\d\d)[/.-](?P<y>\d{4})[ T]" + _CLOCK + _ZONE,
        r"(?P<y>\d\d)[/-](?P<m>\d\d)[/-](?P<d>\d\d)[ T]" + _CLOCK + _ZONE,
        r"(?P<y>\d\d)(?P<m>\d\d)(?P<d>\d\d)[ T](?P<H>\d\d):?(?P<M>\d\d):?(?P<S>\d\d)(?:[.,](?P<f>\d{1,9}))?" + _ZONE,
        r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)[ T-](?P<H>\d\d):?(?P<M>\d\d):?(?P<S>\d\d)(?:[.,](?P<f>\d{1,9}))?" + _ZONE,
        r"[IWEF](?P<m>\d\d)(?P<d>\d\d) " + _CLOCK,
        r"(?P<m>\d\d)[-./](?P<d>\d\d)[ T]" + _CLOCK + _ZONE,
        _CLOCK + _ZONE,
    )
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
    for habit in _HABITS:
        found = habit.match(text, start)
        at = _instant(found.groupdict(), read_at, zone) if found else None
        if found is not None and at is not None:
            return Place(start, found.end(), (at - _EPOCH).total_seconds())
    return None


def _instant(parts: dict[str, str | None], read_at: datetime, zone: tzinfo) -> datetime | None:
    stated = times.stamp(f"2000-01-01T00:00:00{parts['z']}", read_at, UTC) if parts.get("z") else None
    offset = datetime(2000, 1, 1, tzinfo=UTC) - stated.at if stated else timedelta(0)
    local = read_at.astimezone(zone)
    year = int(parts.get("y") or local.year)
    month = _MONTHS.get((parts.get("b") or "").lower()) or int(parts.get("m") or local.month)
    hour = int(parts["H"] or 0)
    half = (parts.get("ap") or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        at = datetime(
            year if year > 99 else 2000 + year,
            month,
            int(parts.get("d") or local.day),
            hour,
            int(parts["M"] or 0),
            min(int(parts["S"] or 0), 59),
            int((parts.get("f") or "0").ljust(6, "0")[:6]),
            UTC if stated else zone,
        )
    except ValueError:
        return None
    if not parts.get("y") and at > read_at + timedelta(days=2):
        at = at.replace(year=year - 1, day=min(at.day, 28))
    return at.astimezone(UTC) - offset


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
