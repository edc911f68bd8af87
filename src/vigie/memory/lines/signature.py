"""What is in blocks of lines, as marks: a list of hashes a block, and one index over all blocks of a segment.

The index of a segment is cut in buckets by the first bits of the hash, so that a question reads one small bucket a word and
learns from it, almost without error, which blocks hold the word (an inverted index on hashes; Zobel and Moffat, 2006, section 3).
"""

import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise

BLOCKS = 1024
BUCKETS = 1024
# Of a mark's 32 bits the first ten name its bucket, the next sixteen stand in it beside the places of the blocks.
_SPARE, _SIXTEEN = 6, 16
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
    """Return a block's own list: the hashes of its words and fields, four bytes each, in no order."""
    return array("I", set(map(zlib.crc32, marks))).tobytes()


def may_hold(own: bytes, marks: Iterable[bytes]) -> bool:
    """Say whether the list of a block, or several one after the other, holds one of the marks."""
    for mark in marks:
        sought = array("I", (zlib.crc32(mark),)).tobytes()
        at = own.find(sought)
        while at >= 0 and at % 4:
            at = own.find(sought, at + 1)
        if at >= 0:
            return True
    return False


def buckets(blocks: Sequence["array[int]"]) -> list[bytes]:
    """Return the index of a segment, bucket by bucket, of the hashes of its blocks: the rests, sorted, then the places."""
    entries = [each >> _SPARE << _SIXTEEN | place for place, own in enumerate(blocks) for each in own]
    entries.sort()
    raw = array("Q", entries).tobytes()
    places, rests = bytearray(2 * len(entries)), bytearray(2 * len(entries))
    places[0::2], places[1::2], rests[0::2], rests[1::2] = raw[0::8], raw[1::8], raw[2::8], raw[3::8]
    begins = [bisect_left(entries, bucket << 2 * _SIXTEEN) for bucket in range(BUCKETS + 1)]
    return [bytes(rests[2 * begin : 2 * end] + places[2 * begin : 2 * end]) for begin, end in pairwise(begins)]


def bucket_of(mark: bytes) -> int:
    """Return the bucket in which a mark is looked up."""
    return zlib.crc32(mark) >> _SPARE + _SIXTEEN


def places(bucket: bytes, mark: bytes) -> set[int]:
    """Return the places of the blocks that hold a mark, from its bucket."""
    both = memoryview(bucket).cast("H")
    entries = len(both) // 2
    sought = zlib.crc32(mark) >> _SPARE & 0xFFFF
    begin = bisect_left(both, sought, 0, entries)
    end = bisect_right(both, sought, begin, entries)
    return set(both[entries + begin : entries + end])
