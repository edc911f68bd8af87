"""Lines of Go's klog and glog: a letter for the level, month and day, time, thread, place in the source."""

import re
from datetime import datetime, tzinfo

from vigie.domain.finding import Level
from vigie.signals import times
from vigie.signals.parsers.parser import Parsed, Parser

_LINE = re.compile(r"([IWEFD])(\d{2})(\d{2}) (\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)\s+(\d+) ([\w.\-/]+:\d+)\] ?", re.ASCII)
_LEVELS = {"D": Level.DEBUG, "I": Level.INFO, "W": Level.WARNING, "E": Level.ERROR, "F": Level.CRITICAL}


class Klog(Parser):
    """What programs that log with klog or glog say. The year is the one in which the line was read."""

    name = "klog"
    order = 36

    def parse(self, line: str, read_at: datetime, zone: tzinfo) -> Parsed | None:
        """Return what the line says."""
        found = _LINE.match(line)
        if found is None:
            return None
        letter, month, day, clock, thread, place = found.groups()
        year = read_at.astimezone(zone).year
        stamp = times.stamp(f"{year}-{month}-{day} {clock}", read_at, zone)
        at = stamp.at if stamp else None
        if at is not None and times.sane(at, read_at) != at:  # December's lines read in January
            earlier = times.stamp(f"{year - 1}-{month}-{day} {clock}", read_at, zone)
            at = earlier.at if earlier else None
        return Parsed(line[found.end() :], at, _LEVELS[letter], None, {"thread": thread, "at": place})
