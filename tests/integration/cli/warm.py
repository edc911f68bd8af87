"""Runs `vigie` in forks of one process that has imported it: the same program, without a second of imports for each command.

Started as a program it is that process: `python -m tests.integration.cli.warm FD`.
"""

import array
import atexit
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

TOP = Path(__file__).parents[3]
_EVERYTHING = "import vigie.interfaces.api.application, vigie.lab.demo; from vigie.knowledge import library; library.load()"
_MESSAGE = b"."


class Warm:
    """The process that stands ready; one for all tests of a worker."""

    _one: "Warm | None" = None

    def __init__(self) -> None:
        self._way, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {"PATH": os.defpath, "PYTHONPATH": f"{TOP / 'src'}:{TOP}", "LANG": "C.UTF-8"}
        words = [sys.executable, "-m", "tests.integration.cli.warm", str(theirs.fileno())]
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
        order = json.dumps({"words": list(words), "environment": dict(environment), "folder": str(Path.cwd())}).encode()
        with _file(order) as asked, _file(given) as stdin, _file() as out, _file() as err:
            ours, theirs = socket.socketpair()
            with ours:
                with theirs:
                    fds = array.array("i", [asked.fileno(), stdin.fileno(), out.fileno(), err.fileno(), theirs.fileno()])
                    self._way.sendmsg([_MESSAGE], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
                ended = ours.makefile()
                pid = int(ended.readline())
                if not select.select([ours], [], [], limit_s)[0]:
                    os.kill(pid, signal.SIGKILL)
                    raise subprocess.TimeoutExpired(list(words), limit_s)
                code = int(ended.readline())
            return code, _content(out), _content(err)

    def _end(self) -> None:
        self._way.close()
        self._process.wait()


def _file(content: bytes = b"") -> IO[bytes]:
    file = os.fdopen(os.memfd_create("vigie"), "w+b")
    file.write(content)
    file.seek(0)
    return file


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


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
        os.write(told, f"{pid}\n".encode())
        _, status = os.waitpid(pid, 0)
        os.write(told, f"{os.waitstatus_to_exitcode(status)}\n".encode())
        os._exit(0)
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
    from vigie.app import main

    main()


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
