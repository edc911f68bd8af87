"""Error logs of web servers: nginx and Apache."""

import re
from datetime import datetime, tzinfo

from vigie.signals import levels, times
from vigie.signals.parsers.parser import Parsed, Parser

_NGINX = re.compile(r"(\d{4}/\d{2}/\d{2} \d{2}:\d{2}:\d{2}) \[(\w+)\] (\d+)(?:#\d+)?: (?:\*\d+ )?", re.ASCII)
_APACHE = re.compile(
    r"\[([A-Z][a-z]{2} [^\]]{10,40})\] \[(?:[\w.\-]*:)?(\w+)\]"
    r"(?: \[pid (\d+)(?::tid \d+)?\])?(?: \[(?:remote|client) ([^\]]{1,80})\])? ?"
)
_CONTEXT = re.compile(r", (client|server|request|upstream|host|referrer|subrequest): (\"[^\"]*\"|[^,]*)")


class WebError(Parser):
    """What nginx and Apache say went wrong. What nginx adds at the end (client, request, upstream) becomes fields."""

    name = "web_error"
    order = 35

    def parse(self, line: str, read_at: datetime, zone: tzinfo) -> Parsed | None:
        """Return what the line says."""
        found = _NGINX.match(line)
        if found is not None:
            message, fields = _split(line[found.end() :])
            fields["pid"] = found[3]
            service = None
        else:
            found = _APACHE.match(line)
            if found is None:
                return None
            message, service = line[found.end() :], None
            fields = {name: value for name, value in (("pid", found[3]), ("client", found[4])) if value}
        stamp = times.stamp(found[1], read_at, zone)
        return Parsed(message, stamp.at if stamp else None, levels.of_word(found[2]), service, fields)


def _split(text: str) -> tuple[str, dict[str, str]]:
    first = _CONTEXT.search(text)
    if first is None:
        return text, {}
    fields = {found[1]: found[2].strip('"')[:256] for found in _CONTEXT.finditer(text, first.start())}
    kept = [f"{name}: {fields[name]}" for name in ("upstream",) if name in fields]
    return ", ".join([text[: first.start()], *kept]), fields
