"""The contract of collectors: one source of signals that can be left and taken up again."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar, TypeAlias

from vigie.domain.fact import Value
from vigie.domain.finding import Signal

# How far a source has been read: JSON that only its collector understands.
Position: TypeAlias = dict[str, Value]
# Takes lines and the position after them; waits while those who come after are busy.
Emit: TypeAlias = Callable[[Sequence[Signal], Position], Awaitable[None]]


class Collector(ABC):
    """Reads one source until it is cancelled.

    `source` names it for ever: its position is stored under that name. A collector that raises is started again by the loop
    from the last position that was taken care of, so `run` must work from any position it ever gave.
    """

    name: ClassVar[str]

    # Whose lines they are, for those who may not see all hosts.
    host: str = ""
    # Lines that could not be taken and are gone: only sources that cannot wait have any.
    dropped: int = 0

    @property
    @abstractmethod
    def source(self) -> str:
        """Return the name under which the position is kept."""

    @abstractmethod
    async def run(self, emit: Emit, position: Position | None) -> None:
        """Read from a position on, from the present when there is none; hand over each batch with the position after it."""

    async def history(self) -> Sequence[Signal]:
        """Return some lines from before the first start, to learn what is usual; none when there are none to be had."""
        return ()

    def behind(self) -> int | None:
        """Return how many bytes there are that were not read yet; None where that cannot be known. May look at the disk."""
        return None

    def troubles(self) -> Sequence[str]:
        """Return what of the source cannot be read now: paths, addresses."""
        return ()
