"""Lines of the kernel's ring buffer: seconds since it started, then what it says."""

import re
from datetime import datetime, tzinfo

from vigie.signals import levels
from vigie.signals.parsers.parser import Parsed, Parser

_LINE = re.compile(r"(?:<\d{1,3}>)?(?:kern\s*:(?P<level>\w+)\s*: )?\[\s*(?P<uptime>\d{1,10}\.\d{6})\](?:\[[TC]\d+\])? ", re.ASCII)


class Kernel(Parser):
    """What `dmesg` shows. The stamp counts from a start that the line does not tell: the event is as old as its reading."""

    name = "kernel"
    order = 38

    def parse(self, line: str, read_at: datetime, zone: tzinfo) -> Parsed | None:
        """Return what the line says."""
        found = _LINE.match(line)
        if found is None:
            return None
        message = line[found.end() :]
        level = levels.of_word(found["level"]) or levels.guessed(message)
        return Parsed(message, None, level, "kernel", {"uptime_s": found["uptime"]})
