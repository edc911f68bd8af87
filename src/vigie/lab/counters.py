"""Reads what the observers outside a laboratory have written: side effects counted one by one, and customers' answers."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Count:
    """One side effect seen from outside.

    `kind` is `service.started`, `config.written`, `config.removed`, `config.mode`, `release`, `log.truncated`, `log.removed`,
    `index.created`, `index.dropped`, `schema.changed` or `watching`; `name` is the service, file or index; `at` is in seconds
    since the epoch.
    """

    at: float
    kind: str
    name: str
    fields: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Visit:
    """One answer that an ordinary customer got; `status` None: no answer. `fields` names the order accepted or the file sent."""

    at: float
    route: str
    status: int | None
    ms: float
    fields: dict[str, object] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Say whether the customer was served."""
        return self.status is not None and 200 <= self.status < 300


class Counters:
    """The counts of one laboratory, in the order in which they happened."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, after: int = 0) -> list[Count]:
        """Return the counts from the `after`-th on.

        Raises:
            ValueError: the file was altered: a line's hash does not follow from the lines before it.
        """
        counts: list[Count] = []
        chain = ""
        for line in _whole_lines(self._path):
            body = json.loads(line)
            claimed = body.pop("hash", None)
            chain = hashlib.sha256((chain + json.dumps(body, sort_keys=True)).encode()).hexdigest()
            if claimed != chain:
                raise ValueError(f"{self._path}: count {len(counts) + 1} was altered")
            counts.append(Count(body.pop("at"), body.pop("kind"), body.pop("name"), body))
        return counts[after:]

    def mark(self) -> int:
        """Return how many counts there are, to ask later for those that came after."""
        return len(self.read())

    def tally(self, after: int = 0) -> Counter[tuple[str, str]]:
        """Count by kind and name from the `after`-th count on."""
        return Counter((count.kind, count.name) for count in self.read(after))


class Customers:
    """The answers that the customers of one laboratory got."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def visits(self, since: float = 0.0) -> list[Visit]:
        """Return the visits begun at or after an instant, in seconds since the epoch."""
        visits = []
        for line in _whole_lines(self._path):
            body = json.loads(line)
            if body["at"] >= since:
                visits.append(Visit(body.pop("at"), body.pop("route"), body.pop("status"), body.pop("ms"), body))
        return visits


def _whole_lines(path: Path) -> list[str]:
    if not path.exists():
        return []
    return path.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
