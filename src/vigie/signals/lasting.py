"""Tells of a series only what lasts: one number may be a hiccup; pure."""

from dataclasses import dataclass
from datetime import datetime

from vigie.signals import sentence
from vigie.signals.metric import YOUNG, MetricModel, Verdict

_TELLING = 0.5
_SUSTAINED = 3


@dataclass(frozen=True, slots=True)
class Change:
    """A series is out of the ordinary since `since`; `words` fill the sentence that says how."""

    since: datetime
    count: int
    confidence: float
    words: dict[str, str]


class LastingChange:
    """One series. What is told is beyond what it knew three times in a row.

    Args:
        telling: the score from which on it is worth telling.
        known_from: how many numbers must be known first.
    """

    def __init__(self, telling: float = _TELLING, known_from: int = YOUNG) -> None:
        self._telling = telling
        self._known_from = known_from
        self._model = MetricModel()
        self._pending: tuple[Verdict, datetime, dict[str, str]] | None = None
        self._count = 0

    def push(self, value: float, at: datetime) -> Change | None:
        """Take the next finite number; return what has lasted."""
        verdict = self._model.judge(value, at)
        if verdict is not None and verdict.score >= self._telling and self._model.count > self._known_from:
            self._pending, self._count = (verdict, at, sentence.words(verdict, value, self._model.count - 1)), 0
        if self._pending is None:
            return None
        known, since, words = self._pending
        if not known.holds_for(self._model.seen(known.view)):
            self._pending = None
            return None
        self._count += 1
        if self._count < _SUSTAINED:
            return None
        self._pending = None
        return Change(since, self._count, round(min(0.9, 0.4 + known.score / 2), 2), words)
