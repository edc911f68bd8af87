"""The settings of this layer, filled by `config`."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from vigie.domain.errors import Permanent
from vigie.domain.person import Role
from vigie.i18n import Language

DEFAULT_PORT = 8440
DEFAULT_BIND = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the command line knows before it does anything; the language is the home's own, else the environment's."""

    home: Path
    language: Language
    has_screen: bool = False


@dataclass(frozen=True, slots=True)
class Provider:
    """A service that says who somebody is (OpenID Connect).

    `name` stands on the button. Values of the claim `role_claim` stand for `roles`, the highest counts; `otherwise` is the role
    of everybody else, None lets them not in. `address` is where browsers reach us, where that is not what they call us by.
    """

    issuer: str
    client_id: str
    name: str = "OpenID Connect"
    secret_file: Path | None = None
    role_claim: str = "groups"
    roles: tuple[tuple[str, Role], ...] = ()
    otherwise: Role | None = None
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    address: str | None = None

    def secret(self) -> str | None:
        """Return what this client shows to the provider beside its id; None: nothing.

        Raises:
            Permanent: its file cannot be read.
        """
        if self.secret_file is None:
            return None
        try:
            return self.secret_file.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise Permanent("openid.no_secret", path=str(self.secret_file), reason=str(error)) from error


def is_private_way(url: str) -> bool:
    """Say whether nobody on the way can read or change what goes there: TLS, or this very machine."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and _is_this_machine(parts.hostname or "")


def _is_this_machine(name: str) -> bool:
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class InterfaceSettings:
    """Where the server listens and by which names it may be called.

    `port` None: the default one, or a free one when that is taken. `host_names` are allowed in the Host header beside the
    loopback's own names. `programs` are folders of the user's own program models. `provider` None: only accounts of our own.
    """

    home: Path
    port: int | None = None
    bind: str = DEFAULT_BIND
    host_names: tuple[str, ...] = ()
    programs: tuple[Path, ...] = ()
    provider: Provider | None = None

    @property
    def run_folder(self) -> Path:
        """Return where a running server leaves its address and its lock."""
        return self.home / "run"
