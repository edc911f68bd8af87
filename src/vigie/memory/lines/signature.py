"""What is in blocks of lines, as marks: a list of hashes a block, and one index over all blocks of a segment.

The index of a segment is cut in buckets by the first bits of the hash, so that a question reads one small bucket a word and
learns from it, almost without error, which blocks hold the word (an inverted index on hashes; Zobel and Moffat, 2006, section 3).
"""

import zlib
from array import array
from collections.abc import Collection, Iterable, Iterator

BLOCKS = 1024
BUCKETS = 1024
# Of a mark's 32 bits the first ten name its bucket; the next sixteen stand in it, each before the place of a block.
_IN_BUCKET, _SPARE, _REST = 22, 10, 0xFFFF0000
_ENTRY, _PLACE = 4, 2
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


def hashes(marks: Collection[bytes]) -> bytes:
    """Return a block's own list: the hashes of its words and fields, four bytes each, in no order."""
    return array("I", map(zlib.crc32, marks)).tobytes()


def may_hold(own: bytes, marks: Iterable[bytes]) -> bool:
    """Say whether the list of a block, or several one after the other, holds one of the marks."""
    return any(next(_found(own, array("I", (zlib.crc32(mark),)).tobytes(), 0), -1) >= 0 for mark in marks)


def buckets(blocks: Iterable[Iterable[int]]) -> list[bytes]:
    """Return the index of a segment, bucket by bucket, of the hashes of its blocks: two bytes of a hash, two of a place, each."""
    found = [array("I") for _ in range(BUCKETS)]
    for place, own in enumerate(blocks):
        for each in own:
            found[each >> _IN_BUCKET].append(each << _SPARE & _REST | place)
    return [bucket.tobytes() for bucket in found]


def bucket_of(mark: bytes) -> int:
    """Return the bucket in which a mark is looked up."""
    return zlib.crc32(mark) >> _IN_BUCKET


def places(bucket: bytes, mark: bytes) -> set[int]:
    """Return the places of the blocks that hold a mark, from its bucket."""
    rest = array("I", (zlib.crc32(mark) << _SPARE & _REST,)).tobytes()[_PLACE:]
    return {bucket[at - _PLACE] | bucket[at - 1] << 8 for at in _found(bucket, rest, _PLACE)}


def _found(entries: bytes, sought: bytes, offset: int) -> Iterator[int]:
    """Yield where some bytes stand at an offset of entries of four bytes."""
    at = entries.find(sought)
    while at >= 0:
        if at % _ENTRY == offset:
            yield at
        at = entries.find(sought, at + 1)
