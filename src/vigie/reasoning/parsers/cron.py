"""Crontabs, each file under its `==> PATH <==`; what `crontab -l` prints stands under `==> crontab <==`."""

import re
from collections.abc import Iterator

from vigie.reasoning.parsers.parser import Output, Parser, Seen
from vigie.reasoning.sections import sections

_ENTRY = re.compile(r"^\s*(?P<when>@\w+|(?:[\d*/,\-a-zA-Z]+\s+){5})(?P<rest>\S.*)$")


class Cron(Parser):
    """Reads what runs by the clock."""

    name = "cron"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield each entry."""
        for path, text in sections(output.text).items():
            with_user = path == "/etc/crontab" or path.startswith("/etc/cron.d/")
            for line in text.splitlines():
                match = _ENTRY.match(line)
                if match is None or line.lstrip().startswith("#") or re.match(r"^\s*\w+\s*=", line):
                    continue
                user, _, command = match["rest"].partition(" ") if with_user else ("", "", match["rest"])
                value = {"schedule": " ".join(match["when"].split()), "user": user, "command": command.strip()}
                yield Seen(f"file:{path}", "cron.entry", dict(value), line.strip())
