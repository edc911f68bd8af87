"""`rc-status -a`: ` web  [  started  00:41:12 (0) ]` under a heading for each runlevel."""

import re
from collections.abc import Iterator

from vigie.reasoning.parsers.parser import Output, Parser, Seen
from vigie.reasoning.services import Service, init_script, span_s

_LINE = re.compile(r"^\s+(?P<name>\S+)\s+\[\s*(?P<state>\w+)\s*(?P<detail>[^\]]*)\]")
_STATES = {"started": "running", "stopped": "stopped", "crashed": "failed", "starting": "starting", "stopping": "stopping"}


class OpenRc(Parser):
    """Reads the services of OpenRC."""

    name = "openrc"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield the services, or with the option `verb: definition` what the init script says."""
        if output.options.get("verb") == "definition":
            yield from init_script(output).seen()
            return
        done: set[str] = set()
        for line in output.text.splitlines():
            match = _LINE.match(line)
            if match is None or match["name"] in done:
                continue
            done.add(match["name"])
            state = _STATES.get(match["state"], "unknown")
            yield from Service(
                name=match["name"],
                state=state,
                manager="openrc",
                excerpt=line.strip(),
                uptime_s=span_s(match["detail"]),
                detail="" if state == "running" else match["detail"].strip(),
            ).seen()
