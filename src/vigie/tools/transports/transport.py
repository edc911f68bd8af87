"""The contract of a way to a host, and what a way is given. A plug-in's `name` is the scheme of its addresses."""

from abc import ABC, abstractmethod
from asyncio import Semaphore
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from vigie.clock import Clock
from vigie.domain.action import Completed
from vigie.domain.host import Host
from vigie.tools.capped import CAP_BYTES
from vigie.tools.terminals import Terminal

# How much longer than the host itself we wait: its `timeout -k 5` needs five seconds, the way back some more.
GRACE_S = 10.0


class SecretReader(Protocol):
    """What the hands need of the store of secrets."""

    async def get(self, name: str) -> bytes | None:
        """Return a secret's bytes, None when there is none of that name."""
        ...


@dataclass(frozen=True, slots=True)
class Way:
    """What a transport is built with: whose secrets, which folder relative keys are in, the host to pass through, our agent."""

    secrets: SecretReader
    folder: Path
    clock: Clock
    handshakes: Semaphore
    jump: "Transport | None" = None
    agent: str | None = None


class Transport(ABC):
    """One open way to one host."""

    name: ClassVar[str]

    @abstractmethod
    def __init__(self, host: Host, way: Way) -> None:
        """Prepare the way; nothing is opened before the first line.

        Raises:
            BadUsage: the address cannot be understood.
        """

    @abstractmethod
    async def run(
        self, line: str, *, timeout_s: float, stdin: bytes | None = None, mark: str | None = None, cap_bytes: int = CAP_BYTES
    ) -> Completed:
        """Run a shell line on the host to its end.

        A line that fails is no error: its exit code says so.

        Args:
            line: for a POSIX shell.
            timeout_s: after this the host ends the line and all that it started.
            stdin: what the line reads; None is nothing at all, never our own input.
            mark: an action's id, put in the line's environment so that it can be found again after a crash.
            cap_bytes: how much of each output is kept.

        Raises:
            Transient: the host cannot be reached (`host.unreachable`).
            Permanent: the way in is shut (`host.key_unknown`, `host.key_changed`, `host.refused`…).
        """

    @abstractmethod
    async def terminal(self, columns: int, rows: int) -> Terminal:
        """Open a terminal on the host, for a person.

        Raises:
            Transient: the host cannot be reached.
            Permanent: the way in is shut, or the host gives no terminal.
        """

    def notes(self) -> dict[str, str]:
        """Return what was learnt of the host and saves asking it again: dotted options, for the inventory to keep."""
        return {}

    async def close(self) -> None:  # noqa: B027  # most ways have nothing to close
        """Close the way; lines that run are ended."""
