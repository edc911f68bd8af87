"""Judges one stream of measured numbers as it comes, with nothing to tune; pure, causal, some ten microseconds a number.

Four views of the stream are kept: the number itself, its level, how restless it is, and how far it is from what this hour of the
week usually brings. What goes beyond everything that a view has seen in a long while is an anomaly, the more so the further.
What was told is told again only when it gets worse, or after a time that grows with what is known of the stream: the longer a
stream has been watched, the more remarkable must be what is worth a person's time.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import isfinite

from vigie.signals.extremes import Extremes

# An excess of so much of the usual range is worth telling: it gives a score of 0.5.  # bench/metrics, 2026-11
_TELLING = 0.12
_KNOWN_FROM = 30
# From so many numbers on a series has a long memory; younger ones are judged by the few that there are.
YOUNG = 300
_QUIET_SHARE = 0.08
_QUIET_MIN, _QUIET_MAX = 30, 1600
_LEVEL = 2 / 33
_WEEKLY = 0.1
_FAR_AWAY = 1e150  # squares and differences of numbers below it stay finite


class View(StrEnum):
    """What of the stream is out of the ordinary."""

    VALUE = "value"
    LEVEL = "level"
    RESTLESS = "restless"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A score of 0 to 1, worth telling from 0.5 on, and which view it is for.

    `low` and `high` are what that view had seen before; `seen` is what it sees now; `is_high` says on which side.
    """

    score: float
    view: View
    is_high: bool
    seen: float
    low: float
    high: float

    def holds_for(self, seen: float) -> bool:
        """Say whether what the view sees later is still beyond what it had seen before."""
        return seen > self.high if self.is_high else seen < self.low


class MetricModel:
    """One stream. Memory is bounded: some thousands of numbers at most."""

    def __init__(self) -> None:
        self._count = 0
        self._level = 0.0
        self._restless = 0.0
        self._last = 0.0
        self._hours: dict[int, tuple[float, int]] = {}
        self._views = {view: Extremes() for view in View}
        self._told: list[tuple[int, float]] = []
        self._now: dict[View, float] = {}

    @property
    def count(self) -> int:
        """Return how many numbers were judged."""
        return self._count

    def seen(self, view: View) -> float:
        """Return what a view saw last.

        Raises:
            KeyError: it has seen nothing yet.
        """
        return self._now[view]

    def judge(self, value: float, at: datetime | None = None) -> Verdict | None:
        """Take the next number and its time; return what is remarkable about it, None for nothing.

        A number that is none, or whose size is beyond 1e150, is passed over. Without a time the weekly view sees nothing.
        """
        if not isfinite(value) or abs(value) > _FAR_AWAY:
            return None
        now, self._count = self._count, self._count + 1
        best: tuple[float, View, float] | None = None
        self._now = self._seen(value, at)
        for view, seen in self._now.items():
            excess = self._views[view].push(seen)
            if excess and (best is None or abs(excess) > abs(best[0])):
                best = (excess, view, seen)
        if best is None or now < _KNOWN_FROM or not self._is_news(abs(best[0]), now):
            return None
        excess, view, seen = best
        low, high = self._views[view].before()
        return Verdict(abs(excess) / (abs(excess) + _TELLING), view, excess > 0, seen, low, high)

    def _seen(self, value: float, at: datetime | None) -> dict[View, float]:
        if self._count == 1:
            self._level, self._last = value, value
        share = max(_LEVEL, 1 / self._count)
        self._level += share * (value - self._level)
        self._restless += share * (abs(value - self._last) - self._restless)
        self._last = value
        return {
            View.VALUE: value,
            View.LEVEL: self._level,
            View.RESTLESS: self._restless,
            View.WEEKLY: 0.0 if at is None else value - self._expected(value, at.weekday() * 24 + at.hour),
        }

    def _expected(self, value: float, hour: int) -> float:
        """Return what this hour of the week brought before; the number itself when it is its first."""
        mean, count = self._hours.get(hour, (value, 0))
        self._hours[hour] = (mean + max(_WEEKLY, 1 / (count + 1)) * (value - mean), count + 1)
        return mean

    def _is_news(self, excess: float, now: int) -> bool:
        quiet = min(max(_QUIET_MIN, _QUIET_SHARE * now), _QUIET_MAX)
        self._told = [told for told in self._told if told[0] > now - quiet]
        if any(told >= excess for _, told in self._told):
            return False
        self._told = [told for told in self._told if told[1] >= excess]
        self._told.append((now, excess))
        return True
