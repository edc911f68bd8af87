"""What the interfaces are given by `app`: everything they may use, and how to open it."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from vigie.clock import Clock
from vigie.domain.host import DEFAULT_TENANT
from vigie.interfaces.settings import InterfaceSettings, Surroundings

if TYPE_CHECKING:
    from vigie.agents.registry import Registry
    from vigie.cases.desk import Desk
    from vigie.knowledge.models import Knowledge
    from vigie.lab.demo import Demo
    from vigie.memory.memory import Memory, TenantMemory
    from vigie.policy.gate import Gate


class Watching(Protocol):
    """The collectors' loop and the standing watches, as the server runs them."""

    async def run(self) -> None:
        """Watch until cancelled."""
        ...


@dataclass(frozen=True)
class Services:
    """One open home.

    `watching` makes the loop that feeds signals to cases; only the server runs it. `demo` makes a demonstration in a folder.
    """

    settings: InterfaceSettings
    clock: Clock
    memory: "Memory"
    desk: "Desk"
    gate: "Gate"
    registry: "Registry"
    knowledge: "Knowledge"
    watching: Callable[[], Watching]
    demo: "Callable[[Services], Demo]"
    tenant: str = DEFAULT_TENANT

    @property
    def store(self) -> "TenantMemory":
        """Return the memory of the tenant served here."""
        return self.memory.of(self.tenant)


class Launcher(Protocol):
    """How an interface gets at a home; `app` provides it."""

    def surroundings(self) -> Surroundings:
        """Return what is known without reading a file."""
        ...

    def settings(self, home: Path | None = None) -> InterfaceSettings:
        """Read the settings of a home.

        Raises:
            BadUsage: its settings file is broken.
        """
        ...

    def open(self, home: Path | None = None) -> AbstractAsyncContextManager[Services]:
        """Open a home; the default is the one of the surroundings.

        Raises:
            VigieError: its settings or its database cannot be read.
        """
        ...
