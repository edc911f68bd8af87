"""Reads the time stamps that logs carry, into UTC."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
_ISO = re.compile(
    r"(?P<y>\d{4})[-/](?P<m>\d{2})[-/](?P<d>\d{2})[T t](?P<H>\d{2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
    r"(?:\s?(?P<z>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2}(?!\d)))?"
)
_SYSLOG = re.compile(r"(?P<b>[A-Z][a-z]{2})\s+(?P<d>\d{1,2})\s+(?P<H>\d{2}):(?P<M>\d{2}):(?P<S>\d{2})(?:\.(?P<f>\d{1,9}))?")
_COMMON = re.compile(
    r"(?P<d>\d{2})/(?P<b>[A-Z][a-z]{2})/(?P<y>\d{4}):(?P<H>\d{2}):(?P<M>\d{2}):(?P<S>\d{2})(?:\s?(?P<z>[+-]\d{4}))?"
)
_CTIME = re.compile(
    r"(?:[A-Z][a-z]{2}\s+)(?P<b>[A-Z][a-z]{2})\s+(?P<d>\d{1,2})\s+"
    r"(?P<H>\d{2}):(?P<M>\d{2}):(?P<S>\d{2})(?:\.(?P<f>\d{1,9}))?\s+(?P<y>\d{4})"
)
_DAY_FIRST = re.compile(
    r"(?P<d>\d{1,2})[ \-](?P<b>[A-Z][a-z]{2})[ \-](?P<y>\d{4})[ :T](?P<H>\d{2}):(?P<M>\d{2}):(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?"
    r"(?:\s?(?P<z>Z|UTC|GMT|[+-]\d{2}:?\d{2}))?"
)
_LONG = re.compile(
    r"(?P<b>[A-Z][a-z]{2}) (?P<d>\d{1,2}), (?P<y>\d{4}),? (?P<H>\d{1,2}):(?P<M>\d{2}):(?P<S>\d{2}) (?P<half>AM|PM)\b"
)
_EPOCH = re.compile(r"(?P<s>1\d{9}|2\d{9})(?:\.(?P<f>\d{1,9})|(?P<ms>\d{3})|(?P<us>\d{6}))?(?!\d)")
_LOOSE = (_ISO, _CTIME, _COMMON, _DAY_FIRST, _LONG, _SYSLOG)
_HABIT_CLOCK = r"(?P<H>\d\d?)[:.](?P<M>\d\d)[:.](?P<S>\d\d)(?:[.,](?P<f>\d{1,9}))?(?:\s?(?P<ap>[AaPp][Mm])\b)?"
_HABIT_ZONE = r"(?:\s?(?P<z>Z\b|UTC\b|GMT\b|[+-]\d{2}:?\d{2}\b))?"
# Rarer habits; the first that matches and makes sense counts.
_HABITS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<y>\d{4})[-/.](?P<m>\d\d)[-/.](?P<d>\d\d)[-T _](?:at )?" + _HABIT_CLOCK + _HABIT_ZONE,
        r"(?P<d>\d\d?)[ /-](?P<b>[A-Z][a-z]{2})[ /-](?P<y>\d{4})[ :T]" + _HABIT_CLOCK + _HABIT_ZONE,
        r"(?P<d>\d\d)[/.-](?P<m>\d\d)[/.-](?P<y>\d{4})[ T]" + _HABIT_CLOCK + _HABIT_ZONE,
        r"(?P<m>\d\d)[/.-](?P<d>\d\d)[/.-](?P<y>\d{4})[ T]" + _HABIT_CLOCK + _HABIT_ZONE,
        r"(?P<y>\d\d)[/-](?P<m>\d\d)[/-](?P<d>\d\d)[ T]" + _HABIT_CLOCK + _HABIT_ZONE,
        r"(?P<y>\d\d)(?P<m>\d\d)(?P<d>\d\d)[ T](?P<H>\d\d):?(?P<M>\d\d):?(?P<S>\d\d)(?:[.,](?P<f>\d{1,9}))?" + _HABIT_ZONE,
        r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)[ T-](?P<H>\d\d):?(?P<M>\d\d):?(?P<S>\d\d)(?:[.,](?P<f>\d{1,9}))?" + _HABIT_ZONE,
        r"[IWEF](?P<m>\d\d)(?P<d>\d\d) " + _HABIT_CLOCK,
        r"(?P<m>\d\d)[-./](?P<d>\d\d)[ T]" + _HABIT_CLOCK + _HABIT_ZONE,
        _HABIT_CLOCK + _HABIT_ZONE,
    )
)
# A stamp further ahead than this is a wrong clock, not news from the future.
AHEAD_MAX = timedelta(minutes=5)
# Clocks that were never set begin in 1970, or in 1980.
_CLOCK_SET = datetime(1980, 2, 1, tzinfo=UTC)
# What a stamp without a year is read against where nobody knows when it was read.
_NO_YEAR = datetime(2000, 12, 31, 23, 59, tzinfo=UTC)


class Stamp(NamedTuple):
    """A stamp that was found: its instant in UTC, and where it ends in the text."""

    at: datetime
    end: int


def stamp(text: str, read_at: datetime, zone: tzinfo, start: int = 0) -> Stamp | None:
    """Return the stamp that begins at `start`, None when there is none that makes sense."""
    for pattern in _LOOSE:
        found = pattern.match(text, start)
        if found:
            at = _instant(found, read_at, zone)
            if at is not None:
                return Stamp(at, found.end())
    found = _EPOCH.match(text, start)
    return Stamp(_epoch(found), found.end()) if found else None


def habitual(text: str, read_at: datetime, zone: tzinfo, start: int = 0) -> Stamp | None:
    """Return the stamp of a rarer habit that begins at `start`: days first, two digits of the year, a clock alone."""
    if not text[start : start + 1].isalnum():
        return None
    for habit in _HABITS:
        found = habit.match(text, start)
        at = _habitual_instant(found.groupdict(), read_at, zone) if found else None
        if found is not None and at is not None:
            return Stamp(at, found.end())
    return None


def of_value(value: object, read_at: datetime, zone: tzinfo) -> datetime | None:
    """Return the instant of a field: a stamp as text, or seconds, milli-, micro- or nanoseconds since 1970."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _since_epoch(float(value))
    text = str(value).strip()
    found = stamp(text, read_at, zone) or habitual(text, read_at, zone)
    if found is not None:
        return found.at
    try:
        return _since_epoch(float(str(value)))
    except ValueError:
        return None


def of_field(text: str) -> datetime | None:
    """Return the instant of a column of a table, in UTC when it names no zone; None when it is no time."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return of_value(text, _NO_YEAR, UTC)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def sane(at: datetime | None, read_at: datetime) -> datetime:
    """Return an event's instant: the line's own; when it was read if it has none, or its clock is ahead or was never set."""
    return read_at if at is None or at > read_at + AHEAD_MAX or at < _CLOCK_SET else at


def _since_epoch(number: float) -> datetime | None:
    for scale in (1.0, 1e3, 1e6, 1e9):
        if 1e9 <= number / scale < 4.2e9:
            return datetime.fromtimestamp(number / scale, UTC)
    return None


def _habitual_instant(parts: dict[str, str | None], read_at: datetime, zone: tzinfo) -> datetime | None:
    stated = stamp(f"2000-01-01T00:00:00{parts['z']}", read_at, UTC) if parts.get("z") else None
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


def _epoch(found: re.Match[str]) -> datetime:
    seconds = int(found["s"])
    fraction = (
        float(f"0.{found['f']}")
        if found["f"]
        else int(found["ms"]) / 1e3
        if found["ms"]
        else int(found["us"]) / 1e6
        if found["us"]
        else 0.0
    )
    return datetime.fromtimestamp(seconds + fraction, UTC)


def _instant(found: re.Match[str], read_at: datetime, zone: tzinfo) -> datetime | None:
    parts = found.groupdict()
    month = _MONTHS.get(parts["b"].lower()) if parts.get("b") else int(parts["m"])
    if month is None:
        return None
    microsecond = int((parts.get("f") or "0").ljust(6, "0")[:6])
    where = _zone(parts.get("z")) or zone
    year = int(parts["y"]) if parts.get("y") else read_at.astimezone(where).year
    hour = int(parts["H"])
    if half := parts.get("half"):
        hour = hour % 12 + (12 if half == "PM" else 0)
    try:
        at = datetime(year, month, int(parts["d"]), hour, int(parts["M"]), min(int(parts.get("S") or 0), 59), microsecond, where)
        if not parts.get("y") and at > read_at + timedelta(days=2):
            at = at.replace(year=year - 1)  # December's lines read in January
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
    try:
        return timezone(-span if text[0] == "-" else span)
    except ValueError:
        return None
