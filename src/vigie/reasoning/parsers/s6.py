"""`s6-svstat`, a line with the service's folder before each answer."""

import re
from collections.abc import Iterator

from vigie.reasoning.parsers.parser import Output, Parser, Seen
from vigie.reasoning.services import Service, run_file


class S6(Parser):
    """Reads the services of s6."""

    name = "s6"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield the services, or with the option `verb: definition` what the run file says."""
        if output.options.get("verb") == "definition":
            yield from run_file(output).seen()
            return
        name = ""
        for line in output.text.splitlines():
            if line.startswith("/"):
                name = line.rstrip("/").rpartition("/")[2]
                continue
            match = re.match(r"(up|down)\b", line)
            if match is None or not name:
                continue
            pid = re.search(r"\(pid (\d+)[ )]", line)
            span = re.search(r"\b(\d+) seconds", line)
            # `normally up` is only how it starts; that it is wanted up and is down is a failure.
            down = "failed" if "want up" in line or ("exitcode" in line and "exitcode 0" not in line) else "stopped"
            state = "running" if match.group(1) == "up" else down
            yield from Service(
                name=name,
                state=state,
                manager="s6",
                excerpt=line,
                pid=int(pid.group(1)) if pid else None,
                uptime_s=float(span.group(1)) if span and state == "running" else None,
                detail="" if pid else line.strip(),
            ).seen()
