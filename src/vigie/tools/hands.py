"""The pool of ways to hosts, and the only holder of credentials. The gate is given one; nobody else."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vigie.clock import Clock, SystemClock
from vigie.domain.action import Completed
from vigie.domain.errors import BadUsage, Permanent, Transient
from vigie.domain.host import Host
from vigie.plugins import discover
from vigie.tools import ssh_options, tickets, transports
from vigie.tools.breaker import Breaker
from vigie.tools.capped import CAP_BYTES
from vigie.tools.ssh_options import HostKey
from vigie.tools.terminals import Terminal
from vigie.tools.transports.transport import SecretReader, Transport, Way

if TYPE_CHECKING:
    from vigie.tools.transports.ssh import Ssh

_HANDSHAKES = 64
# Where the way of the key that only reads is kept, beside a host's own.
_READS = "{}>reads"
# Linux takes no longer word than 128 KiB, and quotes in a line make it longer.
_LINE_BYTES_MAX = 64 * 1024
HostFinder = Callable[[str], Awaitable[Host]]
KeyAlarm = Callable[[Host, Permanent], Awaitable[None]]


class _Guarded(Transport):
    """A way with a breaker before it."""

    name = "guarded"

    def __init__(self, host: Host, way: Way, inner: Transport, on_key_changed: KeyAlarm | None) -> None:
        self.inner = inner
        self._host = host
        self._on_key_changed = on_key_changed
        self._breaker = Breaker(host.name, way.clock)

    async def run(
        self, line: str, *, timeout_s: float, stdin: bytes | None = None, mark: str | None = None, cap_bytes: int = CAP_BYTES
    ) -> Completed:
        _check(line)
        self._breaker.check()
        try:
            completed = await self.inner.run(line, timeout_s=timeout_s, stdin=stdin, mark=mark, cap_bytes=cap_bytes)
        except Transient:
            self._breaker.failed()
            raise
        except Permanent as error:
            if error.key == "host.key_changed" and self._on_key_changed is not None:
                await self._on_key_changed(self._host, error)
            raise
        self._breaker.succeeded()
        return completed

    async def terminal(self, columns: int, rows: int) -> Terminal:
        return await self.inner.terminal(columns, rows)

    def notes(self) -> dict[str, str]:
        return self.inner.notes()

    async def close(self) -> None:
        await self.inner.close()


class Hands:
    """One way per host, opened at need, kept, and built anew when the host's address or options change."""

    def __init__(
        self,
        *,
        secrets: SecretReader,
        folder: Path,
        clock: Clock | None = None,
        find_host: HostFinder | None = None,
        agent: str | None = None,
        on_key_changed: KeyAlarm | None = None,
    ) -> None:
        """Start with no way open.

        Args:
            secrets: where keys and passwords are read, under `host/NAME/key|passphrase|password`.
            folder: what a relative key path is relative to.
            clock: for the breakers.
            find_host: looks up a jump host given by its name.
            on_key_changed: is told of each host whose key is not the approved one, before whoever asked is.
            agent: the socket of the agent of our own session, for hosts whose `agent` is `session`.
        """
        self._secrets = secrets
        self._folder = folder
        self._clock = clock or SystemClock()
        self._find_host = find_host
        self._agent = agent
        self._on_key_changed = on_key_changed
        self._handshakes = asyncio.Semaphore(_HANDSHAKES)
        self._ways: dict[str, tuple[Host, _Guarded]] = {}
        self._kinds = discover(transports, Transport)

    async def on(self, host: Host, *, only_reads: bool = False) -> Transport:
        """Return the way to `host`; `only_reads`: with the key that its gate lets read, and nothing else.

        Raises:
            BadUsage: its address, or its jump host, cannot be understood.
        """
        if only_reads:
            host = replace(host, options={**host.options, tickets.ONLY_READS: "yes"})
        return await self._way(host, frozenset())

    async def beside(self, host: Host) -> Transport:
        """Return a way of its own beside the one that is kept; whoever asked for it closes it."""
        return (await self._built(host, frozenset())).inner

    async def login_key(self, host: Host) -> str | None:
        """Return the public key that Vigie comes in with at an `ssh://` host, in base64; None when it is not one of its own.

        Raises:
            BadUsage: the address is no `ssh://`.
            Permanent: the key cannot be used.
        """
        return await (await self._ssh(host)).login_key()

    async def host_key(self, host: Host) -> HostKey:
        """Fetch the key that an `ssh://` host shows, trusting nothing, for a person to compare.

        Raises:
            BadUsage: the address is no `ssh://`.
            Transient: it cannot be reached.
        """
        return await (await self._ssh(host)).host_key()

    async def forget(self, name: str) -> None:
        """Close the ways to a host that was changed or removed."""
        for place in (name, _READS.format(name)):
            held = self._ways.pop(place, None)
            if held is not None:
                await held[1].close()

    async def close(self) -> None:
        """Close all ways, those behind a jump host first."""
        ways, self._ways = list(self._ways.values()), {}
        for _, way in reversed(ways):
            await way.close()

    async def _ssh(self, host: Host) -> "Ssh":
        from vigie.tools.transports.ssh import Ssh

        inner = (await self._way(host, frozenset())).inner
        if not isinstance(inner, Ssh):
            raise BadUsage("host.address", address=host.address)
        return inner

    async def _way(self, host: Host, through: frozenset[str]) -> _Guarded:
        place = _READS.format(host.name) if tickets.ONLY_READS in host.options else host.name
        held = self._ways.get(place)
        if held is not None and _how(held[0]) == _how(host):
            return held[1]
        built = await self._built(host, through)
        # A second caller may have built it while the jump host was looked up.
        held = self._ways.get(place)
        if held is not None:
            if _how(held[0]) == _how(host):
                return held[1]
            await self.forget(host.name)
        self._ways[place] = (host, built)
        return built

    async def _built(self, host: Host, through: frozenset[str]) -> _Guarded:
        kind = self._kinds.get(host.address.partition(":")[0])
        if kind is None:
            raise BadUsage("host.address", address=host.address)
        jump = await self._jump(host, through)
        way = Way(self._secrets, self._folder, self._clock, self._handshakes, jump, self._agent)
        return _Guarded(host, way, kind(host, way), self._on_key_changed)

    async def _jump(self, host: Host, through: frozenset[str]) -> Transport | None:
        """Return the way to the last of the hosts to pass through: `NAME` or `user@host:port`, several joined by commas."""
        names = [name.strip() for name in host.options.get("jump", "").split(",") if name.strip()]
        if not names:
            return None
        *before, last = names
        if last in through or last == host.name:
            raise BadUsage("host.jump_loop", host=host.name, jump=last)
        if "@" in last or "://" in last:
            address = last if "://" in last else f"ssh://{last}"
            jump = Host(f"{host.name}>{last}", address, options=ssh_options.inherited(host, before))
        elif self._find_host is not None:
            jump = await self._find_host(last)
            if before and "jump" not in jump.options:
                jump = ssh_options.reached_through(jump, host, before)
        else:
            raise BadUsage("host.jump", host=host.name, jump=last)
        return (await self._way(jump, through | {host.name, last})).inner


def _check(line: str) -> None:
    """Refuse a line that no system can be handed.

    Raises:
        BadUsage: it holds a NUL, half a character, or far too much.
    """
    try:
        size = len(line.encode())
    except UnicodeEncodeError:
        size = -1
    if "\0" in line or not 0 <= size <= _LINE_BYTES_MAX:
        raise BadUsage("host.line", line=repr(line[:60]), limit=_LINE_BYTES_MAX // 1024)


def _how(host: Host) -> tuple[str, dict[str, str]]:
    """Return what the way depends on; dotted options are notes of others about the host."""
    return host.address, {name: value for name, value in host.options.items() if "." not in name}
