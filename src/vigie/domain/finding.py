"""From a raw line to something worth a case: Signal, Event, Finding."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Level(StrEnum):
    """How loud a line is, normalised."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Signal:
    """A raw line as a collector read it.

    `source` names the collector's source (a path, `syslog:5514`); `line_number` counts from 1; `service` is whose line it is,
    when whoever set the collector up has said so.
    """

    host: str
    source: str
    raw: str
    read_at: datetime
    line_number: int | None = None
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A line understood as far as it can be. `at` is the line's own time when it has one, else when it was read.

    `continues`: it belongs to the line before it of its source, as the frames of a stack trace do.
    """

    signal: Signal
    at: datetime
    level: Level
    message: str
    service: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
    continues: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worth a case.

    `kind` is the detector's word (`new_template`, `error_burst`, `silence`, `threshold`); `key` tells equal findings apart from
    different ones and is stable; `summary` is a catalogue key with `values`; `excerpt` is the line or sample that shows it.
    """

    kind: str
    host: str
    subject: str
    key: str
    first_at: datetime
    last_at: datetime
    count: int
    confidence: float
    excerpt: str
    source: str
    values: dict[str, str] = field(default_factory=dict)
