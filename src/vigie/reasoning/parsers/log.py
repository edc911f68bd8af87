"""The tail of a log: its errors by template, its slow queries and requests, its restarts, how fast it grows."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from statistics import median

from vigie.domain.fact import Value
from vigie.reasoning import log_lines, requested, statements
from vigie.reasoning.log_lines import Record
from vigie.reasoning.parsers.parser import Output, Parser, Seen, number
from vigie.reasoning.statements import Statement
from vigie.reasoning.templating import template_of

_STAT = re.compile(r"^(\d+) (\d+(?:\.\d+)?)\n")
_DURATION = re.compile(
    r"(?<![\w.])(?P<value>\d+(?:[.,]\d+)?)\s?(?P<unit>ms|msec|milliseconds?|s|secs?|seconds?|us|µs)(?![\w/])", re.IGNORECASE
)
_NAMED = re.compile(
    r"(?:(?P<key>\w*(?:duration|elapsed|took|time|latency|seconds|runtime)\w*))[\"']?\s*[=:]\s*[\"']?(?P<value>\d+(?:\.\d+)?)(?!\s?:)(?P<unit>ms|s|us)?",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"\b(?P<method>GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\s+(?P<path>/[^\s\"?#]*)[^\s\"]*(?![^\s\"])(?:\s+HTTP/[\d.]+)?\"?"
    r"(?:\s*(?:-+>|=>|:)?\s*|\s+\S+=)(?P<status>[1-5]\d\d)\b"
)
_STATUS = re.compile(r"\bstatus[\"']?\s*[=:]\s*[\"']?(?P<status>[1-5]\d\d)\b", re.IGNORECASE)
_PATH = re.compile(r"\b(?P<method>GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\s+(?P<path>/[^\s\"?#]*)")
_STARTED = re.compile(
    r"\b(?:listening (?:on|at)|started (?:server|process|worker|on)|server started|booting worker|ready to accept|starting up|"
    r"now running)\b",
    re.IGNORECASE,
)
_TRAILING_SECONDS = re.compile(r"\s(\d{1,3}\.\d{3,6})\s*$")
_UNITS = {"ms": 1e-3, "msec": 1e-3, "us": 1e-6, "µs": 1e-6}
_LOUD = ("warning", "error", "critical")
_KEPT = 40
_BAD, _REFUSES = 500, 400
_TRACE_SHOWN = 1500
_CLOCK_LINES = 3
_CLOCK_APART_S = 900.0
_CLOCK_SLACK_S = 90.0
_ZONES_S, _ZONE_STEP_S = 14.5 * 3600, 900.0


class Log(Parser):
    """Reads the end of any log; options: `slow_s` and `kinds` (a regular expression for each concept of trouble)."""

    name = "log"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield what the log says, the most frequent first."""
        service = output.slots.get("service")
        subject = f"log:journal/{service}" if service else f"log:{output.slots.get('log', '')}"
        head = _STAT.match(output.text)
        text = output.text[head.end() :] if head else output.text
        whole = list(log_lines.records(text, output.now))
        if head and int(head.group(1)) > len(text.encode()) and len(whole) > 1:
            whole = whole[1:]  # its head was cut off
        yield from _state(subject, whole, head, output)
        yield from _errors(subject, whole, output.options)
        slow_s = number(str(output.options.get("slow_s", 0.2))) or 0.2
        yield from _queries(subject, whole, slow_s)
        yield from _requests(subject, whole, max(1.0, slow_s))
        yield from requested.pages(subject, whole)
        if head:
            yield from _clock(subject, whole, float(head.group(2)))
        starts = [record for record in whole if _STARTED.search(record.message)]
        if starts:
            yield Seen(
                subject, "log.restart", {**_span(starts), "count": len(starts), "example": starts[-1].text[:300]}, starts[-1].text
            )


def seconds_in(record: Record) -> float | None:
    """Return the longest time that a record speaks of, in seconds."""
    for name, value in record.fields.items():
        spoken = isinstance(value, int | float) and not isinstance(value, bool)
        if spoken and re.search(r"duration|elapsed|took|latency|seconds|runtime|response_time|_ms$", name, re.IGNORECASE):
            return float(str(value)) * (1e-3 if name.lower().endswith(("ms", "millis")) else 1.0)
    found = [
        float(match["value"].replace(",", "."))
        * _UNITS.get(match["unit"].lower(), 1e-3 if match["unit"].lower().startswith("milli") else 1.0)
        for match in _DURATION.finditer(record.message)
    ]
    if found:
        return max(found)
    named = _NAMED.search(record.message)
    if named is not None:
        scale = 1e-3 if (named["unit"] or "").lower() == "ms" or named["key"].lower().endswith("ms") else 1.0
        return float(named["value"]) * scale
    trailing = _TRAILING_SECONDS.search(record.text)
    return float(trailing.group(1)) if trailing else None


def _state(subject: str, whole: list[Record], head: re.Match[str] | None, output: Output) -> Iterator[Seen]:
    times = [record.at for record in whole if record.at is not None]
    span_s = (max(times) - min(times)).total_seconds() if len(times) > 1 else 0.0
    changed = float(head.group(2)) if head else None
    value: Value = {
        "bytes": int(head.group(1)) if head else len(output.text),
        "at": _text(datetime.fromtimestamp(changed, output.now.tzinfo)) if changed else None,
        "age_s": round(max(0.0, output.now.timestamp() - changed), 1) if changed else None,
        "lines": len(whole),
        "span_s": round(span_s, 1),
        "lines_per_s": round(len(whole) / span_s, 3) if span_s > 0 else None,
    }
    yield Seen(subject, "log.state", value, whole[-1].text if whole else "")


def _clock(subject: str, whole: list[Record], written_s: float) -> Iterator[Seen]:
    """Yield `log.clock` where a log's last lines tell another time than the one at which they were written."""
    last = whole[-_CLOCK_LINES:]
    times = [record.at for record in last if record.at is not None]
    if len(times) < _CLOCK_LINES or times != sorted(times):
        return
    behind_s = written_s - times[-1].timestamp()
    # Within half a day, whole quarters of an hour are a zone that the lines do not tell.
    zone = abs(behind_s) < _ZONES_S and min(abs(behind_s) % _ZONE_STEP_S, -abs(behind_s) % _ZONE_STEP_S) < _CLOCK_SLACK_S
    if abs(behind_s) > _CLOCK_APART_S and not zone:
        yield Seen(subject, "log.clock", {"behind_s": round(behind_s, 1), "last": _text(times[-1])}, last[-1].text)


def _errors(subject: str, whole: list[Record], options: Mapping[str, object]) -> Iterator[Seen]:
    kinds = _kinds(options)
    groups: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in whole:
        told_apart = _REQUEST.search(record.message) or (record.level == "warning" and _is_slow_query(record))
        if (record.level in _LOUD or record.trace) and not told_apart:
            groups[record.level, template_of(record.last if record.trace else record.message)].append(record)
    for (level, template), same in sorted(
        groups.items(), key=lambda item: (-_LOUD.index(item[0][0]) if item[0][0] in _LOUD else 1, -len(item[1]))
    )[:_KEPT]:
        last = same[-1]
        said = f"{last.message}\n{last.trace}"
        value: Value = {
            "template": template,
            "level": level,
            "count": len(same),
            **_span(same),
            "example": last.text[:500],
            "exception": last.exception,
            "trace": last.trace[-_TRACE_SHOWN:],
            "kind": next((kind for kind, pattern in kinds if pattern.search(said)), "other"),
            "message": last.last[:300],
        }
        yield Seen(subject, "log.error", value, f"{last.text}\n{last.last}" if last.trace else last.text)


def _is_slow_query(record: Record) -> bool:
    return not record.trace and statements.found_in(record.message) is not None and seconds_in(record) is not None


def _kinds(options: Mapping[str, object]) -> list[tuple[str, re.Pattern[str]]]:
    given = options.get("kinds")
    return (
        [(str(kind), re.compile(str(words), re.IGNORECASE)) for kind, words in given.items()]
        if isinstance(given, Mapping)
        else []
    )


def _queries(subject: str, whole: list[Record], slow_s: float) -> Iterator[Seen]:
    groups: dict[str, list[tuple[Statement, float, Record]]] = defaultdict(list)
    for record in whole:
        spoken = next(
            (str(record.fields[name]) for name in ("sql", "statement", "query") if name in record.fields), record.message
        )
        statement = statements.found_in(spoken)
        if statement is None:
            continue
        seconds = seconds_in(record)
        if seconds is not None and (seconds >= slow_s or re.search(r"\b(slow|lente?)\b", record.message, re.IGNORECASE)):
            groups[statement.hash].append((statement, seconds, record))
    for same in sorted(groups.values(), key=lambda found: -sum(seconds for _, seconds, _ in found))[:_KEPT]:
        statement, _, last = same[-1]
        times = [seconds for _, seconds, _ in same]
        value: Value = {
            "statement": statement.text,
            "hash": statement.hash,
            "table": statement.table,
            "columns": list(statement.columns),
            "columns_text": ", ".join(statement.columns),
            "count": len(same),
            "seconds_max": round(max(times), 4),
            "seconds_median": round(median(times), 4),
            **_span([record for _, _, record in same]),
            "example": last.text[:500],
        }
        yield Seen(subject, "log.slow_query", value, last.text)


def _requests(subject: str, whole: list[Record], slow_s: float) -> Iterator[Seen]:
    slow: dict[tuple[str, str], list[tuple[float, int, Record]]] = defaultdict(list)
    failed: dict[tuple[str, str, int], list[Record]] = defaultdict(list)
    for record in whole:
        match = _REQUEST.search(record.text) or _PATH.search(record.text)
        if match is None:
            continue
        status = _REQUEST.search(record.text) or _STATUS.search(record.text)
        code = int(status["status"]) if status else 0
        place = (match["method"], template_of(match["path"]))
        if code >= _REFUSES:
            failed[(*place, code)].append(record)
        seconds = seconds_in(record)
        if seconds is not None and seconds >= slow_s:
            slow[place].append((seconds, code, record))
    for (method, path), same in sorted(slow.items(), key=lambda item: -len(item[1]))[:_KEPT]:
        times = [seconds for seconds, _, _ in same]
        known: Value = {
            "path": path,
            "method": method,
            "status": same[-1][1],
            "count": len(same),
            "seconds_max": round(max(times), 3),
            "seconds_median": round(median(times), 3),
            **_span([record for _, _, record in same]),
        }
        yield Seen(subject, "log.slow_request", known, same[-1][2].text)
    for (method, path, code), refused in sorted(failed.items(), key=lambda item: -len(item[1]))[:_KEPT]:
        if code >= _BAD or len(refused) > 1:
            value: Value = {
                "path": path,
                "method": method,
                "status": code,
                "count": len(refused),
                **_span(refused),
                "example": refused[-1].text[:300],
            }
            yield Seen(subject, "log.failed_request", value, refused[-1].text)


def _span(same: list[Record]) -> dict[str, Value]:
    times = [record.at for record in same if record.at is not None]
    return {"first": _text(min(times)) if times else None, "last": _text(max(times)) if times else None}


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
