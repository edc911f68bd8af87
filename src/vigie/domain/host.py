"""A host, and on whose behalf it is watched."""

from dataclasses import dataclass, field
from enum import StrEnum

DEFAULT_TENANT = "default"


class Autonomy(StrEnum):
    """How far Vigie may go on a host without a person."""

    OBSERVE = "observe"
    PROPOSE = "propose"
    ACT = "act"

    def goes_beyond(self, other: "Autonomy") -> bool:
        """Say whether this one may do more than the other."""
        levels = list(Autonomy)
        return levels.index(self) > levels.index(other)


class HostStatus(StrEnum):
    """What the last contact with a host said."""

    OK = "ok"
    UNREACHABLE = "unreachable"
    KEY_CHANGED = "key_changed"
    UNKNOWN = "unknown"


class Sudo(StrEnum):
    """What `sudo` is to the user that we come in as on a host."""

    NEEDLESS = "needless"
    ALLOWED = "allowed"
    PASSWORD = "password"  # noqa: S105  # that one is asked for, not which
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Host:
    """A machine, or what stands for one.

    `address` is `local`, `ssh://user@host:port` or `exec:PREFIX`. `os` and `manager` (the service manager) are None
    until they are known. `options` holds what the transport needs: jump, proxy_command, key, host_key (OpenSSH lines).
    `focus` limits what is looked at to some folders; empty means the whole host. `groups` are what a host is addressed by
    together with others, `tags` what is noted of it. `sudo` is None until it was asked, once. `observed_every_s`: how often it is
    measured, None for never. `terminal`: people may open one there.
    """

    name: str
    address: str
    os: str | None = None
    manager: str | None = None
    status: HostStatus = HostStatus.UNKNOWN
    autonomy: Autonomy = Autonomy.PROPOSE
    options: dict[str, str] = field(default_factory=dict)
    focus: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    sudo: Sudo | None = None
    observed_every_s: float | None = None
    terminal: bool = False
