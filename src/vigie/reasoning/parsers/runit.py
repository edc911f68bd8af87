"""`sv status`: `run: /etc/service/web: (pid 812) 3601s; run: log: (pid 811) 3601s`."""

import re
from collections.abc import Iterator

from vigie.reasoning.parsers.parser import Output, Parser, Seen
from vigie.reasoning.services import Service, run_file

_LINE = re.compile(r"^(?P<state>run|down|finish|fail|warning): (?P<path>\S+?): (?P<rest>.*)$")
_STATES = {"run": "running", "down": "stopped", "finish": "backoff", "fail": "unknown", "warning": "unknown"}


class Runit(Parser):
    """Reads the services of runit."""

    name = "runit"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield the services, or with the option `verb: definition` what the run file says."""
        if output.options.get("verb") == "definition":
            yield from run_file(output).seen()
            return
        for line in output.text.splitlines():
            match = _LINE.match(line)
            if match is None:
                continue
            own = match["rest"].partition(";")[0]
            pid = re.search(r"\(pid (\d+)\)", own)
            span = re.search(r"\b(\d+)s\b", own)
            state = _STATES[match["state"]]
            if state == "stopped" and "normally up" in own:
                state = "failed"
            yield from Service(
                name=match["path"].rstrip("/").rpartition("/")[2],
                state=state,
                manager="runit",
                excerpt=line,
                pid=int(pid.group(1)) if pid else None,
                uptime_s=float(span.group(1)) if span and state == "running" else None,
                detail="" if pid else own.strip(),
            ).seen()
