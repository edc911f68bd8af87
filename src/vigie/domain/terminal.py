"""A terminal that a person opened on a host."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TerminalSession:
    """One sitting. `recording` are the artefacts that hold it, in order; `reason` says why it ended, `code` how its shell did.

    `ended_at` None: it is open, or whoever held it died with it.
    """

    id: str
    host: str
    person: str
    started_at: datetime
    columns: int
    rows: int
    ended_at: datetime | None = None
    reason: str | None = None
    code: int | None = None
    bytes: int = 0
    recording: tuple[str, ...] = ()
