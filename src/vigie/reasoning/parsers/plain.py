"""`ps -eo pid,ppid,etimes,args` where nothing manages services: what init has adopted counts as one."""

import re
from collections.abc import Iterator

from vigie.reasoning.parsers.parser import Output, Parser, Seen
from vigie.reasoning.services import Service

_LINE = re.compile(r"^\s*(?P<pid>\d+)\s+(?P<ppid>\d+)\s+(?P<age>\d+)\s+(?P<args>.+)$")


class Plain(Parser):
    """Reads daemons from the process list."""

    name = "plain"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield the processes whose parent is init, by the name of their program."""
        done: set[str] = set()
        for line in output.text.splitlines():
            match = _LINE.match(line)
            if match is None or match["ppid"] != "1" or match["args"].startswith("["):
                continue
            name = match["args"].split()[0].rstrip(":").rpartition("/")[2].lstrip("-")
            if not name or name in done:
                continue
            done.add(name)
            yield from Service(name, "running", "plain", line.strip(), int(match["pid"]), float(match["age"])).seen()
