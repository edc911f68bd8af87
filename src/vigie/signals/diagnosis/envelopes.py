"""Opens a line: when, how loud, which names stand in front of the message, and the message.

Names in front stay apart by the slot in which they stand (`bracket2`, `colon`, `field:service`); which slot holds the service is
for `speakers.py` to say, from many lines.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from vigie.domain.finding import Level
from vigie.plugins import discover
from vigie.signals import levels, parsers
from vigie.signals.diagnosis import stamps
from vigie.signals.parsers.parser import Parsed, Parser

MESSAGE_MAX = 4000
_HEADS_MAX = 8
# Fields that may say who speaks, the surest first.
SURE_FIELDS = (
    "service", "service.name", "service_name", "servicename", "app", "application", "app_name", "syslog_identifier", "program",
    "container_name", "container", "_systemd_unit", "unit", "job", "svc", "process", "role",
)  # fmt: skip
WEAK_FIELDS = (
    "component",
    "logger",
    "module",
    "source",
    "name",
    "subsystem",
    "category",
    "logger_name",
    "comp",
    "target",
    "label",
)
INSTANCE_FIELDS = (
    "instance",
    "pod",
    "pod_name",
    "podname",
    "kubernetes.pod_name",
    "host",
    "hostname",
    "node",
    "replica",
    "server",
    "instance_id",
    "container_id",
    "worker",
    "shard",
    "machine",
    "backend",
    "zone",
    "az",
    "region",
)
_SPEAKING = frozenset((*SURE_FIELDS, *WEAK_FIELDS, *INSTANCE_FIELDS, "podname", "containername", "appname", "servicename"))
_DEPTH = 3
_STRUCTURED = ("json", "logfmt", "web_access", "web_error")
_PREFIX = re.compile(r"(?P<name>[A-Za-z][\w.\-/]{0,60})\s+\|\s(?=\S)")
_PRIORITY = re.compile(r"<\d{1,3}>(?:\d )?")
_MODERN_SYSLOG = re.compile(r" (?P<host>\S+) (?P<program>\S+) \S+ \S+ (?:-|(?:\[[^\]]*\])+) ?")
# What container runtimes put between the stamp and the line: the stream, and whether the line is whole.
_STREAM = re.compile(r"\s(?:stdout|stderr) [FP] ")
_AFTER_STAMP = re.compile(r"[\])>\s,;|:\-]*")
_CONTINUES = re.compile(r"\s|Caused by:|\.\.\. \d+ more|During handling|The above exception|Traceback \(most|\)|\}|\]")
_ITEM = re.compile(
    r"\s*(?:\[(?P<bracket>[^\[\]]{1,100})\]|\((?P<paren>[^()\s]{1,60})\)|<(?P<angle>[^<>\s]{1,60})>"
    r"|\{(?P<brace>[^{}\s\"=]{1,60})\}"
    r"|(?P<pipe>[^|\s\[\]][^|\[\]]{0,48}?)\s*\|(?=\s|$)"
    r"|(?P<colon>[A-Za-z_][\w.\-/$@]{0,80}?(?:\([\w.\-]+\))?(?:\[[^\]\s]*\])?):(?=\s|$)"
    r"|(?P<dash>[A-Za-z_][\w.\-/$@]{0,80}(?::[\w<>.]+:\d+)?)\s+-{1,3}(?=\s)"
    r"|(?P<bare>[^\s\[\](){}<>|:,;=\"']+)(?=\s))"
)
_NUMBER = re.compile(r"[#]?\d+(?:[.:]\d+)*\Z")
_LEVEL_AHEAD = re.compile(
    r"(?:^|[\s\[(|<])(?:TRACE|DEBUG|VERBOSE|INFO|INFORMATION|NOTICE|LOG|WARN|WARNING|ERR|ERROR|SEVERE|CRIT|CRITICAL"
    r"|FATAL|ALERT|EMERG|PANIC"
    r"|trace|debug|info|notice|warn|warning|error|crit|critical|fatal|Information|Warning|Error|Info|Debug)(?=[\s\])|:>])"
)
_AHEAD = 80
_BEHIND_NAME = re.compile(r"(?:\([\w.\-]+\))?(?:\[[^\]]*\])?\Z|:[\w<>.]+:\d+\Z")
_PROCESS = re.compile(r"(?:\d+\s+){1,3}(?=[VDIWEF]\s|[A-Z]{4,8}\b)")
_SHORT_LEVELS = re.compile(r"[VDIWEFCN]\Z")
_KIND_BY_NAME: dict[str, Parser] = {}


@dataclass(slots=True)
class Envelope:
    """An opened line. `start` and `end` are where its stamp stands; `slots` what stands in front, by slot."""

    message: str
    at_s: float | None = None
    start: int = 0
    end: int = 0
    level: Level | None = None
    slots: dict[str, str] = field(default_factory=dict)
    continues: bool = False


def opened(line: str, read_at: datetime) -> Envelope:
    """Open one line; at worst the line is its own message."""
    stamp = stamps.place(line, read_at)
    parsed = _structured(line, read_at)
    if parsed is not None:
        envelope = _of_fields(parsed)
    elif stamp is None and (not line.strip() or _CONTINUES.match(line)):
        return Envelope(line[:MESSAGE_MAX], continues=True)
    else:
        envelope = _plain(line, stamp)
    if stamp is not None:
        envelope.at_s, envelope.start, envelope.end = stamp.at_s, stamp.start, stamp.end
    envelope.message = envelope.message[:MESSAGE_MAX]
    return envelope


def _structured(line: str, read_at: datetime) -> Parsed | None:
    if not _KIND_BY_NAME:
        kinds = discover(parsers, Parser)
        _KIND_BY_NAME.update((name, kinds[name]()) for name in _STRUCTURED if name in kinds)
    prefix = _PREFIX.match(line)
    text = line[prefix.end() :] if prefix else line
    begin = text.find("{", 0, 120)
    for name, kind in _KIND_BY_NAME.items():
        given = text[begin:] if name == "json" and begin > 0 and text[begin + 1 : begin + 3].strip()[:1] == '"' else text
        parsed = kind.parse(given, read_at, UTC)
        if parsed is not None:
            if prefix:
                parsed.fields["service"] = prefix["name"]
            if name == "json":
                parsed.fields.update(_nested(given, parsed.fields))
            return parsed
    return None


def _nested(text: str, outer: dict[str, str]) -> dict[str, str]:
    """Return the names of speakers that stand deeper in an object; what stands further out goes first."""
    found: dict[str, str] = {}
    begin = text.find("{")
    level = [value for value in json.loads(text[begin:]).values() if isinstance(value, dict)]
    for _ in range(_DEPTH):
        for tree in level:
            for name, value in tree.items():
                if name.lower() in _SPEAKING and isinstance(value, str) and name not in outer:
                    found.setdefault(name, value)
        level = [value for tree in level for value in tree.values() if isinstance(value, dict)]
    return found


def _of_fields(parsed: Parsed) -> Envelope:
    lowered = {name.lower(): value for name, value in parsed.fields.items()}
    slots = {
        f"field:{name}": lowered[name] for name in (*SURE_FIELDS, *WEAK_FIELDS, *INSTANCE_FIELDS) if lowered.get(name, "").strip()
    }
    if parsed.service and not any(slot.removeprefix("field:") in SURE_FIELDS for slot in slots):
        slots["field:service"] = parsed.service
    level = parsed.level
    stated = any(
        lowered.get(name)
        for name in ("level", "severity", "lvl", "levelname", "loglevel", "log_level", "log.level", "priority", "@l")
    )
    status = next(
        (lowered[name] for name in ("status", "status_code", "http_status", "statuscode", "code") if name in lowered), ""
    )
    message = parsed.message
    if len(status) == 3 and status.startswith("5"):
        level = Level.ERROR if level in (None, Level.INFO, Level.DEBUG) else level
        message = message if status in message else f"{message} status={status}"
    elif not stated and level is Level.INFO and "method" not in lowered:
        level = None
    extra = [
        f"{name}={lowered[name]}"
        for name in ("upstream", "peer", "peer.service", "dependency", "remote", "downstream", "db.system", "err")
        if name in lowered and lowered[name] not in message
    ]
    return Envelope(" ".join([message, *extra]), level=level, slots=slots)


def _plain(line: str, stamp: stamps.Place | None) -> Envelope:
    slots: dict[str, str] = {}
    before = line[: stamp.start] if stamp else ""
    prefix = _PREFIX.match(before or line)
    if prefix:
        slots["field:service"] = prefix["name"]
    elif before:
        _leading(_PRIORITY.sub("", before), slots)
    modern = _MODERN_SYSLOG.match(line, stamp.end) if stamp and before.startswith("<") else None
    if modern is not None:
        slots |= {"bare1": modern["host"], "colon1": modern["program"]}
        return Envelope(
            line[modern.end() :].strip() or line, level=levels.of_severity(int(before[1:].partition(">")[0])), slots=slots
        )
    closed = _AFTER_STAMP.match(line, stamp.end) if stamp else _PRIORITY.match(line)
    at = closed.end() if closed else 0
    if stamp is not None and (stream := _STREAM.match(line, stamp.end)):
        at = stream.end()
    if stamp is None and prefix:
        at = max(at, prefix.end())
    level, at = _heads(line, at, slots, stamped=stamp is not None)
    return Envelope(line[at:].strip() or line, level=level, slots=slots)


def _leading(before: str, slots: dict[str, str]) -> None:
    words = [word for word in re.split(r"[\s\[\](){}|<>]+", before) if word]
    for index, word in enumerate(words[:3]):
        if not _NUMBER.match(word) and levels.of_word(word) is None:
            slots[f"before{index}"] = word


def _heads(line: str, at: int, slots: dict[str, str], *, stamped: bool) -> tuple[Level | None, int]:
    """Walk over what stands in front of the message; return the level and where the message begins."""
    level: Level | None = None
    seen: dict[str, int] = {}
    if stamped and (numbers := _PROCESS.match(line, at)):
        at = numbers.end()
    for _ in range(_HEADS_MAX):
        found = _ITEM.match(line, at)
        kind = found.lastgroup if found else None
        if found is None or kind is None:
            break
        word = found[kind].strip()
        named = _level_of(word, kind) if level is None else None
        if kind == "colon" and named is None and level is None:  # a channel and its level in one word
            word, level = _parted(word)
        if named is not None:
            level, at = named, _past(line, found.end())
            continue
        if kind == "bare" and not _stands_in_front(line, found, level, alone=not seen and stamped):
            if "bare" not in seen and not _NUMBER.match(word):
                slots["first" if level is None else "after"] = word
            break
        seen[kind] = seen.get(kind, 0) + 1
        if not _NUMBER.match(word):
            slots[f"{kind}{seen[kind]}"] = _BEHIND_NAME.sub("", word) or word
        at = _past(line, found.end())
        if kind in ("colon", "dash") and (level is not None or not _is_level(_ITEM.match(line, at))):
            break
    return level, at


def _stands_in_front(line: str, found: re.Match[str], level: Level | None, *, alone: bool) -> bool:
    """Say whether a bare word is no part of the message: a level, or a program's name and a colon, follow."""
    if level is None and _LEVEL_AHEAD.search(line, found.end(), found.end() + _AHEAD):
        return True
    if _NUMBER.match(found["bare"]):
        return level is not None
    tag = _ITEM.match(line, found.end())
    return level is None and alone and tag is not None and tag.lastgroup == "colon"


def _parted(word: str) -> tuple[str, Level | None]:
    channel, _, end = word.rpartition(".")
    level = _level_of(end, "colon") if channel and end.isupper() else None
    return (channel, level) if level is not None else (word, None)


def _is_level(item: re.Match[str] | None) -> bool:
    return item is not None and item.lastgroup is not None and _level_of(item[item.lastgroup].strip(), item.lastgroup) is not None


def _level_of(word: str, kind: str) -> Level | None:
    if _NUMBER.match(word) or (len(word) == 1 and not _SHORT_LEVELS.match(word)):
        return None
    if (
        kind == "bare"
        and word.islower()
        and word not in ("info", "warn", "warning", "error", "debug", "notice", "critical", "fatal", "crit", "err")
    ):
        return None
    if (
        word.lower() in ("ok", "n", "c", "log", "fine", "statement", "detail", "hint", "failure", "fail", "verbose")
        and not word.isupper()
    ):
        return None
    return levels.of_word(word.partition(":")[0] if kind == "bracket" else word)


def _past(line: str, at: int) -> int:
    while at < len(line) and line[at] in " \t|:-":
        at += 1
    return at
