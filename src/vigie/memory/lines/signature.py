"""What may be in a block of lines, in few bits: a Bloom filter a block, and many of them side by side to be asked at once.

The filters of a segment's blocks are kept turned on their side (Goodwin and others, BitFunnel, 2017): for each bit of the filter
one row with a bit a block, so that a question reads a few rows, not all filters.
"""

import zlib
from array import array
from collections.abc import Iterable, Sequence

BLOCKS = 256
ROW = BLOCKS // 8
_ROWS = 1 << 16
# Capital letters become small ones, what is in no word becomes a space.
_LETTERS = bytes(
    ord(chr(byte).lower()) if chr(byte).isascii() and (chr(byte).isalnum() or byte == ord("_")) else byte if byte >= 128 else 32
    for byte in range(256)
)


def words(text: bytes) -> list[bytes]:
    """Return the words of a text, as they are looked for: in small letters."""
    return text.translate(_LETTERS).split()


def field(name: str, value: str) -> bytes:
    """Return the mark of a field, which no word of a text can be."""
    return f"\0{name}\0{value}".encode()


def bad(word: bytes) -> bytes:
    """Return the mark of a word in a line that is a warning or worse."""
    return b"\0!" + word


def hashes(marks: Iterable[bytes]) -> bytes:
    """Return a block's own filter: the hashes of its words and fields, four bytes each."""
    return array("I", set(map(zlib.crc32, marks))).tobytes()


def bits(mark: bytes) -> tuple[int, int]:
    """Return the two rows in which one word or field is marked: the halves of its hash."""
    hashed = zlib.crc32(mark)
    return hashed & 0xFFFF, hashed >> 16


def may_hold(filter_: bytes, marks: Iterable[bytes]) -> bool:
    """Say whether a block's own filter holds all the marks."""
    for mark in marks:
        sought = array("I", (zlib.crc32(mark),)).tobytes()
        at = filter_.find(sought)
        while at >= 0 and at % 4:
            at = filter_.find(sought, at + 1)
        if at < 0:
            return False
    return True


def turned(filters: Sequence[bytes]) -> bytes:
    """Return the filters of a segment side by side: row after row, each with a bit a block."""
    rows = bytearray(_ROWS * ROW)
    for byte in range(ROW):
        column = bytearray(_ROWS)
        for place, filter_ in enumerate(filters[8 * byte : 8 * byte + 8]):
            bit = 1 << place
            for half in array("H", filter_):
                column[half] |= bit
        rows[byte::ROW] = column
    return bytes(rows)
