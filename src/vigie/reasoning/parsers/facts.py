"""Our own scripts' output: one JSON object a line, already `{subject, name, value}`."""

import json
from collections.abc import Iterator

from vigie.reasoning.parsers.parser import Output, Parser, Seen, rows


class Facts(Parser):
    """Takes what a script says as it says it; the probe's `yields` decides which names may come."""

    name = "facts"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield the facts of the output."""
        for row in rows(output.text):
            subject, name, excerpt = row.get("subject"), row.get("name"), row.get("excerpt", "")
            if isinstance(subject, str) and isinstance(name, str) and isinstance(excerpt, str):
                yield Seen(subject, name, row.get("value"), excerpt or json.dumps(row.get("value"), ensure_ascii=False))
