"""What a diagnosis answers: the oddities, the cause if anything is wrong, and the lines that show it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Something said that is out of the ordinary. `lines` are the first of its lines in `file`, counted from 1."""

    template: str
    kind: str
    service: str
    level: str
    first: datetime | None
    last: datetime | None
    count: int
    file: str
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A line that shows it."""

    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Cause:
    """Where it began. `affected` only suffer; `until` is set when it was over before the logs end.

    `kind` is `failing`, `silent` or `unheard` (no log of the origin is there); `instance` the only one that is hit;
    `change` the line that tells of a change shortly before.
    """

    kind: str
    origin: str
    affected: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    instance: str | None
    change: Evidence | None
    excerpt: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole answer; `cause` is None when nothing is wrong."""

    anomalies: tuple[Anomaly, ...]
    cause: Cause | None
    evidence: tuple[Evidence, ...]
    lines: int
