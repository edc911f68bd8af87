"""A number that is measured again and again."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of one look: `subject` has it (`disk:/`, `host`), `name` says what it is (`disk.used_ratio`)."""

    subject: str
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Point:
    """A number at an instant."""

    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Trend:
    """A series, oldest first."""

    subject: str
    name: str
    points: tuple[Point, ...]
