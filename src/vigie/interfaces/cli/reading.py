"""Reads a file that a command was given, whatever its bytes, and nothing that has no end."""

import contextlib
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from vigie.domain.errors import Permanent

_BOM = b"\xef\xbb\xbf"


def lines(file: str) -> Iterator[str]:
    r"""Yield the lines of a file, or of the standard input for `-`, without their ends; only `\n` ends one.

    Raises:
        Permanent: `cli.file_unreadable` or `cli.file_endless`.
    """
    _refuse_endless(file)
    try:
        with contextlib.nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb") as source:
            for number, line in enumerate(source):
                text = line.removeprefix(_BOM) if number == 0 else line
                yield text.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "replace")
    except (OSError, ValueError) as error:
        raise _unreadable(file, getattr(error, "strerror", None) or str(error)) from error


def blocks(file: str, size: int = 1 << 20) -> Iterator[bytes]:
    """Yield the bytes of a file, or of the standard input for `-`, piece by piece.

    Raises:
        Permanent: `cli.file_unreadable` or `cli.file_endless`.
    """
    _refuse_endless(file)
    try:
        with contextlib.nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb") as source:
            while block := source.read(size):
                yield block
    except (OSError, ValueError) as error:
        raise _unreadable(file, getattr(error, "strerror", None) or str(error)) from error


def _refuse_endless(file: str) -> None:
    """Raise for a device, a pipe or a socket, which would be waited for, or read, for ever."""
    if file == "-":
        return
    try:
        mode = Path(file).stat().st_mode
    except (OSError, ValueError) as error:
        raise _unreadable(file, getattr(error, "strerror", None) or str(error)) from error
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise Permanent("cli.file_endless", file=file)


def _unreadable(file: str, reason: str) -> Permanent:
    return Permanent("cli.file_unreadable", file=file, reason=reason)
