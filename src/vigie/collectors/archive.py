"""Logs that are read once, whole: plain or compressed, whatever the files are in truth; bounded in time and memory."""

import bz2
import gzip
import lzma
import os
import stat
import tempfile
import zlib
from array import array
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import IO, BinaryIO, cast

from vigie.domain.errors import BadUsage, Permanent

_BLOCK = 1 << 20
_SAMPLES = 8
_SAMPLE_BYTES = 60_000
_LINE_MAX = 1 << 16
_BINARY = 0.1
# What a compressed log may grow to: beyond, only its beginning is read.
UNPACKED_MAX = 4 << 30
_PACKED = ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\x00", lzma.open))


class Archive:
    """One log file as it is when it is opened: what is written later is not read.

    `cut` says that a compressed one was too large, or ended early, and only its beginning was read.
    """

    def __init__(self, path: str) -> None:
        self.name = path
        self.cut = False
        self._file = _opened(path)
        status = os.fstat(self._file.fileno())
        self.modified_at = _instant(status.st_mtime)
        self._size = status.st_size
        head = os.pread(self._file.fileno(), 4096, 0)
        opener = next((opener for magic, opener in _PACKED if head.startswith(magic)), None)
        if opener is not None:
            self._unpack(opener)
            head = os.pread(self._file.fileno(), 4096, 0)
        if _is_binary(head):
            self.close()
            raise Permanent("logs.binary", path=path)
        self._starts = array("Q")

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

    def sample(self) -> list[bytes]:
        """Return some thousand lines from several places."""
        step = max(_SAMPLE_BYTES, self._size // _SAMPLES)
        found: list[bytes] = []
        for begin in range(0, self._size, step):
            lines = self._read(begin, min(_SAMPLE_BYTES, self._size - begin)).split(b"\n")
            found += [_line(line) for line in (lines[1:-1] if begin else lines[:-1] or lines)]
        return found

    def blocks(self) -> Iterator[list[bytes]]:
        """Yield all lines, in order, many at a time; a line of enormous length is cut."""
        rest, at, line_at = b"", 0, 0
        noting = not self._starts
        while at < self._size and (block := self._read(at, min(_BLOCK, self._size - at))):
            at += len(block)
            *lines, rest = (rest + block).split(b"\n") if len(rest) < 64 * _BLOCK else [rest, block]
            if noting:
                line_at = self._note(lines, line_at)
            yield [_line(line) for line in lines]
        if rest:
            if noting:
                self._note([rest], line_at)
            yield [_line(rest)]

    def lines(self, numbers: Sequence[int]) -> dict[int, str]:
        """Return lines by number, from 1; those that are no longer there are empty."""
        found: dict[int, str] = {}
        for number in sorted(set(numbers)):
            if 1 <= number <= len(self._starts):
                start = self._starts[number - 1]
                end = self._starts[number] - 1 if number < len(self._starts) else self._size
                text = self._read(start, min(_LINE_MAX, end - start))
                found[number] = _line(text.removesuffix(b"\n")).decode("utf-8", "replace")
        return found

    def _note(self, lines: Sequence[bytes], at: int) -> int:
        for line in lines:
            self._starts.append(at)
            at += len(line) + 1
        return at

    def _read(self, at: int, size: int) -> bytes:
        try:
            return os.pread(self._file.fileno(), size, at)
        except OSError as error:
            raise Permanent("logs.unreadable", path=self.name, reason=error) from error

    def _unpack(self, opener: object) -> None:
        target = tempfile.TemporaryFile()  # noqa: SIM115  # it lives as long as the archive
        size = 0
        try:
            with cast("IO[bytes]", opener(self._file)) as packed:  # type: ignore[operator]  # one of _PACKED
                while size < UNPACKED_MAX and (block := packed.read(_BLOCK)):
                    size += target.write(block)
                self.cut = size >= UNPACKED_MAX
        except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, ValueError) as error:
            self.cut = True
            if not size:
                target.close()
                raise Permanent("logs.unreadable", path=self.name, reason=error) from error
        except OSError as error:
            target.close()
            raise Permanent("logs.unreadable", path=self.name, reason=error) from error
        target.flush()
        self._file.close()
        self._file, self._size = cast("BinaryIO", target), size


def _opened(path: str) -> BinaryIO:
    try:
        # Without O_NONBLOCK the opening of a FIFO would wait for ever for somebody who writes.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise BadUsage("logs.missing", path=path) from error
    except (OSError, ValueError) as error:
        raise Permanent("logs.unreadable", path=path, reason=error) from error
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise BadUsage("logs.directory" if stat.S_ISDIR(mode) else "logs.no_file", path=path)
    return os.fdopen(descriptor, "rb")


def _is_binary(head: bytes) -> bool:
    """Say whether what a file begins with is no text; text in UTF-16 is not read either."""
    odd = sum(byte < 9 or 14 <= byte < 27 for byte in head)
    return odd > _BINARY * len(head)


def _line(line: bytes) -> bytes:
    return line[:_LINE_MAX].removesuffix(b"\r")


def _instant(at_s: float) -> datetime:
    try:
        return datetime.fromtimestamp(at_s, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime(1970, 1, 1, tzinfo=UTC)
