"""Access logs of web servers, common and combined."""

import re
from datetime import datetime, tzinfo

from vigie.domain.finding import Level
from vigie.signals import times
from vigie.signals.parsers.parser import Parsed, Parser

_LINE = re.compile(
    r"(?P<client>\S{1,255}) (?P<ident>\S{1,128}) (?P<user>\S{1,128}) \[(?P<at>[^\]]{20,32})\]"
    r" \"(?P<request>(?:[^\"\\]|\\.){0,8192})\""
    r" (?P<status>\d{3}) (?P<size>\d{1,15}|-)"
    r"(?: \"(?P<referer>(?:[^\"\\]|\\.){0,4096})\" \"(?P<agent>(?:[^\"\\]|\\.){0,4096})\")?(?P<rest>.{0,512})\Z",
    re.DOTALL,
)
_SERVER_ERROR = 500


class WebAccess(Parser):
    """One line a request: who asked what, and the answer's status. The path's query is left out of the message."""

    name = "web_access"
    order = 40

    def parse(self, line: str, read_at: datetime, zone: tzinfo) -> Parsed | None:
        """Return what the line says; an answer of 500 or more is an error."""
        found = _LINE.match(line)
        if found is None:
            return None
        stamp = times.stamp(found["at"], read_at, zone)
        method, _, rest = found["request"].partition(" ")
        path = rest.partition(" ")[0].partition("?")[0]
        status = int(found["status"])
        fields = {
            "client": found["client"],
            "status": found["status"],
            "method": method[:16],
            "path": path[:256],
            "size": found["size"],
        }
        return Parsed(
            f"{method} {path} {status}",
            stamp.at if stamp else None,
            Level.ERROR if status >= _SERVER_ERROR else Level.INFO,
            None,
            fields,
        )
