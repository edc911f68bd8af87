"""The contract of detectors: one judgement over events, samples and the passing of time."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from vigie.domain.fact import Value
from vigie.domain.finding import Event, Finding
from vigie.signals.templates import Template

EXCERPT_MAX = 500
# How many subjects one detector remembers; the one longest unseen is forgotten.
SUBJECTS_MAX = 4096


@dataclass(frozen=True, slots=True)
class Sample:
    """A measured number."""

    host: str
    subject: str
    name: str
    value: float
    at: datetime


class Detector(ABC):
    """Judges what it is shown; it keeps what it needs of the past, within bounds.

    A detector overrides what concerns it besides. The sentences of its findings are in the catalogue's area `signal` under
    `findings.KIND`, filled from `Finding.values`. It never raises on any input.
    """

    name: ClassVar[str]

    @abstractmethod
    def event(self, event: Event, template: Template) -> list[Finding]:
        """Take one event; return what it gives rise to."""

    def learn(self, event: Event, template: Template) -> None:  # noqa: B027  # most have nothing to learn
        """Take an event of the past: it tells what is usual, and gives rise to nothing."""

    def sample(self, sample: Sample) -> list[Finding]:
        """Take one measured number; return what it gives rise to."""
        return []

    def tick(self, now: datetime) -> list[Finding]:
        """Let time pass; return what its passing gives rise to."""
        return []

    def memory(self) -> dict[str, Value]:
        """Return what must survive a restart, as JSON."""
        return {}

    def remember(self, memory: dict[str, Value]) -> None:  # noqa: B027  # most forget
        """Take back what `memory` gave before a restart."""


def subject_of(event: Event) -> str:
    """Return whom an event is about: its service when it names one, else where it was read."""
    return f"service:{event.service}" if event.service else f"file:{event.signal.source}"


def excerpt(event: Event) -> str:
    """Return the line, shortened."""
    return event.signal.raw[:EXCERPT_MAX]


def place(event: Event) -> str:
    """Return where a line can be read again: `file:line`."""
    number = event.signal.line_number
    return event.signal.source if number is None else f"{event.signal.source}:{number}"
