"""What the channel of one line tells; `transports/ssh.py` opens it."""

import asyncio
from dataclasses import dataclass, field

from vigie.tools import ssh_options
from vigie.tools.capped import Capped

_NOISE_BYTES = 64 * 1024


@dataclass(slots=True)
class Output:
    """One output of a line: what a login's start files printed before the sum is no part of it."""

    sum: bytes
    kept: Capped
    told: bytes | None = None
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
    rc: int | None = None
    signal: str | None = None
    flooded: bool = False

    def connection_made(self, chan: object) -> None:
        """Nothing to prepare."""

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
