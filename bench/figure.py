"""A measured figure beside the bar or the peer that it is held against."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Figure:
    """`limit` is the bar, `kind` the side of it on which the figure must be, `note` what it was measured beside."""

    what: str
    value: float
    unit: str
    kind: Literal["at most", "at least"]
    limit: float
    note: str = ""

    @property
    def holds(self) -> bool:
        return self.value <= self.limit if self.kind == "at most" else self.value >= self.limit
