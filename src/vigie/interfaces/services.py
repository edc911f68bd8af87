"""What the interfaces are given by `app`: everything they may use, and how to open it."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from vigie.clock import Clock
from vigie.domain.host import DEFAULT_TENANT, Host
from vigie.interfaces.settings import InterfaceSettings, Surroundings

if TYPE_CHECKING:
    from vigie.agents.registry import Registry
    from vigie.cases.conversation import Conversation
    from vigie.cases.desk import Desk
    from vigie.interfaces.observatory import Observatory
    from vigie.interfaces.watchtower import Watchtower
    from vigie.knowledge.library import Knowledge
    from vigie.memory.memory import Memory, TenantMemory
    from vigie.policy.gate import Gate


class ShownKey(Protocol):
    """The key that a host shows; `line` is what its options keep once a person has approved it."""

    @property
    def line(self) -> str:
        """Return the key as a line of known hosts."""
        ...

    @property
    def fingerprint(self) -> str:
        """Return its SHA-256 fingerprint."""
        ...

    def is_called(self, fingerprint: str) -> bool:
        """Say whether a person means this key by the fingerprint."""
        ...


@dataclass(frozen=True)
class Services:
    """One open home.

    `watchtower` turns signals into cases, `observatory` measures hosts; only a server runs them. `host_key` fetches the key that
    an SSH host shows, trusting nothing; `forget_way` closes the way to a host that is gone; `ssh_hosts` reads those that an
    OpenSSH configuration names, and `key_prints` gives the fingerprints of the keys that a host may show.
    """

    settings: InterfaceSettings
    clock: Clock
    memory: "Memory"
    desk: "Desk"
    gate: "Gate"
    registry: "Registry"
    knowledge: "Knowledge"
    watchtower: "Watchtower"
    observatory: "Observatory"
    conversation: "Conversation"
    host_key: Callable[[Host], Awaitable[ShownKey]]
    forget_way: Callable[[str], Awaitable[None]]
    ssh_hosts: Callable[[Path], list[Host]]
    key_prints: Callable[[Host], list[str]]
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
