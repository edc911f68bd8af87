"""Terminals: a program that believes a person sits before it. Only people open them; nothing of Vigie's types."""

import asyncio
import fcntl
import os
import pty
import signal
import struct
import termios
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress

from vigie.tools import processes

KIND = "xterm-256color"
_CHUNK = 32 * 1024
_END_S = 2.0
# Opened by the leader of a session, it becomes the terminal of all that it starts.
_SEATED = 'exec "$@" <>"$0" >&0 2>&0'


class Terminal(ABC):
    """One open terminal; bytes as they are, in both directions."""

    @abstractmethod
    async def read(self) -> bytes:
        """Return the next of what it shows; nothing at its end."""

    @abstractmethod
    async def write(self, data: bytes) -> None:
        """Type."""

    @abstractmethod
    def resize(self, columns: int, rows: int) -> None:
        """Change the size of its window."""

    @abstractmethod
    async def close(self) -> int | None:
        """End what runs in it, as hanging up does, and return its exit code when it had one."""


class LocalTerminal(Terminal):
    """A terminal of this machine."""

    def __init__(self, outside: int, process: asyncio.subprocess.Process) -> None:
        self._outside = outside
        self._process = process
        self._is_open = True

    @classmethod
    async def open(cls, argv: Sequence[str], columns: int, rows: int, path: str | None = None) -> "LocalTerminal":
        """Start a program in a terminal of its own.

        Raises:
            OSError: it could not be started.
        """
        outside, inside = pty.openpty()
        try:
            os.set_blocking(outside, False)
            _size(outside, columns, rows)
            environment = {**processes.clean_environment(path), "TERM": KIND, "PAGER": "", "SYSTEMD_PAGER": "", "GIT_PAGER": ""}
            environment = {name: value for name, value in environment.items() if value and name != "DEBIAN_FRONTEND"}
            process = await asyncio.create_subprocess_exec(
                "sh",
                "-c",
                _SEATED,
                os.ttyname(inside),
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env=environment,
                cwd=environment.get("HOME", "/"),
                start_new_session=True,
            )
        except BaseException:  # a cancellation too closes what was opened
            os.close(outside)
            os.close(inside)
            raise
        terminal = cls(outside, process)
        # Kept open until the program has it: a terminal that nobody holds shows its end at once.
        asyncio.get_running_loop().call_later(_END_S, os.close, inside)
        return terminal

    async def read(self) -> bytes:
        """Return the next of what it shows; nothing at its end."""
        while self._is_open:
            try:
                return os.read(self._outside, _CHUNK)
            except BlockingIOError:
                if self._process.returncode is not None:
                    return b""
                await self._ready(asyncio.get_running_loop().add_reader, asyncio.get_running_loop().remove_reader)
            except OSError:  # EIO: nobody has it open any more
                return b""
        return b""

    async def write(self, data: bytes) -> None:
        """Type."""
        loop = asyncio.get_running_loop()
        while data and self._is_open:
            try:
                data = data[os.write(self._outside, data) :]
            except BlockingIOError:
                await self._ready(loop.add_writer, loop.remove_writer)
            except OSError:
                return

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of its window."""
        if self._is_open:
            with suppress(OSError):
                _size(self._outside, columns, rows)

    async def close(self) -> int | None:
        """Hang up, and see that what ran in it is gone."""
        if self._is_open:
            self._is_open = False
            os.close(self._outside)
        for number in (signal.SIGHUP, signal.SIGKILL):
            if self._process.returncode is None:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, number)
                with suppress(TimeoutError):
                    async with asyncio.timeout(_END_S):
                        await self._process.wait()
        return self._process.returncode

    async def _ready(self, add: Callable[..., object], remove: Callable[[int], object]) -> None:
        """Wait until it can be read or written, or a moment has passed."""
        came = asyncio.Event()
        add(self._outside, came.set)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(_END_S):
                    await came.wait()
        finally:
            if self._is_open:
                remove(self._outside)


def _size(handle: int, columns: int, rows: int) -> None:
    fcntl.ioctl(handle, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
