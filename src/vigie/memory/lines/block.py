"""One block of kept lines as bytes: the texts, when each was written, and what is known of each; compressed."""

import json
import zlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A block as it was packed; its texts are one, a line each."""

    at_s: Sequence[float]
    about: Sequence[int]
    kinds: Sequence[About]
    text: bytes


def unpacked(body: bytes) -> Unpacked:
    """Return what `packed` was given."""
    whole = zlib.decompress(body)
    head = array("I", whole[: 4 * _LENGTHS])
    at = 4 * _LENGTHS
    kinds = [About(*kind) for kind in json.loads(whole[at : at + head[0]])]
    at += head[0]
    at_s = array("d", whole[at : at + 8 * head[1]])
    at += 8 * head[1]
    about = array("H", whole[at : at + 2 * head[1]])
    return Unpacked(at_s, about, kinds, whole[at + 2 * head[1] :])


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
