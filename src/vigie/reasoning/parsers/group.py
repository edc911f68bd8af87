"""The control group's memory, version 1 or 2: its limit, its use, how often it was too small."""

import re
from collections.abc import Iterator

from vigie.domain.fact import Value
from vigie.reasoning.parsers.parser import Output, Parser, Seen, whole
from vigie.reasoning.sections import sections

_NO_LIMIT = 1 << 60


class Group(Parser):
    """Reads files of `/sys/fs/cgroup`."""

    name = "group"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield `host.group_memory`, where there is a limit or something was killed."""
        files = {path.rpartition("/")[2]: text.strip() for path, text in sections(output.text).items()}
        limit = whole(files.get("memory.max")) or whole(files.get("memory.limit_in_bytes"))
        used = whole(files.get("memory.current")) or whole(files.get("memory.usage_in_bytes")) or 0
        events = f"{files.get('memory.events', '')}\n{files.get('memory.oom_control', '')}"
        kills = re.search(r"^oom_kill (\d+)", events, re.MULTILINE)
        failures = whole(files.get("memory.failcnt")) or 0
        if limit is not None and limit >= _NO_LIMIT:
            limit = None
        if limit is None and not kills:
            return
        value: Value = {
            "limit_bytes": limit,
            "used_bytes": used,
            "used_ratio": round(used / limit, 4) if limit else None,
            "oom_kills": int(kills.group(1)) if kills else 0,
            "failures": failures,
        }
        yield Seen("host", "host.group_memory", value, str(value))
