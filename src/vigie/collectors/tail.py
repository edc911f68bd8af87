"""One file that grows: complete lines from an offset on, told apart from a file that was cut or replaced under the same name."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from vigie.domain.fact import Value

LINE_MAX = 64 * 1024
CUT_MARK = " […]"
HEAD_MAX = 256
# Fewer bytes than this may well begin two different files.
COPY_HEAD_MIN = 16
MARK_MAX = 64
_CHUNK = 128 * 1024
_BACK_MAX = LINE_MAX


@dataclass(frozen=True, slots=True)
class Line:
    """A complete line of a file; `number` counts from 1."""

    path: str
    text: str
    number: int


@dataclass(slots=True)
class Tail:
    """Where one file has been read to.

    `head` are its first bytes and `mark` those just before `offset`: a file that has others is another file, whatever its
    name or inode. `pending` is the unfinished line after `offset`, of which `dropped` bytes beyond the limit were not kept.
    """

    path: str
    fd: int
    device: int
    inode: int
    offset: int = 0
    number: int = 0
    head: bytes = b""
    mark: bytes = b""
    pending: bytearray = field(default_factory=bytearray)
    dropped: int = 0
    seen: tuple[int, int] = (-1, -1)

    @classmethod
    def open(cls, path: str) -> "Tail | None":
        """Open a regular file; None for anything else.

        Raises:
            OSError: it cannot be opened.
        """
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            os.close(fd)
            return None
        return cls(path, fd, status.st_dev, status.st_ino)

    @property
    def identity(self) -> tuple[int, int]:
        """Return what the kernel knows the file by."""
        return self.device, self.inode

    @property
    def position(self) -> int:
        """Return the first byte that was not read yet."""
        return self.offset + len(self.pending) + self.dropped

    def close(self) -> None:
        """Let the file go."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def skip_to_end(self) -> None:
        """Begin at the last line that is not finished yet; number the lines before it."""
        size = os.fstat(self.fd).st_size
        begin = max(0, size - _BACK_MAX)
        back = os.pread(self.fd, size - begin, begin)
        newline = back.rfind(b"\n")
        self.offset = begin + newline + 1 if newline >= 0 else (0 if begin == 0 else size)
        self.number = _newlines(self.fd, self.offset)
        self.head = os.pread(self.fd, min(HEAD_MAX, self.offset), 0)
        self.mark = os.pread(self.fd, min(MARK_MAX, self.offset), max(0, self.offset - MARK_MAX))

    def rewind(self) -> None:
        """Begin anew: what was read is no longer there."""
        self.offset = self.number = self.dropped = 0
        self.head = self.mark = b""
        self.pending.clear()

    def holds(self, head: bytes, mark: bytes, offset: int) -> bool:
        """Say whether this file's content is the one that had these bytes at its head and before an offset."""
        if os.fstat(self.fd).st_size < offset or os.pread(self.fd, len(head), 0) != head:
            return False
        return os.pread(self.fd, len(mark), offset - len(mark)) == mark

    def begins(self, head: bytes) -> bool:
        """Say whether this file begins as another did, as far as it goes and by enough bytes to tell."""
        span = min(len(head), os.fstat(self.fd).st_size)
        return span >= min(COPY_HEAD_MIN, len(head)) and span > 0 and os.pread(self.fd, span, 0) == head[:span]

    def has_prefix(self, other: "Tail") -> bool:
        """Say whether another file is what this one was when it was shorter: a copy that was made of it."""
        size = os.fstat(other.fd).st_size
        if other.identity == self.identity or size < 1 or size > os.fstat(self.fd).st_size:
            return False
        span = min(HEAD_MAX, size)
        same_head = os.pread(self.fd, span, 0) == os.pread(other.fd, span, 0)
        return same_head and os.pread(self.fd, span, size - span) == os.pread(other.fd, span, size - span)

    def is_idle(self) -> bool:
        """Say whether nothing has happened to the file since it was last read to its end."""
        status = os.fstat(self.fd)
        return (status.st_size, status.st_mtime_ns) == self.seen and status.st_size == self.position

    def read(self) -> tuple[list[Line], bool]:
        """Return the next complete lines, and whether the file is still the same.

        Nothing is kept of a read during which the file was cut or rewritten.
        """
        status = os.fstat(self.fd)
        data = os.pread(self.fd, _CHUNK, self.position) if status.st_size > self.position else b""
        if not self._is_same():
            return [], False
        self.seen = (status.st_size, status.st_mtime_ns)
        return (self._taken(data) if data else []), True

    def flush(self) -> list[Line]:
        """Return the unfinished line as it is: nothing more will come."""
        if not self.pending:
            return []
        return self._finished(b"", ended=False)

    def restore(self, document: Mapping[str, Value]) -> None:
        """Go on from a position."""
        self.head, self.mark, self.offset = content_of(document)
        self.number = int(cast("int", document["number"]))
        self.path = str(document["path"])
        self.dropped = 0
        self.pending.clear()

    def document(self) -> dict[str, Value]:
        """Return the position as JSON."""
        return {
            "path": self.path,
            "dev": self.device,
            "ino": self.inode,
            "offset": self.offset,
            "number": self.number,
            "head": self.head.hex(),
            "mark": self.mark.hex(),
        }

    def _is_same(self) -> bool:
        if os.fstat(self.fd).st_size < self.position:
            return False
        return self.holds(self.head, self.mark, self.offset)

    def _taken(self, data: bytes) -> list[Line]:
        if len(self.head) < HEAD_MAX:
            self.head = os.pread(self.fd, min(HEAD_MAX, self.position + len(data)), 0)
        lines: list[Line] = []
        *whole, rest = data.split(b"\n")
        for part in whole:
            lines += self._finished(part, ended=True)
        room = LINE_MAX - len(self.pending)
        self.pending += rest[:room]
        self.dropped += max(0, len(rest) - room)
        return lines

    def _finished(self, part: bytes, *, ended: bool) -> list[Line]:
        """Close the line under way with its last part."""
        room = LINE_MAX - len(self.pending)
        kept = bytes(self.pending) + part[:room]
        cut = self.dropped > 0 or len(part) > room
        end = b"\n" if ended else b""
        self.offset += len(self.pending) + self.dropped + len(part) + len(end)
        # Of a line that was cut the last bytes were not kept together: its mark is read from the file.
        self.mark = (
            (self.mark + kept + end)[-MARK_MAX:]
            if not cut
            else os.pread(self.fd, min(MARK_MAX, self.offset), max(0, self.offset - MARK_MAX))
        )
        self.number += 1
        self.pending.clear()
        self.dropped = 0
        text = kept.replace(b"\x00", b"").decode("utf-8", "replace").removesuffix("\r")
        if cut:
            text += CUT_MARK
        return [Line(self.path, text, self.number)] if text.strip() else []


def opened(path: str) -> Tail | None:
    """Open a regular file; None when that cannot be done."""
    try:
        return Tail.open(path)
    except OSError:
        return None


def content_of(document: Mapping[str, Value]) -> tuple[bytes, bytes, int]:
    """Return the head, the mark and the offset of a position."""
    return bytes.fromhex(str(document["head"])), bytes.fromhex(str(document["mark"])), int(cast("int", document["offset"]))


def recent(path: str, limit: int) -> list[Line]:
    """Return the last complete lines of a file within so many bytes; none when it cannot be read."""
    tail = opened(path)
    if tail is None:
        return []
    try:
        size = os.fstat(tail.fd).st_size
        begin = max(0, size - limit)
        data = os.pread(tail.fd, size - begin, begin)
    finally:
        tail.close()
    if begin:
        data = data.partition(b"\n")[2]
    found = []
    for raw in data.split(b"\n")[:-1]:
        text = raw[:LINE_MAX].replace(b"\x00", b"").decode("utf-8", "replace").removesuffix("\r")
        if text.strip():
            found.append(Line(path, text, 0))
    return found


def _newlines(fd: int, until: int) -> int:
    """Count the lines before an offset; of a very large file they are not counted."""
    if until > 256 * 1024 * 1024:
        return 0
    count = at = 0
    while at < until:
        data = os.pread(fd, min(1 << 20, until - at), at)
        if not data:
            break
        count += data.count(b"\n")
        at += len(data)
    return count
