"""What is in blocks of lines, as marks: a sorted list of 24-bit hashes a block, and one index over all blocks of a segment.

The index of a segment is cut in buckets by the first byte of the hash, so that a question reads one small bucket a word and
learns from it, almost without error, which blocks hold the word (an inverted index on hashes; Zobel and Moffat, 2006, section 3).
"""

import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

BLOCKS = 256
BUCKETS = 256
# A mark's hash: the bucket in the first byte, the rest in the next two; the last byte is left to the block's place.
_HASH = 0xFFFFFF00
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
    return f"\0{name}\0{value}".encode("utf-8", "replace")


def bad(word: bytes) -> bytes:
    """Return the mark of a word in a line that is a warning or worse."""
    return b"\0!" + word


def hashes(marks: Iterable[bytes]) -> bytes:
    """Return a block's own list: the hashes of its words and fields, four bytes each, sorted."""
    return array("I", sorted({each & _HASH for each in map(zlib.crc32, marks)})).tobytes()


def may_hold(own: bytes, marks: Iterable[bytes]) -> bool:
    """Say whether the list of a block, or several one after the other, holds one of the marks."""
    for mark in marks:
        sought = array("I", (zlib.crc32(mark) & _HASH,)).tobytes()
        at = own.find(sought)
        while at >= 0 and at % 4:
            at = own.find(sought, at + 1)
        if at >= 0:
            return True
    return False


def buckets(blocks: Sequence["array[int]"]) -> list[bytes]:
    """Return the index of a segment, bucket by bucket, of the sorted hashes of its blocks."""
    at = [0] * len(blocks)
    found = []
    for bucket in range(1, BUCKETS + 1):
        entries: list[int] = []
        for place, own in enumerate(blocks):
            end = bisect_left(own, bucket << 24, at[place]) if bucket < BUCKETS else len(own)
            if end > at[place]:
                entries += [each | place for each in own[at[place] : end]]
                at[place] = end
        entries.sort()
        raw = array("I", entries).tobytes()
        rest = bytearray(2 * len(entries))
        rest[0::2], rest[1::2] = raw[1::4], raw[2::4]
        found.append(bytes(rest) + raw[0::4])
    return found


def bucket_of(mark: bytes) -> int:
    """Return the bucket in which a mark is looked up."""
    return zlib.crc32(mark) >> 24


def places(bucket: bytes, mark: bytes) -> set[int]:
    """Return the places of the blocks that hold a mark, from its bucket."""
    entries = len(bucket) // 3
    rest = array("H", bucket[: 2 * entries])
    sought = zlib.crc32(mark) >> 8 & 0xFFFF
    begin = bisect_left(rest, sought)
    return set(bucket[2 * entries + begin : 2 * entries + bisect_right(rest, sought, begin)])
