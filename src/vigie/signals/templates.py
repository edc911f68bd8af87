"""Groups lines that say the same with other values: an online miner of templates with bounded memory.

Values that are plainly variable are masked first; what is left is grouped by length and likeness, as in Drain (He et al., 2017).
"""

import hashlib
import re
from collections import OrderedDict
from dataclasses import dataclass

MASK = "<*>"
_TEXT_MAX = 2048
_TOKENS_MAX = 80
_ALIKE = 0.55
_GROUP_MAX = 60
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


@dataclass(slots=True)
class Template:
    """What many lines say. `key` is stable for as long as the miner lives; `count` are the lines seen."""

    key: str
    tokens: list[str]
    count: int = 0
    group: tuple[int, str] = (0, "")
    texts: int = 0

    @property
    def text(self) -> str:
        """Return the template as people read it."""
        return " ".join(self.tokens)


def masked(message: str) -> str:
    """Return a message with its plainly variable parts replaced."""
    return _MASKS.sub(MASK, _VARIABLE.sub(MASK, message[:_TEXT_MAX]))


class Miner:
    """Finds the template of each message. At most `limit` templates are kept; those longest unseen are forgotten."""

    def __init__(self, limit: int = 4000) -> None:
        self._limit = limit
        self._groups: dict[tuple[int, str], list[Template]] = {}
        self._by_text: OrderedDict[str, Template] = OrderedDict()

    def __len__(self) -> int:
        """Return how many templates are kept."""
        return sum(len(group) for group in self._groups.values())

    def template(self, message: str) -> Template:
        """Return the template of a message, counted; it may have become more general by it."""
        text = masked(message)
        known = self._by_text.get(text)
        if known is None:
            known = self._place(text)
            self._by_text[text] = known
            known.texts += 1
            self._forget()
        else:
            self._by_text.move_to_end(text)
        known.count += 1
        return known

    def _place(self, text: str) -> Template:
        tokens = text.split()[:_TOKENS_MAX] or [MASK]
        head = tokens[0] if MASK not in tokens[0] else MASK
        group = self._groups.setdefault((len(tokens), head), [])
        best, likeness = None, _ALIKE
        for template in group:
            same = sum(mine == theirs for mine, theirs in zip(tokens, template.tokens, strict=True)) / len(tokens)
            if same > likeness or (same == likeness and best is None):
                best, likeness = template, same
        if best is not None and len(tokens) > 3:  # with fewer words one that differs makes another meaning
            best.tokens = [mine if mine == theirs else MASK for mine, theirs in zip(tokens, best.tokens, strict=True)]
            return best
        template = Template(hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12], tokens, group=(len(tokens), head))
        group.append(template)
        if len(group) > _GROUP_MAX:
            self._drop(group.pop(0))
        return template

    def _forget(self) -> None:
        while len(self._by_text) > self._limit:
            _, oldest = self._by_text.popitem(last=False)
            oldest.texts -= 1
            if not oldest.texts:
                self._remove(oldest)

    def _remove(self, template: Template) -> None:
        group = [other for other in self._groups.get(template.group, ()) if other is not template]
        if group:
            self._groups[template.group] = group
        else:
            self._groups.pop(template.group, None)

    def _drop(self, template: Template) -> None:
        for text in [text for text, known in self._by_text.items() if known is template]:
            del self._by_text[text]
