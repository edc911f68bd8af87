"""Labelled logs drawn anew from the shelf's: every value another one of the same shape, the words of the templates kept."""

import csv
import random
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_TOKEN = re.compile(r"[A-Za-z0-9]+")
_NUMBER = re.compile(r"\d{2,}")


@dataclass
class Line:
    """A message, the system and template it belongs to, and its text cut at the values: said, value, said, …"""

    system: str
    message: str
    template: str
    pieces: list[str] | None

    def redrawn(self, rng: random.Random) -> str:
        """Return the message with every value another one."""
        if self.pieces is None:
            return renumbered(self.message, rng)
        return "".join(
            _TOKEN.sub(lambda found: _alike(found[0], rng), piece) if place % 2 else piece
            for place, piece in enumerate(self.pieces)
        )


def renumbered(text: str, rng: random.Random) -> str:
    """Return a text with its numbers of two digits and more redrawn."""
    return _NUMBER.sub(lambda found: "".join(rng.choices("123456789", k=len(found[0]))), text)


def systems(folder: Path) -> dict[str, list[Line]]:
    """Return the labelled lines of every system of a folder."""
    found = {}
    for path in sorted(folder.glob("*/*_structured.csv")):
        with path.open(newline="", encoding="utf-8", errors="replace") as rows:
            found[path.parent.name] = [
                _cut(path.parent.name, row["Content"].replace("\n", " "), row["EventTemplate"]) for row in csv.DictReader(rows)
            ]
    return found


def mixed(corpus: dict[str, list[Line]], block: int = 50) -> list[Line]:
    """Return the lines of all systems, some of each in turn."""
    longest = max(len(lines) for lines in corpus.values())
    return [line for start in range(0, longest, block) for lines in corpus.values() for line in lines[start : start + block]]


def easy(lines: list[Line], count: int, rng: random.Random) -> Iterator[tuple[str, Line]]:
    """Give lines over and over, their numbers redrawn."""
    for place in range(count):
        line = lines[place % len(lines)]
        yield (line.message if place < len(lines) else renumbered(line.message, rng)), line


def hostile(lines: list[Line], count: int, rng: random.Random) -> Iterator[tuple[str, Line]]:
    """Give lines over and over, every value redrawn, words too."""
    for place in range(count):
        line = lines[place % len(lines)]
        yield line.redrawn(rng), line


def _cut(system: str, message: str, template: str) -> Line:
    pattern = "(.*?)".join(re.escape(said) for said in template.split("<*>"))
    found = re.fullmatch(pattern, message, re.DOTALL)
    if found is None:
        return Line(system, message, template, None)
    pieces: list[str] = []
    for said, value in zip(template.split("<*>"), [*found.groups(), ""], strict=True):
        pieces += [said, value]
    return Line(system, message, template, pieces)


def _alike(word: str, rng: random.Random) -> str:
    """Return a random word of the same shape; what looks hexadecimal stays so."""
    is_hex = re.fullmatch(r"(?=.*\d)(?=.*[a-fA-F])[0-9a-f]+|(?=.*\d)(?=.*[A-F])[0-9A-F]+", word) is not None
    letters = "abcdef" if is_hex else string.ascii_lowercase
    return "".join(
        rng.choice("123456789") if char.isdigit() else rng.choice(letters.upper() if char.isupper() else letters) for char in word
    )
