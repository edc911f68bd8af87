"""What an SSH connection is made from: address, host keys, credentials; every value given, nothing read from ~/.ssh/config."""

import getpass
import ipaddress
import re
import shlex
import signal
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from vigie.domain.errors import BadUsage, Permanent
from vigie.domain.host import Host
from vigie.tools import processes, tickets

if TYPE_CHECKING:
    from vigie.tools.transports.transport import Way

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@\\$-]*")
_PORT = 22
# What `agent` says of the agent that our own session talks to, wherever its socket is today.
SESSION_AGENT = "session"


@dataclass(frozen=True, slots=True)
class Address:
    """Where and as whom: `ssh://user@host:port`."""

    user: str
    host: str
    port: int

    @classmethod
    def of(cls, text: str) -> "Address":
        """Read an address.

        Raises:
            BadUsage: it is no `ssh://user@host:port`.
        """
        try:
            parts = urlsplit(text)
            host, port = parts.hostname or "", parts.port or _PORT
            user = parts.username or getpass.getuser()
        except (ValueError, KeyError, OSError) as error:
            raise BadUsage("host.address", address=text) from error
        plain = parts.scheme == "ssh" and parts.password is None and not (parts.path.strip("/") or parts.query or parts.fragment)
        if not plain or not _USER.fullmatch(user) or not (_NAME.fullmatch(host) or _is_ip(host)):
            raise BadUsage("host.address", address=text)
        return cls(user, host, port)

    @property
    def pattern(self) -> str:
        """Return the host as a line of known hosts names it."""
        return self.host if self.port == _PORT else f"[{self.host}]:{self.port}"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"ssh://{self.user}@{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class HostKey:
    """The key that a host showed. `line` is what `Host.options["host_key"]` takes once a person has approved it."""

    pattern: str
    public_key: str
    fingerprint: str

    @property
    def line(self) -> str:
        """Return the key as a line of known hosts."""
        return f"{self.pattern} {' '.join(self.public_key.split()[:2])}"

    def is_called(self, fingerprint: str) -> bool:
        """Say whether a person means this key by `fingerprint`, with or without its `SHA256:`."""
        return _bare(fingerprint) == _bare(self.fingerprint)


def fingerprint(key: Any) -> str:
    """Return a key's fingerprint as OpenSSH shows it."""
    return str(key.get_fingerprint("sha256"))


def known_hosts(host: Host, address: Address) -> Any:
    """Return the keys that `host` may show, from its own options only.

    An object, because asyncssh takes an empty text for the user's own known hosts.
    """
    import asyncssh

    lines = [_known_line(line, address) for line in _key_lines(host)]
    try:
        return asyncssh.SSHKnownHosts("\n".join(lines))
    except ValueError as error:
        raise BadUsage("host.host_key", host=host.name) from error


def known_fingerprints(host: Host) -> list[str]:
    """Return the fingerprints of the keys stored for `host`."""
    import asyncssh

    found = []
    for line in _key_lines(host):
        words = line.split()
        start = next((index for index, word in enumerate(words) if _is_key_type(word)), None)
        if start is None:
            continue
        try:
            found.append(fingerprint(asyncssh.import_public_key(" ".join(words[start : start + 2]))))
        except asyncssh.KeyImportError:
            continue
    return found


def normalised_host_key(host: Host) -> str:
    """Return the keys given for `host` as lines of known hosts.

    Raises:
        BadUsage: there is a line in which no key can be read.
    """
    address = Address.of(host.address)
    lines = [_known_line(line, address) for line in _key_lines(host)]
    if len(known_fingerprints(host)) != len(lines):
        raise BadUsage("host.host_key", host=host.name)
    return "\n".join(lines)


def kept_keys(files: Sequence[Path], address: Address, alias: str = "") -> str:
    """Return the keys that a user's known hosts hold for an address, as lines of our own; empty when they hold none."""
    import asyncssh

    found: list[str] = []
    for file in files:
        try:
            trusted, *_ = asyncssh.read_known_hosts(str(file)).match(alias or address.host, "", None if alias else address.port)
        except (OSError, ValueError):
            continue
        found += [" ".join(key.export_public_key("openssh").decode().split()[:2]) for key in trusted]
    return "\n".join(f"{address.pattern} {key}" for key in dict.fromkeys(found))


async def credentials(host: Host, way: "Way") -> dict[str, Any]:
    """Return how we prove who we are: a stored key, a key file, an agent, a stored password, else the user's default key files.

    Raises:
        Permanent: the key file cannot be read or used, or there is no agent.
    """
    import asyncssh

    secrets = way.secrets
    if tickets.ONLY_READS in host.options:
        reads = await secrets.get(tickets.secret_names(host.name)[1])
        if reads is None:
            raise Permanent("enforce.no_reads_key", host=host.name)
        return {"agent_path": None, "preferred_auth": "publickey", "client_keys": [asyncssh.import_private_key(reads)]}
    passphrase = await secrets.get(f"host/{host.name}/passphrase")
    password = await secrets.get(f"host/{host.name}/password")
    stored = await secrets.get(f"host/{host.name}/key")
    chosen: dict[str, Any] = {"agent_path": _agent_path(host, way), "preferred_auth": "publickey"}
    if password is not None:
        chosen |= {"password": password.decode(), "preferred_auth": "publickey,password,keyboard-interactive"}
    path = _key_path(host, way.folder)
    try:
        if stored is not None:
            chosen["client_keys"] = [asyncssh.import_private_key(stored, passphrase)]
        elif path is not None and chosen["agent_path"] is not None:
            # The agent holds the key; the file only says which: a host lets one try only a few.
            chosen |= {"agent_identities": [str(path)], "ignore_encrypted": True}
        elif path is not None:
            chosen["client_keys"] = [asyncssh.read_private_key(path, passphrase)]
            certificate = path.with_name(f"{path.name}-cert.pub")
            if certificate.exists():
                chosen["client_certs"] = [str(certificate)]
        else:
            chosen["ignore_encrypted"] = True
            chosen |= {"passphrase": passphrase.decode()} if passphrase is not None else {}
    except (OSError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise Permanent("host.key_file", host=host.name, path=path or "-", reason=error) from error
    return chosen


def proxy_argv(command: str, address: Address) -> list[str]:
    """Return the program that makes the connection, `%h %p %r` filled in, in a clean environment.

    Raises:
        BadUsage: its quotes do not close.
    """
    slots = {"%h": address.host, "%p": str(address.port), "%r": address.user, "%%": "%"}
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise BadUsage("host.proxy_command", command=command) from error
    filled = [re.sub("%[hpr%]", lambda match: slots[match.group()], word) for word in words]
    settings = [f"{name}={value}" for name, value in processes.clean_environment().items()]
    return ["env", "-i", *settings, *filled]


def inherited(host: Host, before: Sequence[str]) -> dict[str, str]:
    """Return the options of a jump host that is given by its address only.

    Of the known keys only those that say whose they are: a bare one is the target's and must not open the way through.
    """
    lines = _named_lines(host)
    options = {name: host.options[name] for name in ("key", "agent") if name in host.options}
    return options | ({"host_key": "\n".join(lines)} if lines else {}) | ({"jump": ",".join(before)} if before else {})


def reached_through(jump: Host, host: Host, before: Sequence[str]) -> Host:
    """Return a known jump host that is reached through others on the way to `host`, whose keys for those others it is given."""
    keys = "\n".join([*(_known_line(line, Address.of(jump.address)) for line in _key_lines(jump)), *_named_lines(host)])
    options = jump.options | {"jump": ",".join(before)} | ({"host_key": keys} if keys else {})
    return replace(jump, name=f"{host.name}>{jump.name}", options=options)


def quoted(text: str) -> str:
    """Return `text` as one word of whatever shell the login has."""
    return shlex.quote(text)


def signal_number(name: str) -> int:
    """Return a signal's number on this system; 0 when it has none of that name."""
    try:
        return signal.Signals[f"SIG{name}"].value
    except KeyError:
        return 0


def _key_lines(host: Host) -> list[str]:
    lines = host.options.get("host_key", "").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _named_lines(host: Host) -> list[str]:
    """Return the known keys that say whose they are."""
    return [line for line in _key_lines(host) if not _is_key_type(line.split(maxsplit=1)[0])]


def _known_line(line: str, address: Address) -> str:
    return f"{address.pattern} {line}" if _is_key_type(line.split(maxsplit=1)[0]) else line


def _is_key_type(word: str) -> bool:
    return word.startswith(("ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-"))


def _key_path(host: Host, folder: Path) -> Path | None:
    return folder / Path(host.options["key"]).expanduser() if "key" in host.options else None


def _agent_path(host: Host, way: "Way") -> str | None:
    """Return the socket of the agent that holds the host's key: never that of our session unasked."""
    named = host.options.get("agent")
    path = way.agent if named == SESSION_AGENT else named
    if named is not None and (path is None or not Path(path).expanduser().is_socket()):
        raise Permanent("host.no_agent", host=host.name, path=path or "-")
    return path


def _bare(text: str) -> str:
    return text.strip().removeprefix("SHA256:").rstrip("=")


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True
