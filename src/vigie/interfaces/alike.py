"""Lines like one that somebody shows: those whose wordings are like its own; `signals/likeness.py` judges."""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vigie.signals import likeness
from vigie.signals.templates import masked

if TYPE_CHECKING:
    from vigie.memory.lines.store import LineStore, Question

_LINE = re.compile(r"[0-9]{1,15}:[0-9]{1,5}")
_TEMPLATE = re.compile(r"[0-9a-f]{12}")
_ALIKE_MAX = 40
_LATEST = 5000


@dataclass(frozen=True, slots=True)
class Alike:
    """What was shown, and the wordings that are like it: id and text of each, and how much alike (0..1), the most first."""

    said: str
    found: tuple[tuple[str, str, float], ...]

    def document(self) -> dict[str, Any]:
        """Return it as the API tells it."""
        return {"said": self.said, "templates": [{"id": name, "text": text, "score": score} for name, text, score in self.found]}


def narrowed(store: "LineStore", question: "Question", shown: str) -> "tuple[Question, Alike]":
    """Return a question that is about lines like one that is shown: the id of a line or of a template, or any words.

    Raises:
        Permanent: there is no line of this id.
    """
    said = _said(store, question, shown.strip())
    known = store.wordings(question.hosts)[:_LATEST]
    near = likeness.wordings(tuple(text for _, text in known)).nearest(said, limit=_ALIKE_MAX)
    found = tuple((*known[place], score) for place, score in near)
    texts = tuple(dict.fromkeys(text for name, _, _ in found for text in store.texts_of(name)))
    return replace(question, texts=texts), Alike(said, found)


def _said(store: "LineStore", question: "Question", shown: str) -> str:
    if _LINE.fullmatch(shown):
        (hit,) = store.context(shown, 0, question.hosts)
        return hit.about.template or masked(hit.text)
    if _TEMPLATE.fullmatch(shown):
        return next((text for name, text in store.wordings(question.hosts) if name == shown), shown)
    return masked(shown)
