"""Lines of `key=value` pairs."""

import re
from datetime import datetime, tzinfo

from vigie.signals import levels, services, times
from vigie.signals.parsers.parser import Parsed, Parser, kept

_PAIR = re.compile(r"([A-Za-z_][\w.\-]{0,63})=(?:\"((?:[^\"\\]|\\.){0,8192})\"|([^\s\"]{0,2048}))(?:\s+|\Z)")


class Logfmt(Parser):
    """`time=… level=error msg="…"`, as many Go programs write."""

    name = "logfmt"
    order = 20

    def parse(self, line: str, read_at: datetime, zone: tzinfo) -> Parsed | None:
        """Return what the pairs say; a line is of this kind when it is all pairs and names a level or a message."""
        head = _PAIR.match(line)
        if head is None:
            return None
        pairs: dict[str, object] = {}
        at = 0
        while found := _PAIR.match(line, at):
            pairs[found[1].lower()] = found[2].replace('\\"', '"') if found[2] is not None else found[3]
            at = found.end()
        message = pairs.get("msg") or pairs.get("message")
        level = levels.of_word(pairs.get("level") or pairs.get("lvl") or pairs.get("severity"))
        if at < len(line) or (message is None and level is None):
            return None
        error = pairs.get("err") or pairs.get("error")
        text = f"{message or ''}: {error}" if error else str(message or line)
        stamp = times.of_value(pairs.get("time") or pairs.get("ts") or pairs.get("t"), read_at, zone)
        return Parsed(
            text,
            stamp,
            level,
            services.normalised(pairs.get("service") or pairs.get("app") or pairs.get("component")),
            kept(pairs),
        )
