"""Which server runs on a home: a lock that the kernel frees at its death, and a note of its address and local token."""

import fcntl
import json
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from vigie.domain.errors import Permanent
from vigie.memory import home

_NOTE = "up.json"
_LOCK = "up.lock"
_TRIES = 5
_PAUSE_S = 0.05


@dataclass(frozen=True, slots=True)
class RunningServer:
    """Where the server of a home is; `token` is what a command shows to be let in."""

    pid: int
    url: str
    token: str


def find(run_folder: Path) -> RunningServer | None:
    """Return the server that runs on the home, None when none does; a note left by a dead one is ignored."""
    lock = run_folder / _LOCK
    try:
        descriptor = os.open(lock, os.O_RDWR)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _note(run_folder)
    finally:
        os.close(descriptor)
    return None


@contextmanager
def only_server(run_folder: Path) -> Iterator["Place"]:
    """Be the only server of the home for a while.

    Raises:
        Permanent: another one runs (`cli.already_up`), or the home cannot be used (`home.*`).
    """
    home.prepare(run_folder.parent)
    with home.disk_errors(run_folder):
        descriptor = os.open(run_folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _locked(descriptor):
            first = _note(run_folder)
            raise Permanent("cli.already_up", pid=first.pid if first else "?", url=first.url if first else "?")
        yield Place(run_folder)
    finally:
        os.close(descriptor)


def is_abandoned(run_folder: Path) -> bool:
    """Say whether a server of ours once ran there and none does now."""
    lock = run_folder / _LOCK
    try:
        is_ours = lock.stat().st_uid == os.geteuid()
        descriptor = os.open(lock, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return is_ours


class Place:
    """The home's one place for a server, held by this process."""

    def __init__(self, run_folder: Path) -> None:
        self._note = run_folder / _NOTE
        self.token = secrets.token_urlsafe(32)

    def announce(self, url: str) -> None:
        """Leave the note for the commands that hand over."""
        beside = self._note.with_suffix(".new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as note:
            json.dump(asdict(RunningServer(os.getpid(), url, self.token)), note)
        beside.replace(self._note)

    def withdraw(self) -> None:
        """Take the note away."""
        with suppress(OSError):
            self._note.unlink()


def _locked(descriptor: int) -> bool:
    """Take the lock. A command that looks whether a server runs holds it for an instant, so a few tries are made."""
    pause = threading.Event()
    for _ in range(_TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pause.wait(_PAUSE_S)
        else:
            return True
    return False


def _note(run_folder: Path) -> RunningServer | None:
    try:
        return RunningServer(**json.loads((run_folder / _NOTE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
