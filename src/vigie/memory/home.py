"""The folder that holds all state: made, checked, and written to so that a file is there whole or not at all."""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from vigie.domain.errors import Permanent

_FOLDERS = ("keys", "artefacts", "executors", "run")


def prepare(home: Path) -> Path:
    """Make the home and its folders, for its owner only, and return its absolute path.

    Raises:
        Permanent: it cannot be the home of the one who asks, and why.
    """
    home = home.absolute()
    with disk_errors(home):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _refuse_foreign(home)
        if not os.access(home, os.R_OK | os.W_OK | os.X_OK, effective_ids=True):
            raise Permanent("home.read_only", path=home)
    for name in _FOLDERS:
        make_folder(home / name)
    return home


def make_folder(path: Path) -> None:
    """Make a folder for its owner only, if it is not there yet.

    Raises:
        Permanent: it cannot be made.
    """
    with disk_errors(path):
        path.mkdir(mode=0o700, exist_ok=True)


def write_atomically(path: Path, content: bytes, *, replace: bool = True) -> bool:
    """Write a file for its owner only, durable on return; False when `replace` is off and there already is one.

    Raises:
        Permanent: the disk does not take it; what was there before still is.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    with disk_errors(path):
        try:
            _write_through(beside, content)
            if replace:
                beside.replace(path)
            else:
                path.hardlink_to(beside)
        except FileExistsError:
            return False
        finally:
            beside.unlink(missing_ok=True)
        _sync_folder(path.parent)
    return True


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Say what the operating system refused in our own words."""
    try:
        yield
    except OSError as error:
        raise Permanent(_KEYS.get(error.errno or 0, "home.disk_error"), path=path, detail=error.strerror) from error


def is_full(folder: Path) -> bool:
    """Say whether the disk has no room left, or can take no further file."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < _ROOM_BYTES or (disk.f_files > 0 and disk.f_favail == 0)


# Less than this, SQLite cannot make the shared memory file beside a database.
_ROOM_BYTES = 64 * 1024
_KEYS = {
    errno.EROFS: "home.read_only",
    errno.EACCES: "home.read_only",
    errno.EPERM: "home.read_only",
    errno.ENOSPC: "home.full",
    errno.EDQUOT: "home.full",
    errno.EFBIG: "home.full",
    errno.ENOTDIR: "home.not_a_folder",
    errno.EEXIST: "home.not_a_folder",
}


def _refuse_foreign(home: Path) -> None:
    owner = home.stat().st_uid
    if owner != os.geteuid():
        raise Permanent("home.not_yours", path=home, owner=owner, you=os.geteuid())


def _write_through(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
