"""Any other line: a time stamp and a level, where there are some, then words."""

import re
from datetime import datetime, tzinfo

from vigie.domain.finding import Level
from vigie.signals import levels, times
from vigie.signals.parsers.parser import Parsed, Parser

_OPEN = re.compile(r"[\[(<]?\s*")
_CLOSE = re.compile(r"[\])>]?[\s,|:\-]*")
_LOGGER = re.compile(
    r"(?:\[(?P<thread>[^\]]{1,64})\]\s*)?(?:(?P<logger>[A-Za-z_][\w.\-$/]{1,80})(?:\[\d+\]|\(\d+\))?\s*(?::|\s-)\s+)?"
)
# Under a stack trace's head, its frames: they belong to the line before.
_FRAME = re.compile(r"\s+\S|Caused by:|\.\.\. \d+ more|During handling of the above|The above exception was")


class Plain(Parser):
    """A line of any program; asked last, and it always answers."""

    name = "plain"
    order = 1000

    def parse(self, line: str, read_at: datetime, zone: tzinfo) -> Parsed | None:
        """Return what the line says, at worst itself."""
        if _FRAME.match(line):
            return Parsed(line.strip(), None, Level.DEBUG, continues=True)
        at, rest = _stamped(line, read_at, zone)
        named = levels.of_text(rest)
        if named is None:
            return Parsed(rest.strip() or line, at, levels.guessed(rest))
        level, end = named
        tail = rest[end:].lstrip(" \t:-|")
        found = _LOGGER.match(tail)
        fields = {name: value for name, value in found.groupdict().items() if value} if found else {}
        message = tail[found.end() :] if found else tail
        return Parsed(message.strip() or tail.strip() or line, at, level, None, fields)


def _stamped(line: str, read_at: datetime, zone: tzinfo) -> tuple[datetime | None, str]:
    opened = _OPEN.match(line)
    begin = opened.end() if opened else 0
    stamp = times.stamp(line, read_at, zone, begin) or times.habitual(line, read_at, zone, begin)
    if stamp is None:
        return None, line
    closed = _CLOSE.match(line, stamp.end)
    return stamp.at, line[closed.end() if closed else stamp.end :]
