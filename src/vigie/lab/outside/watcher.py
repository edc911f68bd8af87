"""Counts what changes on a laboratory's host, from outside. Run as `python3 watcher.py HOST_FOLDER COUNTS_FILE`.

Exact, not sampled: the kernel reports each change of a file, the service manager's log each start, and the database's own
schema version rises by one with each change of its schema. Each line carries the hash of the one before it.
"""

import ctypes
import hashlib
import json
import os
import select
import sqlite3
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path

_MODIFY, _CLOSE_WRITE, _ATTRIB = 0x2, 0x8, 0x4
_MOVED_FROM, _MOVED_TO, _CREATE, _DELETE = 0x40, 0x80, 0x100, 0x200
_OVERFLOW = 0x4000
_HEAD = struct.Struct("iIII")


class Counts:
    """The append-only file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._hash = ""

    def add(self, kind: str, name: str, **fields: object) -> None:
        """Append one count."""
        body = {"at": round(time.time(), 3), "kind": kind, "name": name, **fields}
        self._hash = hashlib.sha256((self._hash + json.dumps(body, sort_keys=True)).encode()).hexdigest()
        with self._path.open("a", encoding="utf-8") as counts:
            counts.write(json.dumps({**body, "hash": self._hash}) + "\n")


class Notices:
    """What the kernel says of some folders."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor = int(self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
        if self.descriptor < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        self._folders: dict[int, Path] = {}

    def watch(self, folder: Path) -> None:
        """Report what happens to the entries of a folder."""
        mask = _MODIFY | _CLOSE_WRITE | _ATTRIB | _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE
        number = int(self._libc.inotify_add_watch(self.descriptor, os.fsencode(folder), mask))
        if number < 0:
            raise OSError(ctypes.get_errno(), f"inotify_add_watch {folder}")
        self._folders[number] = folder

    def read(self) -> Iterator[tuple[int, Path]]:
        """Return what has happened since the last time."""
        try:
            buffer = os.read(self.descriptor, 65536)
        except BlockingIOError:
            return
        place = 0
        while place < len(buffer):
            number, mask, _, length = _HEAD.unpack_from(buffer, place)
            place += _HEAD.size
            name = os.fsdecode(buffer[place : place + length].rstrip(b"\0"))
            place += length
            if mask & _OVERFLOW:
                raise OSError("the kernel dropped notices")
            yield mask, self._folders[number] / name


class Watcher:
    """Turns what is seen into counts."""

    def __init__(self, host: Path, counts: Counts) -> None:
        self._host = host
        self._counts = counts
        self._etc, self._releases, self._logs = host / "etc", host / "releases", host / "var" / "log"
        self._notices = Notices()
        for folder in (self._etc, self._releases, self._logs):
            self._notices.watch(folder)
        self._sizes = {path: path.lstat().st_size for path in self._logs.iterdir()}
        self._contents = {path: _digest(path) for path in self._etc.iterdir()}
        self._starts = 0
        self._database = host / "var" / "db" / "shop.db"
        self._schema = self._read_schema()

    def run(self) -> None:
        """Watch until stopped."""
        self._counts.add("watching", "host")
        while True:
            ready, _, _ = select.select([self._notices.descriptor], [], [], 0.05)
            if ready:
                for mask, path in self._notices.read():
                    self._seen(mask, path)
            self._follow_starts()
            self._follow_schema()

    def _seen(self, mask: int, path: Path) -> None:
        if path.parent == self._etc:
            self._seen_setting(mask, path)
        elif path.parent == self._releases:
            if path.name == "current" and mask & (_CREATE | _MOVED_TO | _DELETE | _MOVED_FROM):
                self._counts.add("release", path.name, target=str(path.readlink()) if path.is_symlink() else None)
        elif path.parent == self._logs:
            self._seen_log(mask, path)

    def _seen_setting(self, mask: int, path: Path) -> None:
        if mask & (_MOVED_FROM | _DELETE):
            self._counts.add("config.removed", path.name)
            self._contents.pop(path, None)
        elif mask & (_CLOSE_WRITE | _MOVED_TO | _CREATE):
            digest = _digest(path)
            same = self._contents.get(path) == digest
            self._contents[path] = digest
            if mask & (_CLOSE_WRITE | _MOVED_TO) or path.is_symlink():
                self._counts.add("config.written", path.name, sha256=digest, same=same)
        elif mask & _ATTRIB and path.exists():
            self._counts.add("config.mode", path.name, mode=oct(path.lstat().st_mode & 0o7777))

    def _seen_log(self, mask: int, path: Path) -> None:
        if mask & (_DELETE | _MOVED_FROM):
            self._sizes.pop(path, None)
            self._counts.add("log.removed", path.name)
            return
        try:
            size = path.lstat().st_size
        except FileNotFoundError:
            return
        if size < self._sizes.get(path, 0):
            self._counts.add("log.truncated", path.name, from_bytes=self._sizes[path], to_bytes=size)
        self._sizes[path] = size

    def _follow_starts(self) -> None:
        log = self._logs / "supervisord.log"
        try:
            with log.open("rb") as lines:
                if lines.seek(0, os.SEEK_END) < self._starts:
                    self._starts = 0
                lines.seek(self._starts)
                fresh = lines.read()
        except FileNotFoundError:
            return
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._starts += len(whole)
        for line in whole.decode("utf-8", "replace").splitlines():
            _, mark, rest = line.partition(" spawned: '")
            if mark:
                self._counts.add("service.started", rest.partition("'")[0], pid=int(rest.rpartition(" ")[2]))

    def _follow_schema(self) -> None:
        fresh = self._read_schema()
        if fresh is None:
            return
        version, indexes = fresh
        before, known = self._schema or (version, indexes)
        if version != before:
            for name in sorted(indexes - known):
                self._counts.add("index.created", name)
            for name in sorted(known - indexes):
                self._counts.add("index.dropped", name)
            self._counts.add("schema.changed", self._database.name, times=version - before)
        self._schema = fresh

    def _read_schema(self) -> tuple[int, frozenset[str]] | None:
        try:
            db = sqlite3.connect(f"file:{self._database}?mode=ro", uri=True, timeout=0.2)
            try:
                db.execute("BEGIN")
                version = int(db.execute("PRAGMA schema_version").fetchone()[0])
                names = frozenset(str(row[0]) for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'index'"))
                return version, names
            finally:
                db.close()
        except sqlite3.Error:
            return None


def _digest(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


if __name__ == "__main__":
    Watcher(Path(sys.argv[1]), Counts(Path(sys.argv[2]))).run()
