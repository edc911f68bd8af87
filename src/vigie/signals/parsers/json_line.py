"""Lines that are one JSON object, under the names that the common loggers use."""

import json
import re
from collections.abc import Mapping
from datetime import datetime, tzinfo

from vigie.domain.finding import Level
from vigie.signals import levels, services, times
from vigie.signals.parsers.parser import Parsed, Parser, kept

_LONGEST = 65_536
# What rsyslog writes before an object.
_BEFORE = re.compile(r"\s*(?:@cee:\s*)?")
_TIMES = (
    "@timestamp",
    "timestamp",
    "time",
    "ts",
    "t",
    "datetime",
    "date",
    "asctime",
    "eventTime",
    "__REALTIME_TIMESTAMP",
    "_SOURCE_REALTIME_TIMESTAMP",
    "@t",
    "created",
)
_LEVELS = ("level", "severity", "lvl", "levelname", "loglevel", "log.level", "log_level", "severityText", "PRIORITY", "@l", "s")
_MESSAGES = ("message", "msg", "MESSAGE", "event", "text", "log", "short_message", "body", "@m", "@mt", "error")
_SERVICES = (
    "service",
    "service.name",
    "service_name",
    "app",
    "application",
    "SYSLOG_IDENTIFIER",
    "program",
    "container_name",
    "component",
    "unit",
    "_SYSTEMD_UNIT",
)
_ERRORS = ("error", "err", "exception", "exc_info", "stack", "stack_trace", "error.message")


class JsonLine(Parser):
    """One JSON object a line: structlog, pino, zap, logrus, bunyan, journald's export and their like."""

    name = "json"
    order = 10

    def parse(self, line: str, read_at: datetime, zone: tzinfo) -> Parsed | None:
        """Return what the object says."""
        begin = line.find("{", 0, 64)
        if begin < 0 or not line.rstrip().endswith("}") or len(line) > _LONGEST or not _BEFORE.fullmatch(line, 0, begin):
            return None
        try:
            tree = json.loads(line[begin:])
        except (ValueError, RecursionError):
            return None
        return _parsed(tree, read_at, zone) if isinstance(tree, dict) else None


def _parsed(tree: dict[str, object], read_at: datetime, zone: tzinfo) -> Parsed | None:
    message = _text(_first(tree, _MESSAGES))
    error = _text(_first(tree, _ERRORS))
    if message is None and error is None:
        message = json.dumps(tree, ensure_ascii=False)[:4096]
    elif error and error != message:
        message = f"{message}: {error}" if message else error
    assert message is not None
    at = times.of_value(_first(tree, _TIMES), read_at, zone)
    level = levels.of_word(_first(tree, _LEVELS)) or (Level.ERROR if error else None)
    return Parsed(
        message,
        at,
        level,
        services.normalised(_name(_first(tree, _SERVICES))),
        kept({name: value for name, value in tree.items() if isinstance(name, str)}),
    )


def _first(tree: Mapping[str, object], names: tuple[str, ...]) -> object:
    for name in names:
        if tree.get(name) not in (None, ""):
            return tree[name]
        head, dot, rest = name.partition(".")
        inner = tree.get(head)
        if dot and isinstance(inner, Mapping) and inner.get(rest) not in (None, ""):
            return inner[rest]
    return None


def _name(value: object) -> object:
    return value.get("name") if isinstance(value, Mapping) else value


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        inner = value.get("message") or value.get("msg")
        return inner if isinstance(inner, str) else None
    return None if value is None or isinstance(value, bool) else str(value)[:4096]
