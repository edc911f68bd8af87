"""`type PROGRAM…; id`: which programs a host has, and as whom we read."""

import re
from collections.abc import Iterator

from vigie.reasoning.parsers.parser import Output, Parser, Seen

_HAS = re.compile(r"^([\w.+-]+) is (?:hashed \()?(?!a shell function)(?:/|a shell builtin|a tracked alias)")
_USER = re.compile(r"^uid=(\d+)\(([^)]*)\)")


class Tools(Parser):
    """Reads the programs that are there."""

    name = "tools"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield `host.programs` and `host.user`."""
        lines = output.text.splitlines()
        programs = sorted({match.group(1) for match in map(_HAS.match, lines) if match})
        yield Seen("host", "host.programs", list(programs), ", ".join(programs))
        for line in lines:
            user = _USER.match(line)
            if user is not None:
                value = {"name": user.group(2), "uid": int(user.group(1)), "root": user.group(1) == "0"}
                yield Seen("host", "host.user", dict(value), line)
