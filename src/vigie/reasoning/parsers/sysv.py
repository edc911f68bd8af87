"""`service --status-all`: ` [ + ]  cron`."""

import re
from collections.abc import Iterator

from vigie.reasoning.parsers.parser import Output, Parser, Seen
from vigie.reasoning.services import Service, init_script

_LINE = re.compile(r"^\s*\[ (?P<sign>[-+?]) \]\s+(?P<name>\S+)")
_STATES = {"+": "running", "-": "stopped", "?": "unknown"}


class SysV(Parser):
    """Reads the services that have a script in /etc/init.d."""

    name = "sysv"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield the services, or with the option `verb: definition` what the init script says."""
        if output.options.get("verb") == "definition":
            yield from init_script(output).seen()
            return
        for line in output.text.splitlines():
            match = _LINE.match(line)
            if match is not None:
                yield from Service(match["name"], _STATES[match["sign"]], "sysv", line.strip()).seen()
