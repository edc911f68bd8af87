"""Our own scripts' output: one JSON object a line, already `{subject, name, value}`."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from vigie.domain.fact import Value
from vigie.reasoning.parsers.parser import Output, Parser, Seen, rows

_YEAR_3000_S = 32_503_680_000


class Facts(Parser):
    """Takes what a script says as it says it; the probe's `yields` decides which names may come."""

    name = "facts"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield the facts of the output, instants as text."""
        for row in rows(output.text):
            subject, name, excerpt = row.get("subject"), row.get("name"), row.get("excerpt", "")
            if isinstance(subject, str) and isinstance(name, str) and isinstance(excerpt, str):
                value = _dated(row.get("value"))
                yield Seen(subject, name, value, excerpt or f"{subject} {json.dumps(value, ensure_ascii=False)}")


def _dated(value: Value) -> Value:
    at = value.get("at") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(at, int | float) or isinstance(at, bool) or not 0 <= at < _YEAR_3000_S:
        return value
    return {**value, "at": datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")}
