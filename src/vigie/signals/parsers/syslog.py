"""Lines of syslog: RFC 5424, RFC 3164, and the forms that rsyslog and journald write to files."""

import re
from datetime import datetime, tzinfo

from vigie.domain.finding import Level
from vigie.signals import levels, services, times
from vigie.signals.parsers.parser import Parsed, Parser

_PRIORITY = re.compile(r"<(\d{1,3})>")
_5424 = re.compile(r"<(\d{1,3})>\d{1,2} (\S+) (\S+) (\S+) (\S+) (\S+) ")
_DATA = re.compile(r"-(?: |\Z)|(?:\[[^\]\\\"]*(?:\"(?:[^\"\\]|\\.)*\"[^\]\\\"]*)*\])+(?: |\Z)")
_TAG = re.compile(r"(?P<host>[\w.:\-]{1,255}) (?P<tag>[\w./@\-]{1,128}?)(?:\[(?P<pid>\d{1,10})\])?: ?")
_ISO_TAG = re.compile(r"(?P<host>[\w.:\-]{1,255}) (?P<tag>[\w./@\-]{1,128}?)\[(?P<pid>\d{1,10})\]: ?")


class Syslog(Parser):
    """What syslog daemons write, with or without a priority."""

    name = "syslog"
    order = 30

    def parse(self, line: str, read_at: datetime, zone: tzinfo) -> Parsed | None:
        """Return what the line says."""
        return _modern(line, read_at, zone) or _classic(line, read_at, zone)


def _modern(line: str, read_at: datetime, zone: tzinfo) -> Parsed | None:
    found = _5424.match(line)
    if found is None:
        return None
    priority, at, host, program, process, _ = found.groups()
    data = _DATA.match(line, found.end())
    message = line[data.end() if data else found.end() :].removeprefix("\ufeff")
    fields = {name: value for name, value in (("host", host), ("pid", process)) if value != "-"}
    stamp = times.stamp(at, read_at, zone)
    return Parsed(message, stamp.at if stamp else None, _level(int(priority), message), services.normalised(program), fields)


def _classic(line: str, read_at: datetime, zone: tzinfo) -> Parsed | None:
    priority = _PRIORITY.match(line)
    start = priority.end() if priority else 0
    stamp = times.stamp(line, read_at, zone, start)
    if stamp is None or line[stamp.end : stamp.end + 1] != " ":
        return None
    # An ISO stamp begins many a program's own line: only a process number in brackets tells it from those.
    pattern = _ISO_TAG if line[start : start + 4].isdecimal() and priority is None else _TAG
    found = pattern.match(line, stamp.end + 1)
    if found is None:
        return None
    message = line[found.end() :]
    fields = {"host": found["host"]} | ({"pid": found["pid"]} if found["pid"] else {})
    level = _level(int(priority[1]), message) if priority else None
    return Parsed(message, stamp.at, level, services.normalised(found["tag"]), fields)


def _level(priority: int, message: str) -> Level:
    told = levels.of_severity(priority)
    named = levels.of_text(message)
    # A program that writes to standard error gets one severity for all it says: its own word is better.
    return named[0] if named and told is Level.INFO else told
