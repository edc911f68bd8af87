"""A log of deployments: each line that tells of one, with its time."""

import re
from collections.abc import Iterator

from vigie.reasoning.log_lines import time_of
from vigie.reasoning.parsers.parser import Output, Parser, Seen

_TELLS = re.compile(r"deploy|release|rollback|roll back|migrat|activat|version|switch|->|restart|installed|upgrad", re.IGNORECASE)
_KEPT = 30


class Deploys(Parser):
    """Reads what was put in place, and when."""

    name = "deploys"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield the last records."""
        told = [line for line in output.text.splitlines() if _TELLS.search(line)]
        for line in told[-_KEPT:]:
            at = time_of(line, output.now)
            value = {"text": line[:300], "at": at.isoformat().replace("+00:00", "Z") if at else None}
            yield Seen(f"log:{output.slots.get('log', '')}", "deploy.record", dict(value), line)
