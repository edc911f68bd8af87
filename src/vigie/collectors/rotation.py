"""The files beside a log that it was before: how rotated logs are named, and which of them are already known."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from vigie.collectors.tail import Tail, opened
from vigie.domain.fact import Value

PACKED = (".gz", ".xz", ".zst", ".bz2", ".lz4", ".zip", ".Z", ".lz")
# app.log.1, app.log-20261120, app.log.old; and app-2026-11-20.log.
_AFTER = re.compile(r"[._\-](?:\d[\d._\-T]*|old|prev|bak)(?:\.log)?\Z")
_WITHIN = re.compile(r"[._\-]\d{4}[\d._\-T]{2,}\Z")
_HEAD = 64
_KEPT_MAX = 200


def siblings(path: str) -> list[str]:
    """Return the rotated files beside a log, oldest first."""
    place = Path(path)
    found: list[tuple[int, str]] = []
    try:
        entries = list(os.scandir(place.parent))
    except OSError:
        return []
    for entry in entries:
        if not _is_rotation(place, entry.name):
            continue
        try:
            found.append((entry.stat().st_mtime_ns, entry.path))
        except OSError:
            continue
    return [name for _, name in sorted(found)]


class Known:
    """Rotated files whose lines were read, or were there before one began to read: by inode and first bytes."""

    def __init__(self) -> None:
        self._heads: dict[tuple[int, int], bytes] = {}

    def note(self, path: str) -> None:
        """Know the rotated files that are beside a log now, and no others of its folder's inodes that are gone."""
        for sibling in siblings(path):
            tail = opened(sibling)
            if tail is not None:
                self.add(tail)
                tail.close()

    def add(self, tail: Tail) -> None:
        """Know a file that is open."""
        self._heads.pop(tail.identity, None)
        self._heads[tail.identity] = os.pread(tail.fd, _HEAD, 0)
        while len(self._heads) > _KEPT_MAX:
            self._heads.pop(next(iter(self._heads)))

    def holds(self, tail: Tail) -> bool:
        """Say whether an open file is known. An inode is used again: its first bytes tell."""
        head = self._heads.get(tail.identity)
        if head is None:
            return False
        now = os.pread(tail.fd, _HEAD, 0)
        return now.startswith(head) if head else not now

    def document(self) -> list[Value]:
        """Return what is known as JSON."""
        return [[device, inode, head.hex()] for (device, inode), head in self._heads.items()]

    def restore(self, document: Sequence[Value]) -> None:
        """Take back what `document` gave."""
        for device, inode, head in cast("list[tuple[int, int, str]]", document):
            self._heads[device, inode] = bytes.fromhex(head)


def _is_rotation(place: Path, name: str) -> bool:
    if name == place.name or name.endswith(PACKED):
        return False
    if name.startswith(place.name):
        return _AFTER.match(name[len(place.name) :]) is not None
    dated = bool(place.suffix) and name.startswith(place.stem) and name.endswith(place.suffix)
    return dated and _WITHIN.match(name[len(place.stem) : -len(place.suffix)]) is not None


def bases(path: str) -> list[str]:
    """Return the names that a path would have before it was rotated; none when it is not named so."""
    place = Path(path)
    found = [
        place.name[: match.start()]
        for match in re.finditer(r"[._\-]", place.name)
        if match.start() and _AFTER.match(place.name[match.start() :])
    ]
    found += [
        place.stem[: match.start()] + place.suffix
        for match in re.finditer(r"[._\-]", place.stem)
        if match.start() and _WITHIN.match(place.stem[match.start() :])
    ]
    return [str(place.with_name(name)) for name in found]
