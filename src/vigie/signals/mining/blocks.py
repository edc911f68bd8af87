"""Templates of a whole log: blocks of bytes in, rows of CSV out. It takes the compiled reader where that is installed."""

import re
from array import array
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vigie.signals.mining.patterns import Pattern, Patterns

if TYPE_CHECKING:
    from vigie.signals.mining.fast import FastReader

_BLOCK_FIRST, _BLOCK_MAX = 16_384, 1 << 20
_QUICK_MAX = 200_000
_ROWS = 16_384
_DIGITS = re.compile(rb"(?<![A-Za-z0-9])\d+(?![A-Za-z])|(?<=_)\d+")
HEADER = b"LineId,EventTemplate\n"


def can_be_fast() -> bool:
    """Return whether the extra `signals` is installed."""
    return find_spec("numba") is not None and find_spec("numpy") is not None


class BlockMiner:
    """Mines one log. Feed it bytes with `take`, then ask for `rows`; memory is four bytes a line, and the templates."""

    def __init__(self, *, fast: bool | None = None, cache: Path | None = None) -> None:
        self.patterns = Patterns()
        self.is_fast = can_be_fast() if fast is None else fast
        self._reader: FastReader | _PlainReader = (
            _fast_reader(self.patterns, cache) if self.is_fast else _PlainReader(self.patterns)
        )
        self._numbers: list[Any] = []
        self._rest: list[bytes] = []
        self._size = _BLOCK_FIRST

    def take(self, data: bytes) -> None:
        """Take the next bytes of the log, whole lines or not."""
        cut = data.rfind(b"\n") + 1
        if not cut:
            self._rest.append(data)
            return
        whole = b"".join([*self._rest, memoryview(data)[:cut]])
        self._rest = [data[cut:]] if cut < len(data) else []
        place = 0
        while place < len(whole):
            stop = whole.rfind(b"\n", place, place + self._size) + 1 or whole.find(b"\n", place) + 1
            self._numbers.append(self._reader.read(whole[place:stop]))
            place = stop
            # The first lines are mostly new; a small block lets what they taught serve the next ones.
            self._size = min(2 * self._size, _BLOCK_MAX)

    def finish(self) -> "Mined":
        """Say that the log ends here; return what was found."""
        if any(self._rest):
            self.take(b"\n")
        return Mined(self.patterns, self._numbers, self._reader.finish(), fast=self.is_fast)


class Mined:
    """The templates of a log, line by line."""

    def __init__(self, patterns: Patterns, numbers: list[Any], roots: Any, *, fast: bool) -> None:
        self._numbers = numbers
        self._roots = roots
        self._fast = fast
        self.lines = sum(len(some) for some in numbers)
        self.templates = [pattern.root().text() for pattern in patterns.all]

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return, for every template, how many lines it has and which is the first, counted from 1."""
        found: dict[str, tuple[int, int]] = {}
        line = 0
        for some in self._numbers:
            for number in some.tolist():
                line += 1
                text = self.templates[number]
                count, first = found.get(text, (0, line))
                found[text] = (count + 1, first)
        return found

    def csv(self) -> Iterator[bytes | memoryview]:
        """Give the rows `LineId,EventTemplate`, in pieces."""
        yield HEADER
        cells = [_cell(text) for text in self.templates]
        rows = self._fast_rows(cells) if self._fast else self._plain_rows(cells)
        yield from rows

    def _plain_rows(self, cells: Sequence[bytes]) -> Iterator[bytes]:
        line = 1
        for some in self._numbers:
            yield b"".join([b"%d,%b\n" % (at, cells[number]) for at, number in enumerate(some, line)])
            line += len(some)

    def _fast_rows(self, cells: Sequence[bytes]) -> Iterator[memoryview]:
        from vigie.signals.mining import fast

        texts, begins = fast.joined(list(cells))
        line = 1
        for some in self._numbers:
            for start in range(0, len(some), _ROWS):
                part = some[start : start + _ROWS]
                yield fast.csv_of(part, line, texts, begins)
                line += len(part)


class _PlainReader:
    """The same without the compiler: one look into a dictionary for a line like one before, the lexer for the others."""

    def __init__(self, patterns: Patterns) -> None:
        self._patterns = patterns
        self._quick: dict[bytes, Pattern] = {}

    def read(self, block: bytes) -> "array[int]":
        """Return the pattern number of every line of a block."""
        quick, learn, shape = self._quick, self._patterns.learn, _DIGITS.sub
        numbers = array("i")
        for line in block[:-1].split(b"\n"):
            message = line.rstrip(b"\r ")
            key = shape(b"0", message)
            known = quick.get(key)
            if known is None:
                known = learn(message)
                if known.is_settled():
                    if len(quick) >= _QUICK_MAX:
                        quick.clear()
                    quick[key] = known
            numbers.append(known.number)
        return numbers

    def finish(self) -> None:
        """Look at everything once more."""
        self._patterns.settle()


def _fast_reader(patterns: Patterns, cache: Path | None) -> "FastReader":
    from vigie.signals.mining import fast

    fast.prepare(cache)
    return fast.FastReader(patterns)


def _cell(text: str) -> bytes:
    quoted = '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text
    return quoted.encode("utf-8", "replace")
