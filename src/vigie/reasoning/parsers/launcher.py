"""What our script says of the program that starts a service: the files it names and the command it ends in."""

from collections.abc import Iterator
from datetime import UTC, datetime

from vigie.reasoning.parsers.parser import Output, Parser, Seen, rows
from vigie.reasoning.services import wanted_port


class Launcher(Parser):
    """Reads a JSON line, one a service."""

    name = "launcher"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield what a service is started with, and the port that its script asks for."""
        for row in rows(output.text):
            service, value = row.get("service"), row.get("value")
            if not isinstance(service, str) or not isinstance(value, dict):
                continue
            command = str(value.get("command") or "")
            subject = f"service:{service}"
            excerpt = f"{value.get('script') or output.slots.get('command', '')}: {command}"
            at = value.get("at")
            if isinstance(at, int | float):
                value = {**value, "at": datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")}
            yield Seen(subject, "service.script", value, excerpt)
            port = wanted_port(command)
            if port is not None:
                yield Seen(subject, "service.port", port, excerpt)
