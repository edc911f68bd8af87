"""Hosts from an OpenSSH configuration: first shown, then added, unseen and with the keys that the user's own known hosts hold."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from vigie.domain.errors import VigieError
from vigie.domain.host import Host
from vigie.interfaces import hosts
from vigie.interfaces.services import Services

DEFAULT = Path("~/.ssh/config")
Fate = Literal["new", "known", "taken", "unfit"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A host that a configuration names, what would become of it, and the fingerprints of the keys that would be trusted."""

    host: Host
    fate: Fate
    fingerprints: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """Return it as it is told."""
        said = {name: self.host.options.get(name) for name in ("jump", "proxy_command", "key", "agent")}
        return {
            "name": self.host.name,
            "address": self.host.address,
            **said,
            "host_keys": list(self.fingerprints),
            "fate": self.fate,
        }


async def preview(services: Services, path: Path | None) -> list[Candidate]:
    """Return what a configuration would bring; nothing is added.

    Raises:
        BadUsage: it cannot be read.
    """
    known = {host.name: host for host in await services.store.hosts.list()}
    found = services.ssh_hosts((path or DEFAULT).expanduser())
    return [Candidate(host, _fate(host, known), tuple(services.key_prints(host))) for host in found]


async def add(services: Services, candidates: list[Candidate], *, actor: str) -> list[Host]:
    """Add the new ones, unseen."""
    added = []
    for candidate in candidates:
        if candidate.fate != "new":
            continue
        host = candidate.host
        added.append(await hosts.add(services, host.name, host.address, options={**host.options}, actor=actor, offline=True))
    return added


def _fate(host: Host, known: dict[str, Host]) -> Fate:
    try:
        hosts.check(host.name, host.address)
    except VigieError:
        return "unfit"
    there = known.get(host.name)
    if there is None:
        return "new"
    return "known" if there.address == host.address else "taken"
