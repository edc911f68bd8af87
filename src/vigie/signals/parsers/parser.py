"""The contract of parsers: one kind of line, read without ever failing."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import ClassVar

from vigie.domain.finding import Level

FIELDS_MAX = 40
VALUE_MAX = 256


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a line says; None where it does not say. `continues`: it belongs to the line before it, as a trace's frames do."""

    message: str
    at: datetime | None = None
    level: Level | None = None
    service: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
    continues: bool = False


class Parser(ABC):
    """Reads one kind of line.

    `order` says when it is asked, lowest first: the more telling a kind's marks, the lower.
    """

    name: ClassVar[str]
    order: ClassVar[int]

    @abstractmethod
    def parse(self, line: str, read_at: datetime, zone: tzinfo) -> Parsed | None:
        """Return what the line says, None when it is not of this kind.

        Never raises, whatever the line.

        Args:
            line: one line without its end.
            read_at: when it was read; it gives the year where the line has none.
            zone: the time zone of stamps that name none.
        """


def kept(fields: dict[str, object]) -> dict[str, str]:
    """Return the scalar fields worth keeping, shortened."""
    found: dict[str, str] = {}
    for name, value in fields.items():
        if isinstance(value, str | int | float | bool) and len(found) < FIELDS_MAX:
            found[name[:VALUE_MAX]] = str(value)[:VALUE_MAX]
    return found
