"""What the conversation is used for, counted: no words, no names, so that it outlives a forgotten session."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

# The Keystroke-Level Model: seconds for a key of an average typist, and to make up one's mind (Card, Moran and Newell 1980).
_KEY_S = 0.28
_MIND_S = 1.35
# A word of its own repeated on the next host: recalled, not typed.
_RECALL_KEYS = 2


@dataclass(frozen=True, slots=True)
class Use:
    """One day's requests of one kind, intent and class. `hosts`: lines that ran and ended well; `saved_s` may be below 0."""

    day: date
    kind: str
    intent: str
    effect_class: str
    asked: int
    succeeded: int
    hosts: int
    saved_s: float
    understand_s: float


def saved_s(words: str, total_s: float, lines: Iterable[tuple[str, str, float]]) -> float:
    """Estimate what asking saved over signing in to each host and typing the line there.

    Args:
        words: what was typed to ask.
        total_s: how long the answer took.
        lines: for each host where the line ended well: host, line, seconds that it ran.

    Returns:
        seconds; what the line itself takes is needed either way. Below 0 where asking took longer.

    Source: the Keystroke-Level Model, Card, Moran and Newell 1980.
    """
    by_hand = 0.0
    known: set[str] = set()
    for host, line, ran_s in lines:
        keys = _RECALL_KEYS if line in known else len(line) + 1
        known.add(line)
        by_hand += _typed(len(f"ssh {host}") + 1) + _typed(keys) + ran_s
    return round(by_hand - _typed(len(words) + 1) - total_s, 1) if known else 0.0


def _typed(keys: int) -> float:
    return _MIND_S + keys * _KEY_S
