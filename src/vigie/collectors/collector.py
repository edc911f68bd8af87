"""The contract of collectors: one source of signals that can be left and taken up again."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, ClassVar, Protocol, TypeAlias

from vigie.clock import Clock
from vigie.domain.errors import BadUsage
from vigie.domain.fact import Value
from vigie.domain.finding import Signal

# How far a source has been read: JSON that only its collector understands.
Position: TypeAlias = dict[str, Value]
# Takes lines and the position after them; waits while those who come after are busy.
Emit: TypeAlias = Callable[[Sequence[Signal], Position], Awaitable[None]]


Option: TypeAlias = str | int | float | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spec:
    """A source as the settings name it: of which host and service, under which name, and what its kind wants to know besides."""

    kind: str
    host: str
    service: str | None = None
    name: str = ""
    options: Mapping[str, Option] = field(default_factory=dict)
    lines_per_s_max: int = 0
    zone: tzinfo | None = None

    def option(self, name: str, default: Option) -> Any:
        """Return an option, which must be of the kind of its default.

        Raises:
            BadUsage: it is not.
        """
        given = self.options.get(name, default)
        if type(given) is not type(default):
            raise BadUsage("source.option", kind=self.kind, option=name, value=given)
        return given

    def only(self, *names: str) -> None:
        """Refuse options that nobody reads.

        Raises:
            BadUsage: there is one.
        """
        for name in self.options.keys() - set(names):
            raise BadUsage("source.unknown_option", kind=self.kind, option=name, known=", ".join(sorted(names)) or "-")


@dataclass(frozen=True)
class Around:
    """What collectors are given: the clock; the reading of a line on a host, through the gate; the post of what is sent.

    `read` returns the output, whole; it raises Transient or Permanent where there is none. `knows` says whether a host is ours.
    """

    clock: Clock
    read: Callable[[str, str], Awaitable[bytes]]
    knows: Callable[[str], Awaitable[bool]]
    post: "Post"


class Post(Protocol):
    """Where what is sent to us lies, durably, until it was read."""

    async def put(self, source: str, body: str) -> None:
        """Put something in; it is durable on return."""
        ...

    async def after(self, source: str, number: int, limit: int, quiet_s: float) -> Sequence[tuple[int, str]]:
        """Return what came after a number, in order, as soon as there is some; nothing when `quiet_s` have passed without."""
        ...

    async def clear(self, source: str, number: int) -> None:
        """Give up everything up to a number."""
        ...


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
    # The most lines a second that are taken; 0 for any number.
    lines_per_s_max: int = 0
    # The zone of stamps that name none, as the settings state it; None: it is learned.
    zone: tzinfo | None = None

    @classmethod
    @abstractmethod
    def make(cls, spec: Spec, around: Around) -> "Collector":
        """Return the collector of a source.

        Raises:
            BadUsage: the settings of the source make no sense.
        """

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
