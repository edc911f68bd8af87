"""The contract of a parser: text in, what was seen out; it never fails, whatever the text."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from vigie.domain.fact import Value

EXCERPT_MAX = 400


@dataclass(frozen=True, slots=True)
class Output:
    """What a line printed on a host. `now` is our time when it ended; `focus` are the host's folders, empty for all of it."""

    text: str
    now: datetime
    stderr: str = ""
    rc: int = 0
    seconds: float = 0.0
    slots: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
    focus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that an output shows; `excerpt` are the words that show it."""

    subject: str
    name: str
    value: Value
    excerpt: str = ""


class Parser(ABC):
    """Makes sense of one program's output."""

    name: ClassVar[str]

    @abstractmethod
    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield what the output shows; nothing when it makes no sense."""


def number(text: str | None) -> float | None:
    """Read a number, None for anything else."""
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


def whole(text: str | None) -> int | None:
    """Read a whole number, None for anything else."""
    read = number(text)
    return int(read) if read is not None and abs(read) < 1e18 else None  # beyond any count


def rows(text: str) -> Iterator[dict[str, Value]]:
    """Yield the JSON objects of a text, one a line; anything else is left out."""
    for line in text.splitlines():
        if not line.startswith("{"):
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict):
            yield row
