"""Finds and ends the processes of a laboratory, and no others: known by start time and command line, never by name alone."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Process:
    """One process; a pid is used again, but not with the same start time. `started` counts clock ticks since boot."""

    pid: int
    started: int
    argv: tuple[str, ...]

    @property
    def alive(self) -> bool:
        """Say whether this very process still runs; a zombie does not."""
        return same(self.pid, self.started)


def look(pid: int) -> Process | None:
    """Read a process; None when it has gone, is a zombie, or may not be read."""
    try:
        after_name = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        argv = (_PROC / str(pid) / "cmdline").read_bytes().decode("utf-8", "replace").rstrip("\0").split("\0")
    except (OSError, IndexError):
        return None
    if after_name[0] in "ZX":
        return None
    return Process(pid, int(after_name[19]), tuple(argv))


def same(pid: int, started: int) -> bool:
    """Say whether the process that had this pid at that start time still runs."""
    process = look(pid)
    return process is not None and process.started == started


def within(folder: Path) -> list[Process]:
    """Return our user's processes whose home lies in `folder`, but not this one; all that a laboratory starts is so marked."""
    mark = os.fsencode(folder)
    found = []
    for entry in _PROC.iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            marked = entry.stat().st_uid == os.getuid() and (_home_of(entry) + b"/").startswith(mark + b"/")
        except OSError:
            continue
        process = look(int(entry.name)) if marked else None
        if process is not None:
            found.append(process)
    return found


def _home_of(entry: Path) -> bytes:
    environment = (entry / "environ").read_bytes()
    for pair in environment.split(b"\0"):
        if pair.startswith(b"HOME="):
            return pair[5:]
    # A program that writes its title over its environment is known by where it works.
    return b"" if b"=" in environment else os.fsencode((entry / "cwd").readlink())


def folder_of(pid: int) -> Path:
    """Return the folder in which a process works.

    Raises:
        OSError: it has gone or is another user's.
    """
    return (_PROC / str(pid) / "cwd").readlink()


async def launch(argv: Sequence[str], *, log: Path, folder: Path, environment: Mapping[str, str]) -> Process:
    """Start a process that outlives this one and leaves no zombie here.

    Raises:
        OSError: it could not be started or ended at once.
    """
    # The shell in between goes away, so that the process belongs to init and not to us.
    script = 'umask 022; log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!'
    starter = await asyncio.create_subprocess_exec(
        "/bin/sh", "-c", script, "sh", str(log), *argv,
        cwd=folder, env=dict(environment), start_new_session=True,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await starter.communicate()
    pid = int(output)
    for _ in range(200):
        process = look(pid)
        if process is None:
            raise OSError(f"{argv[0]!r} ended at once, see {log}")
        if script not in process.argv:
            return process
        await asyncio.sleep(0.01)
    raise OSError(f"{argv[0]!r} was not started within 2 s")


async def end(processes: Iterable[Process], *, grace_s: float = 2.0) -> list[Process]:
    """Ask processes to end, then make them; return those that still run."""
    left = list(processes)
    for number, patience_s in ((signal.SIGTERM, grace_s), (signal.SIGKILL, 1.0)):
        for process in left:
            if process.alive:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(process.pid, number)
                    os.kill(process.pid, signal.SIGCONT)  # a stopped process takes no other signal
        left = await _wait(left, patience_s)
        if not left:
            break
    return left


async def _wait(processes: list[Process], patience_s: float) -> list[Process]:
    deadline = asyncio.get_running_loop().time() + patience_s
    left = processes
    while left := [process for process in left if process.alive]:
        if asyncio.get_running_loop().time() >= deadline:
            break
        await asyncio.sleep(0.03)
    return left
