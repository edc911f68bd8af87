"""One block of kept lines as bytes: the texts, when each was written, and what is known of each; compressed."""

import json
import zlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

_LEVEL = 1
_LENGTHS = 2


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a line besides its text; many lines share one."""

    level: str = "info"
    service: str = ""
    template: str = ""


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines of one source, column by column, all of the same length.

    `at_s` are seconds since 1970; `about[i]` says which of `kinds` line i is.
    """

    at_s: Sequence[float]
    texts: Sequence[bytes]
    about: Sequence[int]
    kinds: Sequence[About]

    def part(self, begin: int, end: int) -> "Lines":
        """Return some of the lines, with the kinds that they use and no others."""
        about = self.about[begin:end]
        used = {number: place for place, number in enumerate(dict.fromkeys(about))}
        return Lines(
            self.at_s[begin:end],
            self.texts[begin:end],
            array("H", (used[number] for number in about)),
            [self.kinds[number] for number in used],
        )


def packed(lines: Lines) -> bytes:
    """Return a block's bytes."""
    kinds = json.dumps([[kind.level, kind.service, kind.template] for kind in lines.kinds]).encode()
    text = b"\n".join(lines.texts)
    if text.count(b"\n") != len(lines.texts) - 1:
        text = b"\n".join(each.replace(b"\n", b" ") for each in lines.texts)
    head = array("I", (len(kinds), len(lines.texts))).tobytes()
    return zlib.compress(head + kinds + array("d", lines.at_s).tobytes() + array("H", lines.about).tobytes() + text, _LEVEL)


class Unpacked:
    """A block as it was packed; its texts are one, a line each. What is known of the lines is read once it is asked for."""

    def __init__(self, whole: bytes) -> None:
        kinds, self._count = array("I", whole[: 4 * _LENGTHS])
        self._whole = whole
        self._times_at = 4 * _LENGTHS + kinds
        self._about_at = self._times_at + 8 * self._count
        self.text = whole[self._about_at + 2 * self._count :]

    @cached_property
    def at_s(self) -> "array[float]":
        """Return when each line was written, in seconds since 1970."""
        return array("d", self._whole[self._times_at : self._about_at])

    @cached_property
    def about(self) -> "array[int]":
        """Return which of the kinds each line is."""
        return array("H", self._whole[self._about_at : self._about_at + 2 * self._count])

    @cached_property
    def kinds(self) -> list[About]:
        """Return the kinds of the lines."""
        return [About(*kind) for kind in json.loads(self._whole[4 * _LENGTHS : self._times_at])]


def unpacked(body: bytes) -> Unpacked:
    """Return what `packed` was given."""
    return Unpacked(zlib.decompress(body))


def joined(bodies: Sequence[bytes]) -> bytes:
    """Return one block's bytes of those of its parts, in order."""
    kinds: dict[About, int] = {}
    at_s, about, texts = array("d"), array("H"), []
    for part in map(unpacked, bodies):
        own = [kinds.setdefault(kind, len(kinds)) for kind in part.kinds]
        at_s.extend(part.at_s)
        about.extend(own[number] for number in part.about)
        texts += part.text.split(b"\n")
    return packed(Lines(at_s, texts, about, list(kinds)))
