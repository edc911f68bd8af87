"""`/proc/PID/limits`, then a line `open N`: how many files a process has open, and may."""

import re
from collections.abc import Iterator

from vigie.domain.fact import Value
from vigie.reasoning.parsers.parser import Output, Parser, Seen


class Limits(Parser):
    """Reads a process's limits."""

    name = "limits"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield `process.limits`."""
        limit = re.search(r"^Max open files\s+(\d+)", output.text, re.MULTILINE)
        opened = len(re.findall(r"^\d+$", output.text, re.MULTILINE))
        if limit is None:
            return
        most = int(limit.group(1))
        value: Value = {
            "open_files": opened,
            "open_files_limit": most,
            "open_files_ratio": round(opened / most, 4) if most else 1.0,
        }
        yield Seen(
            f"process:{output.slots.get('pid', '')}",
            "process.limits",
            value,
            f"{opened} open, {' '.join(limit.group(0).split())}",
        )
