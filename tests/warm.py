"""Runs `vigie` in forks of one process that has imported it: the same program, without a second of imports for each command.

Started as a program it is that process: `python -m tests.warm FD`.
"""

import array
import atexit
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

TOP = Path(__file__).parents[1]
_EVERYTHING = "import vigie.interfaces.api.application, vigie.lab.demo; from vigie.knowledge import library; library.load()"
_MESSAGE = b"."
_NUMBER_BYTES = 32
_PROGRAM = "vigie.app:main"


class Warm:
    """The process that stands ready; one for all tests of a worker."""

    _one: "Warm | None" = None

    def __init__(self) -> None:
        self._way, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {"PATH": os.defpath, "PYTHONPATH": f"{TOP / 'src'}:{TOP}", "LANG": "C.UTF-8"}
        words = [sys.executable, "-m", "tests.warm", str(theirs.fileno())]
        self._process = subprocess.Popen(words, env=environment, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        theirs.close()
        atexit.register(self._end)

    @classmethod
    def ready(cls) -> "Warm":
        """Return the one that stands ready."""
        cls._one = cls._one or cls()
        return cls._one

    def run(self, words: Sequence[str], environment: Mapping[str, str], given: bytes, limit_s: float) -> tuple[int, bytes, bytes]:
        """Run a command to its end: its exit code (negative: the signal that ended it), what it said, what it noted.

        Raises:
            subprocess.TimeoutExpired: it was not over within the limit, and was killed.
        """
        with self.start(words, environment, given) as started:
            return started.wait(limit_s), started.out(), started.err()

    def start(
        self, words: Sequence[str], environment: Mapping[str, str], given: bytes = b"", *, program: str = _PROGRAM
    ) -> "Started":
        """Start a program, `MODULE:FUNCTION` that reads `sys.argv`, at the head of a session of its own."""
        order = {"program": program, "words": list(words), "environment": dict(environment), "folder": str(Path.cwd())}
        out, err = _file(), _file()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, _file(json.dumps(order).encode()) as asked, _file(given) as stdin:
            fds = array.array("i", [asked.fileno(), stdin.fileno(), out.fileno(), err.fileno(), theirs.fileno()])
            self._way.sendmsg([_MESSAGE], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
        return Started(int(ours.recv(_NUMBER_BYTES)), ours, out, err)

    def _end(self) -> None:
        self._way.close()
        self._process.wait()


@dataclass(frozen=True)
class Started:
    """A program that runs, or ran."""

    pid: int
    _told: socket.socket
    _out: IO[bytes]
    _err: IO[bytes]

    def __enter__(self) -> "Started":
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self._told, self._out, self._err):
            each.close()

    def wait(self, limit_s: float) -> int:
        """Return the exit code (negative: the signal that ended it); to be asked once.

        Raises:
            subprocess.TimeoutExpired: it was not over within the limit, and was killed, with its group.
        """
        if not select.select([self._told], [], [], limit_s)[0]:
            self.kill()
            raise subprocess.TimeoutExpired(str(self.pid), limit_s)
        return int(self._told.recv(_NUMBER_BYTES))

    def kill(self) -> None:
        """Kill it, with the processes of its group."""
        os.killpg(self.pid, signal.SIGKILL)

    def out(self) -> bytes:
        """Return what it said so far."""
        return _content(self._out)

    def err(self) -> bytes:
        """Return what it noted so far."""
        return _content(self._err)


def _file(content: bytes = b"") -> IO[bytes]:
    file = os.fdopen(os.memfd_create("vigie"), "w+b")
    file.write(content)
    file.seek(0)
    return file


def _content(file: IO[bytes]) -> bytes:
    # Its place in the file is the program's as well.
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)


def _serve(way: socket.socket) -> None:
    exec(_EVERYTHING)
    gc.collect()
    gc.freeze()  # forks need not look through it, least of all at their end
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, ancillary, _flags, _address = way.recvmsg(1, socket.CMSG_SPACE(5 * array.array("i").itemsize))
        if not message:
            return
        fds = array.array("i")
        fds.frombytes(ancillary[0][2])
        if os.fork() == 0:
            way.close()
            _attend(*fds)
            return
        for fd in fds:
            os.close(fd)


def _attend(asked: int, stdin: int, out: int, err: int, told: int) -> None:
    """Fork the command, tell its number and how it ended; in the fork, be the command."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid:
        _, status = os.waitpid(pid, 0)
        os.write(told, str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)
    os.setsid()
    os.write(told, str(os.getpid()).encode())
    with os.fdopen(asked, "rb") as file:
        order = json.load(file)
    for at, fd in enumerate((stdin, out, err)):
        os.dup2(fd, at)
        os.close(fd)
    os.close(told)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = ["vigie", *order["words"]]
    module, _, name = order["program"].partition(":")
    getattr(importlib.import_module(module), name)()


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
