"""Processes of this machine: their own group, a clean environment, capped output, a certain end."""

import asyncio
import functools
import os
import pwd
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from vigie.tools.capped import CAP_BYTES, Capped
from vigie.tools.shell import QUIET, SEARCH_PATH

# A daemon that a line left behind may hold its pipes for ever; what the line itself wrote is there by then.
_DRAIN_S = 0.3
_TERM_S = 5.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended. `rc` None: a limit ended it and its own end was not seen; `signal`: what killed it.

    `killed`: a limit of time or of output ended it; `flooded`: that of output.
    """

    rc: int | None
    stdout: bytes
    stderr: bytes
    seconds: float
    truncated: bool
    killed: bool
    signal: str | None
    flooded: bool = False


class _Child(asyncio.SubprocessProtocol):
    def __init__(self, cap_bytes: int, flood: int | None) -> None:
        self.stdout, self.stderr = Capped(cap_bytes), Capped(cap_bytes)
        self.exited, self.drained, self.over = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.flooded = False
        self._open = {1, 2}
        self._flood = flood

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if self.flooded:
            return
        output = self.stdout if fd == 1 else self.stderr
        output.add(data)
        if self._flood is not None and output.total_bytes > self._flood:
            self.flooded = True
            self.over.set()

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        self._open.discard(fd)
        if not self._open:
            self.drained.set()

    def process_exited(self) -> None:
        self.exited.set()
        self.over.set()


async def run(
    argv: Sequence[str],
    *,
    timeout_s: float,
    env: Mapping[str, str],
    stdin: bytes | None = None,
    cap_bytes: int = CAP_BYTES,
    flood: int | None = None,
) -> Ended:
    """Run a program to its end, to `timeout_s`, or until it has said more than `flood` bytes; then end its process group.

    Raises:
        OSError: the program could not be started.
    """
    loop = asyncio.get_running_loop()
    started_s = loop.time()
    transport, child = await _started(
        loop.subprocess_exec(
            lambda: _Child(cap_bytes, flood),
            *argv,
            stdin=DEVNULL if stdin is None else PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=dict(env),
            cwd="/",
            start_new_session=True,
        )
    )
    killed = False
    try:
        if stdin is not None:
            _feed(transport, stdin)
        try:
            # Not wait_for, which before Python 3.12 can lose a cancellation that comes with the end.
            async with asyncio.timeout(timeout_s):
                await child.over.wait()
        except TimeoutError:
            killed = True
        killed = killed or (child.flooded and not child.exited.is_set())
        if killed:
            await _end_group(transport, child)
        await _settle(child.drained, _DRAIN_S)
    finally:
        await _kill(transport, child)
    rc, signal_name = _ending(transport.get_returncode())
    return Ended(
        rc=rc,
        stdout=child.stdout.bytes(),
        stderr=child.stderr.bytes(),
        seconds=loop.time() - started_s,
        truncated=child.stdout.truncated or child.stderr.truncated,
        killed=killed,
        signal=signal_name,
        flooded=child.flooded,
    )


async def _started(
    start: Coroutine[Any, Any, tuple[asyncio.SubprocessTransport, _Child]],
) -> tuple[asyncio.SubprocessTransport, _Child]:
    """Start a child whole whenever a cancellation comes: cancelled half way, asyncio waits for ever for pipes it never opened."""
    starting = asyncio.ensure_future(start)
    is_cancelled = False
    while not starting.done():
        try:
            await asyncio.wait([starting])
        except asyncio.CancelledError:
            is_cancelled = True
    if not is_cancelled:
        return starting.result()
    if starting.exception() is None:
        transport, child = starting.result()
        await _kill(transport, child)
    raise asyncio.CancelledError


def clean_environment(path: str | None = None) -> dict[str, str]:
    """Return the environment of a child: nothing of ours, so nothing secret; quiet; with the system's folders searched."""
    settings = {**QUIET, "PATH": f"{path}:{SEARCH_PATH}" if path else SEARCH_PATH}
    try:
        user = pwd.getpwuid(os.getuid())
    except KeyError:  # containers run as numbers that no file names
        return {**settings, "HOME": str(Path("/"))}
    return {**settings, "HOME": user.pw_dir, "USER": user.pw_name, "LOGNAME": user.pw_name}


def own_shell() -> str:
    """Return the shell of the user that we are."""
    try:
        return pwd.getpwuid(os.getuid()).pw_shell or "/bin/sh"
    except KeyError:
        return "/bin/sh"


@functools.cache
def die_with_us() -> tuple[str, ...]:
    """Return the prefix by which a child is told to end when this process dies; empty where the system has none.

    Not a function run between fork and exec: that is unsafe beside the threads of the database and the workflow engine.
    """
    program = shutil.which("setpriv", path=SEARCH_PATH)
    if program is None or b"--pdeathsig" not in Path(program).resolve().read_bytes():
        # Busybox has a setpriv without it.
        return ()
    return (program, "--pdeathsig", "TERM", "--")


@functools.cache
def has_timeout() -> bool:
    """Say whether this machine has a `timeout` that understands `-k`."""
    program = shutil.which("timeout", path=SEARCH_PATH)
    return program is not None


def _feed(transport: asyncio.SubprocessTransport, stdin: bytes) -> None:
    pipe = cast("asyncio.WriteTransport", transport.get_pipe_transport(0))
    pipe.write(stdin)
    pipe.close()


async def _settle(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


async def _kill(transport: asyncio.SubprocessTransport, child: _Child) -> None:
    """See that a child is gone and its end noted, whatever it was doing."""
    try:
        if not child.exited.is_set():
            _signal_group(transport.get_pid(), signal.SIGKILL)
            await _settle(child.exited, _TERM_S)
    finally:
        transport.close()


async def _end_group(transport: asyncio.SubprocessTransport, child: _Child) -> None:
    _signal_group(transport.get_pid(), signal.SIGTERM)
    await _settle(child.exited, _TERM_S)
    # Also when the leader is gone: what it started may have ignored the first signal.
    _signal_group(transport.get_pid(), signal.SIGKILL)
    await _settle(child.exited, _TERM_S)


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _ending(returncode: int | None) -> tuple[int | None, str | None]:
    """Return the exit code as a shell gives it, and the signal's name when one ended the process."""
    if returncode is None or returncode >= 0:
        return returncode, None
    number = -returncode
    try:
        return 128 + number, signal.Signals(number).name.removeprefix("SIG")
    except ValueError:  # a real-time signal has no name
        return 128 + number, str(number)
