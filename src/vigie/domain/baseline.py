"""What should not change unnoticed on a host, recorded while it was well."""

from dataclasses import dataclass
from datetime import datetime

from vigie.domain.fact import Value


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded thing. `content` is the artefact that holds a file's former bytes, None for what is no file or too large."""

    kind: str
    path: str
    value: Value
    content: str | None = None


@dataclass(frozen=True, slots=True)
class Baseline:
    """The state of a host at one instant; entries are unique by (kind, path)."""

    host: str
    taken_at: datetime
    entries: tuple[Entry, ...]
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Change:
    """One difference from the baseline.

    `before` None: it is new; `after` None: it is gone; `at`: when it changed, if that is known.
    """

    kind: str
    path: str
    before: Value
    after: Value
    at: datetime | None
    content_before: str | None = None
