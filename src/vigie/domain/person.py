"""Somebody who may sign in, and what they may do."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from vigie.domain.host import Host

_GROUP = "group:"


class Role(StrEnum):
    """What somebody may do; each role may do all that those before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"
    OWNER = "owner"

    def covers(self, other: "Role") -> bool:
        """Say whether this role may do all that the other may."""
        roles = list(Role)
        return roles.index(self) >= roles.index(other)


@dataclass(frozen=True, slots=True)
class Person:
    """`password_hash` is a salted hash of the interface's choosing, never the password; empty until one was chosen.

    `language` is `en` or `fr`. `hosts` names the hosts, or the groups of hosts as `group:NAME`, that the person has to do
    with; empty means all. Who is blocked may not sign in. `subject` tells by whom and as whom somebody
    is known who signs in elsewhere.
    """

    name: str
    password_hash: str
    language: str = "en"
    role: Role = Role.OWNER
    hosts: tuple[str, ...] = ()
    is_blocked: bool = False
    subject: str | None = None

    def sees(self, host: Host) -> bool:
        """Say whether the person has to do with the host."""
        return covers(self.hosts, host)


def covers(scope: Collection[str], host: Host) -> bool:
    """Say whether a scope of hosts and `group:NAME` holds the host; an empty one holds every host."""
    return not scope or host.name in scope or any(f"{_GROUP}{group}" in scope for group in host.groups)
