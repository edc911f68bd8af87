"""The state of files from our script: a JSON list a line, `[PATH, {kind, mode, owner, group, …}]`."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from vigie.reasoning.parsers.parser import Output, Parser, Seen

_YEAR_3000_S = 32_503_680_000


class Files(Parser):
    """Reads what should not change unnoticed of files."""

    name = "files"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield `file.state`."""
        for line in output.text.splitlines():
            try:
                path, row = json.loads(line)
            except (ValueError, TypeError, RecursionError):
                continue
            if not isinstance(path, str) or not isinstance(row, dict):
                continue
            at = row.get("at")
            if isinstance(at, int | float) and 0 <= at < _YEAR_3000_S:
                row["at"] = datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
            told = [str(row.get(part)) for part in ("mode", "owner", "group", "at") if row.get(part) is not None]
            yield Seen(f"file:{path}", "file.state", row, f"{' '.join(told)} {path}")
