"""`supervisorctl status`, and the definitions that our script reads from supervisord's files."""

import re
from collections.abc import Iterator

from vigie.reasoning.parsers.parser import Output, Parser, Seen, rows, whole
from vigie.reasoning.services import Definition, Service, span_s

_LINE = re.compile(
    r"^(?P<name>\S+)\s+(?P<state>RUNNING|STOPPED|STARTING|BACKOFF|STOPPING|EXITED|FATAL|UNKNOWN)\b\s*(?P<detail>.*)$"
)
_STATES = {
    "RUNNING": "running",
    "STOPPED": "stopped",
    "STARTING": "starting",
    "BACKOFF": "backoff",
    "STOPPING": "stopping",
    "EXITED": "failed",
    "FATAL": "failed",
}


class Supervisord(Parser):
    """Reads the programs of supervisord."""

    name = "supervisord"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield the services, or with the option `verb: definition` how one is told to run."""
        if output.options.get("verb") == "definition":
            yield from _definitions(output)
            return
        for line in output.text.splitlines():
            match = _LINE.match(line)
            if match is None:
                continue
            detail = match["detail"].strip()
            pid = re.search(r"\bpid (\d+)", detail)
            yield from Service(
                name=match["name"],
                state=_STATES.get(match["state"], "unknown"),
                manager="supervisord",
                excerpt=line.strip(),
                pid=whole(pid.group(1)) if pid else None,
                uptime_s=span_s(detail) if "uptime" in detail else None,
                detail="" if pid else detail,
            ).seen()


def _definitions(output: Output) -> Iterator[Seen]:
    for row in rows(output.text):
        texts = {key: value for key, value in row.items() if isinstance(value, str)}
        yield from Definition(
            name=texts.get("service", output.slots.get("service", "")),
            excerpt=texts.get("excerpt", ""),
            command=texts.get("command", ""),
            folder=texts.get("folder", ""),
            user=texts.get("user", ""),
            file=texts.get("file", ""),
            log=texts.get("log", ""),
            error_log=texts.get("error_log", ""),
            autostart=row.get("autostart") is not False,
            autorestart=row.get("autorestart") is not False,
        ).seen()
