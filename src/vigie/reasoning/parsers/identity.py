"""`uname -srmn` and `/etc/os-release`: what machine this is."""

import re
from collections.abc import Iterator

from vigie.reasoning.parsers.parser import Output, Parser, Seen


class Identity(Parser):
    """Reads the system's name."""

    name = "identity"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield `host.os`."""
        first, _, rest = output.text.partition("\n")
        words = first.split()
        said = dict(re.findall(r"^([A-Z_]+)=[\"']?([^\"'\n]*)", rest, re.MULTILINE))
        if len(words) < 4:
            return
        yield Seen(
            "host",
            "host.os",
            {
                "name": said.get("PRETTY_NAME") or words[0],
                "id": said.get("ID", words[0].lower()),
                "version": said.get("VERSION_ID", ""),
                "kernel": words[2],
                "machine": words[3],
                "hostname": words[1],
            },
            f"{first} {said.get('PRETTY_NAME', '')}".strip(),
        )
