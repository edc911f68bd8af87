"""Reads blocks of lines into pattern numbers without an object a line: tables in compiled code, patterns for what is new.

Needs the extra `signals`; `blocks.py` chooses it where it is there.
"""

from pathlib import Path
from typing import Any

import numpy as np

from vigie.signals.mining import kernels
from vigie.signals.mining.patterns import Lexed, Pattern, Patterns
from vigie.signals.mining.words import CLASSES, CLOSED_CODES, DATE_CODES, TOKENS_MAX

_CLASSES = np.frombuffer(CLASSES, np.uint8)
_DATES = np.array(DATE_CODES, np.int64)
_CLOSED = np.array(CLOSED_CODES, np.int64)
_FEW = 64


def _scratch() -> tuple[Any, ...]:
    size = TOKENS_MAX + 8
    return (*(np.zeros(size, np.int64) for _ in range(5)), np.zeros(2, np.int64))


class CompiledLexed(Lexed):
    """One message cut by the compiled lexer."""

    def __init__(self) -> None:
        super().__init__()
        self._scratch = _scratch()

    def read(self, message: bytes) -> int:
        """Cut a message; return its key."""
        counts = kernels.read_one(np.frombuffer(message, np.uint8), _CLASSES, _DATES, _CLOSED, self._scratch)
        self.tokens, self.slots = counts >> 16, counts & 65535
        self.kinds, self.starts, self.ends, codes, values, keys = self._scratch
        self.codes, self.values, self.keys = codes[: self.slots].tolist(), values[: self.slots].tolist(), keys.tolist()
        return self.keys[0]


class FastReader:
    """Turns blocks into pattern numbers; what no table knows goes to the patterns, one object each."""

    def __init__(self, patterns: Patterns) -> None:
        self._patterns = patterns
        patterns.lexed = CompiledLexed()
        quick, keys = 1 << kernels.QUICK_BITS, 1 << kernels.KEY_BITS
        self._tables = (
            _CLASSES,
            _DATES,
            _CLOSED,
            np.zeros(quick, np.int64),
            np.zeros(quick, np.int32),
            np.zeros(keys, np.int64),
            np.zeros(keys, np.int32),
        )
        self._fill = np.zeros(2, np.int64)
        self._scratch = _scratch()
        self._offsets, self._roots = np.zeros(1024, np.int64), np.zeros(1024, np.int32)
        self._codes, self._values = np.zeros(16384, np.int64), np.zeros(16384, np.int64)
        self._varied = np.zeros(16384, np.uint8)
        self._synced = self._slots = 0
        self._index = _index_of([])

    def read(self, block: bytes) -> Any:
        """Return the pattern number of every line of a block, as int32; each line ends with a newline."""
        padded = np.frombuffer(block + bytes(16 + -len(block) % 8), np.uint8)
        ends = np.flatnonzero(padded[: len(block)] == 10)
        numbers = np.empty(len(ends), np.int32)
        missed = np.empty(len(ends), np.int32)
        shape = (self._offsets, self._codes, self._values, self._varied, self._roots)
        words = padded.view(np.uint64)
        count = kernels.look_up(padded, words, ends, self._tables, shape, self._index, self._scratch, self._fill, numbers, missed)
        if count:
            self._learn(block, ends, numbers, missed[:count].tolist())
        return numbers

    def finish(self) -> Any:
        """Look at everything once more; return, for every pattern number, that of the pattern that took it in."""
        self._patterns.settle()
        self._sync()
        for pattern in self._patterns.all:
            offset = int(self._offsets[pattern.number])
            root = pattern.root()
            for slot, varied in enumerate(self._varied[offset : offset + len(pattern.codes)].tolist()):
                if varied:
                    root.varied[slot] = True
        return self._roots[: self._synced]

    def _learn(self, block: bytes, ends: Any, numbers: Any, missed: list[int]) -> None:
        learn, keys = self._patterns.learn, self._patterns.lexed
        for line in missed:
            start = int(ends[line - 1]) + 1 if line else 0
            pattern = learn(block[start : int(ends[line])].rstrip(b"\r "))
            numbers[line] = pattern.number
            if pattern is not self._patterns.overflow:
                self._remember(keys.keys[0] | 1, pattern.number)
        self._sync()

    def _remember(self, key: int, number: int) -> None:
        table, numbers = self._tables[5], self._tables[6]
        mask = (1 << kernels.KEY_BITS) - 1
        place = (key ^ (key >> 31)) & mask
        while table[place] and table[place] != key:
            place = (place + 1) & mask
        if not table[place]:
            if self._fill[1] >= (1 << kernels.KEY_BITS) * 3 // 4:
                return
            self._fill[1] += 1
        table[place], numbers[place] = key, number

    def _sync(self) -> None:
        """Bring the flat columns up to what the patterns have become."""
        patterns = self._patterns
        for pattern in patterns.all[self._synced :]:
            self._append(pattern)
        changed, patterns.changed = patterns.changed, []
        if not changed:
            return
        for pattern in changed:
            self._roots[pattern.number] = pattern.root().number
            offset = int(self._offsets[pattern.number])
            stop = offset + len(pattern.codes)
            self._codes[offset:stop] = pattern.codes
            self._varied[offset:stop] |= np.array(pattern.varied, np.uint8)
        roots = self._roots[: self._synced]
        while True:
            further = roots[roots]
            if (further == roots).all():
                break
            roots[:] = further
        self._index = _index_of(patterns.groups())

    def _append(self, pattern: Pattern) -> None:
        number, slots = pattern.number, len(pattern.codes)
        if number >= len(self._offsets):
            self._offsets, self._roots = _doubled(self._offsets), _doubled(self._roots)
        while self._slots + slots > len(self._codes):
            self._codes, self._values, self._varied = _doubled(self._codes), _doubled(self._values), _doubled(self._varied)
        start, stop = self._slots, self._slots + slots
        self._offsets[number], self._roots[number] = start, number
        self._codes[start:stop], self._values[start:stop], self._varied[start:stop] = (
            pattern.codes,
            pattern.values,
            pattern.varied,
        )
        self._slots, self._synced = stop, number + 1


def _doubled(column: Any) -> Any:
    return np.concatenate([column, np.zeros_like(column)])


def _index_of(groups: Any) -> tuple[Any, Any, Any, Any]:
    """Return an open table from frames to their patterns with variable places, most telling first."""
    listed = [(frame, [pattern.number for pattern in some if pattern.wild]) for frame, some in groups]
    listed = [(frame, some) for frame, some in listed if some]
    size = _FEW
    while size < 4 * len(listed):
        size *= 2
    frames, firsts, counts = np.zeros(size, np.int64), np.zeros(size, np.int32), np.zeros(size, np.int32)
    members: list[int] = []
    for frame, some in listed:
        place = (frame ^ (frame >> 31)) & (size - 1)
        while frames[place]:
            place = (place + 1) & (size - 1)
        frames[place], firsts[place], counts[place] = frame, len(members), len(some)
        members += some
    return frames, firsts, counts, np.array(members or [0], np.int32)


def csv_of(numbers: Any, first: int, texts: Any, begins: Any) -> memoryview:
    """Return the rows of lines, numbered from `first`."""
    size = int((begins[1:] - begins[:-1])[numbers].sum()) + len(numbers) * (len(str(first + len(numbers))) + 2)
    out = np.empty(size, np.uint8)
    return memoryview(out)[: kernels.write_rows(numbers, first, texts, begins, out)]  # type: ignore[arg-type, unused-ignore]  # an array is a buffer


def joined(rows: list[bytes]) -> tuple[Any, Any]:
    """Return texts in one column, and where each begins."""
    begins = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=begins[1:])
    return np.frombuffer(b"".join(rows) or b"\0", np.uint8), begins


def prepare(fallback: Path | None) -> None:
    """Choose where what is compiled is kept; call it before the first reader."""
    kernels.choose_folder(fallback)
