"""Makes records of the lines of any log: their time, how loud they are, their message, and the trace that belongs to them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_MONTHS = {
    name: number
    for number, name in enumerate(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1)
}
_ISO = re.compile(r"(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|UTC|GMT|[+-]\d\d:?\d\d)?")
_SYSLOG = re.compile(r"^(?:<\d+>)?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)\b")
_ACCESS = re.compile(r"\[(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d)(?: ([+-]\d{4}))?\]")
_EPOCH = re.compile(r"^\[?(1[5-9]\d{8})(?:\.(\d{1,6}))?\]?\b")
_TIME_WITHIN = 60  # a time further in than this is about something else
_LEVELS = {
    "emerg": "critical", "alert": "critical", "panic": "critical", "crit": "critical", "critical": "critical",
    "fatal": "critical",
    "error": "error", "err": "error", "severe": "error", "warn": "warning", "warning": "warning", "notice": "info",
    "info": "info",
    "log": "info", "debug": "debug", "trace": "debug", "verbose": "debug",
}  # fmt: skip
_LEVEL = re.compile(
    r"(?<![\w/.-])\[?(EMERG|ALERT|PANIC|CRIT|CRITICAL|FATAL|ERROR|ERR|SEVERE|WARN|WARNING|NOTICE|INFO|DEBUG|TRACE)\]?(?![\w/.-])",
    re.IGNORECASE,
)
_LEVEL_WITHIN = 90
_PINO = {10: "debug", 20: "debug", 30: "info", 40: "warning", 50: "error", 60: "critical"}
_EXCEPTION = re.compile(
    r"^(?:[\w$]+\.)*(?P<name>[A-Z]\w*(?:Error|Exception|Warning|Exit|Interrupt|Timeout|Fault|Refused|Denied|NotFound))\b:?"
)
_TRACE_START = re.compile(r"^\s*(Traceback \(most recent call last\)|Exception in thread|panic: |goroutine \d+|Caused by:)")
_CONTINUES = re.compile(r"^(\s+\S|Caused by:|Suppressed:|\.{3} \d+ more|During handling of|The above exception|$)")
_RECORD_MAX = 8000
_JSON_TIME = ("time", "timestamp", "@timestamp", "ts", "date", "asctime")
_JSON_LEVEL = ("level", "severity", "levelname", "lvl", "log.level")
_JSON_MESSAGE = ("message", "msg", "event", "error", "text")


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a log.

    `text` is its first line as written, `trace` the lines that belong to it, `fields` those of a JSON line.
    """

    text: str
    message: str
    level: str
    at: datetime | None = None
    trace: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)

    @property
    def exception(self) -> str | None:
        """Return the name of the exception that the trace or the message ends with."""
        for line in [*reversed(self.trace.splitlines()), self.message]:
            match = _EXCEPTION.match(line.strip())
            if match is not None:
                return match["name"]
        return None

    @property
    def last(self) -> str:
        """Return the line that says what went wrong: the end of the trace, else the message."""
        for line in reversed(self.trace.splitlines()):
            if line and not line[0].isspace():
                return line.strip()
        return self.message


def records(text: str, now: datetime) -> Iterator[Record]:
    """Yield the records of a log's text, oldest first; lines of a trace are joined to the record they belong to."""
    head: list[str] = []
    tracing = False
    for line in text.splitlines():
        timed = time_of(line, now) is not None
        ends_trace = tracing and not timed and bool(line.strip()) and not line[0].isspace()
        continues = bool(head) and not timed and not line.startswith("{") and (tracing or _CONTINUES.match(line) is not None)
        if continues or (head and not timed and _TRACE_START.match(line)):
            head.append(line)
            tracing = tracing or _TRACE_START.match(line) is not None
            if ends_trace and not _TRACE_START.match(line) and not line.startswith(("During", "The above")):
                tracing = False
            continue
        if head:
            yield _record(head, now)
        head = [line] if line.strip() else []
        tracing = _TRACE_START.match(line) is not None
    if head:
        yield _record(head, now)


def time_of(line: str, now: datetime) -> datetime | None:
    """Return the time at the head of a line; one without a zone counts as UTC, one without a year as the latest that is past."""
    iso = _ISO.search(line, 0, _TIME_WITHIN + 30)
    if iso is not None and iso.start() <= _TIME_WITHIN:
        return _instant(*(int(part) for part in iso.groups()[:6]), fraction=iso.group(7), zone=iso.group(8))
    access = _ACCESS.search(line, 0, 120)
    if access is not None and access.group(2) in _MONTHS:
        day, month, year, *clock = access.groups()[:6]
        return _instant(int(year), _MONTHS[month], int(day), *(int(part) for part in clock), zone=access.group(7))
    syslog = _SYSLOG.match(line)
    if syslog is not None and syslog.group(1) in _MONTHS:
        month, day, *clock = syslog.groups()
        at = _instant(now.year, _MONTHS[month], int(day), *(int(part) for part in clock))
        return at.replace(year=now.year - 1) if at is not None and at > now + timedelta(days=1) and at.day != 29 else at
    epoch = _EPOCH.match(line)
    return datetime.fromtimestamp(float(f"{epoch.group(1)}.{epoch.group(2) or 0}"), UTC) if epoch is not None else None


def level_of(line: str) -> str:
    """Return how loud a line is, `info` when it does not say."""
    match = _LEVEL.search(line, 0, _LEVEL_WITHIN)
    if match is not None:
        return _LEVELS[match.group(1).lower()]
    if _TRACE_START.match(line) or _EXCEPTION.match(line.strip()):
        return "error"
    return "info"


def _instant(*parts: int, fraction: str | None = None, zone: str | None = None) -> datetime | None:
    year, month, day, hour, minute, second = parts
    try:
        at = datetime(year, month, day, hour, minute, min(second, 59), int((fraction or "0")[:6].ljust(6, "0")), tzinfo=UTC)
    except ValueError:
        return None
    if zone and zone[0] in "+-":
        away = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
        return at - away if zone[0] == "+" else at + away
    return at


def _record(lines: list[str], now: datetime) -> Record:
    first, trace = lines[0][:_RECORD_MAX], "\n".join(lines[1:])[:_RECORD_MAX].rstrip()
    if _TRACE_START.match(first):
        trace = "\n".join(lines)[:_RECORD_MAX].rstrip()
    fields = _fields(first)
    if fields:
        return _from_fields(first, fields, now)
    level = level_of(first)
    if trace and level in {"info", "debug"} and _TRACE_START.search(trace.splitlines()[0] if trace else ""):
        level = "error"
    return Record(first, _message(first, now), level, time_of(first, now), trace)


def _fields(line: str) -> dict[str, object]:
    start = line.find("{")
    if start < 0 or start > _TIME_WITHIN or not line.rstrip().endswith("}"):
        return {}
    try:
        read = json.loads(line[start:])
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _from_fields(first: str, fields: dict[str, object], now: datetime) -> Record:
    def one(names: tuple[str, ...]) -> object:
        return next((fields[name] for name in names if name in fields), None)

    loud = one(_JSON_LEVEL)
    level = _PINO.get(loud, "info") if isinstance(loud, int) else _LEVELS.get(str(loud).lower(), "info")
    stamp = one(_JSON_TIME)
    at = time_of(first, now)
    if isinstance(stamp, int | float):
        seconds = stamp / 1000 if stamp > 1e11 else stamp
        at = datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 4e9 else None
    elif isinstance(stamp, str):
        at = time_of(stamp, now)
    trace = fields.get("exc_info") or fields.get("stack") or fields.get("traceback") or fields.get("exception") or ""
    message = one(_JSON_MESSAGE)
    return Record(first, str(message) if message is not None else first, level, at, str(trace)[:_RECORD_MAX], fields)


_PREFIXES = (
    re.compile(r"^\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?\s?(?:Z|UTC|GMT|[+-]\d\d:?\d\d)?\]?\s*"),
    re.compile(r"^(?:<\d+>)?[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d \S+ (?=\S+?(?:\[\d+\])?:)"),
    re.compile(r"^[\w./-]+\[\d+\]: "),
    re.compile(r"^\[\d+\] |^\d+#\d+: (?:\*\d+ )?|^\d+: "),
    re.compile(
        r"^\[?(?:EMERG|ALERT|PANIC|CRIT|CRITICAL|FATAL|ERROR|ERR|WARN|WARNING|NOTICE|INFO|DEBUG|LOG|TRACE)\]?:?\s+", re.IGNORECASE
    ),
)


def _message(line: str, now: datetime) -> str:
    """Take the time, the process and the level off the head of a line."""
    rest = line
    for _ in range(2):
        for prefix in _PREFIXES:
            cut = prefix.sub("", rest, count=1)
            rest = cut or rest
    return rest.strip() or line
