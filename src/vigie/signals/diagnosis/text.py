"""What a diagnosis is given: whole logs that can be read through once, and of which single lines can be read again."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol


class LogText(Protocol):
    """One log. `collectors/archive.py` reads them from files."""

    @property
    def name(self) -> str:
        """Return what people call it: the path as it was given."""
        ...

    @property
    def modified_at(self) -> datetime:
        """Return when it was last written to: the year of stamps that have none."""
        ...

    def sample(self) -> list[bytes]:
        """Return a few thousand lines from several places."""
        ...

    def blocks(self) -> Iterator[list[bytes]]:
        """Yield all lines, in order, without their ends, many at a time."""
        ...

    def lines(self, numbers: Sequence[int]) -> dict[int, str]:
        """Return lines by their numbers, which count from 1."""
        ...
