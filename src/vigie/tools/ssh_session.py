"""What the channel of one line tells; `transports/ssh.py` opens it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vigie.tools import ssh_options
from vigie.tools.capped import Capped
from vigie.tools.terminals import Terminal

if TYPE_CHECKING:
    import asyncssh

_NOISE_BYTES = 64 * 1024
_CHUNK = 32 * 1024
_END_S = 2.0


@dataclass(slots=True)
class Output:
    """One output of a line: what a login's start files printed before the sum is no part of it. Without a sum, all is."""

    sum: bytes
    kept: Capped
    told: bytes | None = None
    has_noise: bool = False
    _before: bytearray = field(default_factory=bytearray)
    _came_bytes: int = 0

    def add(self, data: bytes) -> None:
        """Take the next bytes."""
        self._came_bytes += len(data)
        if self.told is not None:
            self.kept.add(data)
            return
        self._before += data
        at = self._before.find(self.sum)
        self.has_noise = self.has_noise or at > 0
        end = self._before.find(b"\n", at) if at >= 0 else -1
        if end >= 0:
            self.told = bytes(self._before[at + len(self.sum) : end])
            self.kept.add(bytes(self._before[end + 1 :]))
            self._before.clear()
        elif len(self._before) > _NOISE_BYTES:
            del self._before[: -_NOISE_BYTES // 2]

    @property
    def total_bytes(self) -> int:
        """Return how much came, noise and all."""
        return self._came_bytes

    def bytes(self) -> bytes:
        """Return what the line said; without a sum, what was said instead."""
        return self.kept.bytes() if self.told is not None else bytes(self._before)


@dataclass(slots=True)
class Session:
    """What the channel tells of one line; asyncssh calls its methods by name. More than `flood` bytes end it."""

    stdout: Output
    stderr: Output
    flood: int | None
    ended: asyncio.Event
    closed: asyncio.Event
    feeds: bool = False
    rc: int | None = None
    signal: str | None = None
    flooded: bool = False

    def connection_made(self, chan: "asyncssh.SSHClientChannel[bytes]") -> None:
        """End the line's input together with the request to run it, where it has none: one packet less to wake the host for."""
        if not self.feeds:
            asyncio.get_running_loop().call_soon(chan.write_eof)

    def session_started(self) -> None:
        """Nothing to send by itself."""

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Take what came."""
        if self.flooded:
            return
        output = self.stdout if datatype is None else self.stderr
        output.add(data)
        if self.flood is not None and output.total_bytes > self.flood:
            self.flooded = True
            self.ended.set()

    def eof_received(self) -> bool:
        """Let the channel close by itself."""
        return False

    def exit_status_received(self, status: int) -> None:
        """Note the exit code."""
        self.rc = status
        self.ended.set()

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:
        """Note what killed it."""
        self.signal = signal
        self.rc = 128 + ssh_options.signal_number(signal)
        self.ended.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end."""
        self.ended.set()
        self.closed.set()

    def pause_writing(self) -> None:
        """What we send is bounded and already in memory."""

    def resume_writing(self) -> None:
        """See `pause_writing`."""


class SshTerminal(Terminal):
    """A terminal at the other end of a connection; `freed` is told when it is closed."""

    def __init__(self, process: "asyncssh.SSHClientProcess[bytes]", freed: Callable[[], None]) -> None:
        self._process = process
        self._freed = freed

    async def read(self) -> bytes:
        """Return the next of what it shows; nothing at its end, also when the connection is lost."""
        import asyncssh

        try:
            return bytes(await self._process.stdout.read(_CHUNK))
        except (OSError, asyncssh.Error):
            return b""

    async def write(self, data: bytes) -> None:
        """Type."""
        import asyncssh

        with suppress(OSError, asyncssh.Error):
            self._process.stdin.write(data)
            await self._process.stdin.drain()

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of its window."""
        with suppress(OSError):
            self._process.change_terminal_size(columns, rows)

    async def close(self) -> int | None:
        """Hang up: the host ends what runs there."""
        import asyncssh

        try:
            self._process.close()
            with suppress(OSError, asyncssh.Error, TimeoutError):
                async with asyncio.timeout(_END_S):
                    await self._process.wait_closed()
        finally:
            self._freed()
        code: int | None = self._process.exit_status
        return code
