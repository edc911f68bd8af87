"""Groups lines that say the same with other values, as they come: the online miner of the pipeline, with bounded memory.

It stands on the lexer and the patterns of `mining/`, like the miner of whole files.
"""

import hashlib
import re
from collections import OrderedDict
from dataclasses import dataclass

from vigie.signals.mining.patterns import MASK, Pattern, Patterns
from vigie.signals.mining.words import TEXT_MAX

__all__ = ["MASK", "Miner", "Template", "masked", "shape_of"]

# Whole hexadecimal words, UUIDs, and digits wherever they stand: to the lexer they are alike once a pattern is settled.
_DIGITS = re.compile(
    r"(?<![\w./\\+\-])(?:(?=[0-9a-f]*[0-9])[0-9a-f]{4,}|(?=[0-9A-F]*[0-9])[0-9A-F]{4,}"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![\w./\\+\-])|[0-9]+"
)

_VARIABLE = re.compile(
    r"\"[^\"\n]{0,512}\"|'[^'\n]{0,512}'(?![A-Za-z])|`[^`\n]{0,512}`"  # quoted values
    r"|\b[a-z][a-z0-9+.\-]*://[^\s\"'<>]+"  # addresses
    r"|\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"  # UUIDs
    r"|\b(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?:/\d{1,2})?\b|\b(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{1,4}\b"  # addresses
    r"|\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?[\d.,Z+:\-]*)?\b|\b\d{2}:\d{2}:\d{2}(?:[.,]\d+)?\b"  # times
    r"|\b0x[0-9a-fA-F]+\b|\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,64}\b"  # hexadecimal
    r"|(?<![\w/])(?:/[\w.@+\-]+){2,}/?"  # paths
    r"|[\w.+\-]+@[\w\-]+\.[\w.\-]+"  # mail
    r"|(?<![A-Za-z])[+-]?\d+(?:[.,:]\d+)*(?:%|[a-zA-Z]{1,2}\b)?"  # numbers, with a unit
)
_MASKS = re.compile(r"(?:<\*>)(?:[,;|/ ]*<\*>)+")


@dataclass(slots=True, eq=False)
class Template:
    """What many lines say. `key` is stable for as long as the miner lives; `count` are the lines seen."""

    key: str
    pattern: Pattern
    count: int = 0

    @property
    def text(self) -> str:
        """Return the template as people read it."""
        return self.pattern.root().text() or MASK


def shape_of(message: str) -> str:
    """Return a message without its numbers: quickest and roughest of all."""
    return _DIGITS.sub("0", message[:TEXT_MAX])


def masked(message: str) -> str:
    """Return a message without what plainly varies by its shape alone: quicker than a template, and rougher."""
    return _MASKS.sub(MASK, _VARIABLE.sub(MASK, message[:TEXT_MAX]))


class Miner:
    """Finds the template of each message. At most `limit` templates are kept; those longest unseen are forgotten."""

    def __init__(self, limit: int = 4000) -> None:
        self._limit = limit
        self._patterns = Patterns()
        self._quick: OrderedDict[str, Template] = OrderedDict()
        self._templates: OrderedDict[Pattern, Template] = OrderedDict()

    def __len__(self) -> int:
        """Return how many templates are kept."""
        return len(self._templates)

    def template(self, message: str) -> Template:
        """Return the template of a message, counted; it may have become more general by it."""
        shape = shape_of(message)
        known = self._quick.get(shape)
        if known is None:
            known = self._found(message)
            if known.pattern.is_settled():
                self._quick[shape] = known
                if len(self._quick) > self._limit:
                    self._quick.popitem(last=False)
        elif known.pattern.parent is not None:  # another took it in meanwhile
            known = self._quick[shape] = self._of(known.pattern.root())
        known.count += 1
        self._templates.move_to_end(known.pattern)
        return known

    def _found(self, message: str) -> Template:
        pattern = self._patterns.learn(message[: TEXT_MAX + 1].encode("utf-8", "replace"))
        for other in self._patterns.changed:
            taken = self._templates.pop(other, None) if other.parent is not None else None
            if taken is not None:
                self._of(other.root()).count += taken.count
        self._patterns.changed = []
        return self._of(pattern)

    def _of(self, pattern: Pattern) -> Template:
        known = self._templates.get(pattern)
        if known is None:
            first = "\0".join(pattern.pieces)
            known = Template(hashlib.sha256(first.encode("utf-8", "replace")).hexdigest()[:12], pattern)
            self._templates[pattern] = known
            if len(self._templates) > self._limit:
                self._forget()
        return known

    def _forget(self) -> None:
        """Drop what was not seen for longest, a quarter at a time."""
        kept = max(1, 3 * self._limit // 4)
        while len(self._templates) > kept:
            self._templates.popitem(last=False)
        self._patterns.keep(self._templates)
        for shape in [shape for shape, known in self._quick.items() if known.pattern not in self._templates]:
            del self._quick[shape]
