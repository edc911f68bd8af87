"""The contract of an answer: the output of a read in, what it says and a table out; it never fails, whatever the text.

The sentence of `Said("full", …)` from the parser `df` is `ask.says.df.full` of the catalogues.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

ROWS_MAX = 20


@dataclass(frozen=True, slots=True)
class Said:
    """What an output says: the sentence's key, its values, and the rows of a table under a head (names of columns)."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    head: tuple[str, ...] = ()
    rows: Sequence[tuple[str, ...]] = ()


class Answer(ABC):
    """Makes sense of one kind of output."""

    name: ClassVar[str]

    @abstractmethod
    def read(self, text: str, rc: int | None) -> Said | None:
        """Return what an output says; None when it makes no sense of it."""


def columns(line: str, most: int) -> list[str]:
    """Split a line of a table into at most so many columns."""
    return line.split(None, most - 1)


def percent(text: str) -> int | None:
    """Read `93%`."""
    digits = text.removesuffix("%")
    return int(digits) if text.endswith("%") and digits.isdigit() else None
