"""Lines of Redis and Valkey: process and role, day, a mark for the level."""

import re
from datetime import datetime, tzinfo

from vigie.domain.finding import Level
from vigie.signals import times
from vigie.signals.parsers.parser import Parsed, Parser

_LINE = re.compile(r"(\d{1,10}):([XCSMT]) (\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2}(?:\.\d{1,9})?) ([.\-*#]) ", re.ASCII)
_LEVELS = {".": Level.DEBUG, "-": Level.INFO, "*": Level.INFO, "#": Level.WARNING}
_ROLES = {"X": "sentinel", "C": "child", "S": "replica", "M": "master", "T": "thread"}


class Redis(Parser):
    """What Redis says."""

    name = "redis"
    order = 37

    def parse(self, line: str, read_at: datetime, zone: tzinfo) -> Parsed | None:
        """Return what the line says."""
        found = _LINE.match(line)
        if found is None:
            return None
        process, role, at, mark = found.groups()
        stamp = times.stamp(at, read_at, zone)
        fields = {"pid": process, "role": _ROLES[role]}
        return Parsed(line[found.end() :], stamp.at if stamp else None, _LEVELS[mark], None, fields)
