"""Sees that something is running out while there is still time: one ramp model a resource; pure.

A resource is followed at several paces at once, from minutes to weeks. At each pace the last dozen means tell where it is
heading (Theil-Sen slope, Sen 1968). That alone would cry wolf every morning, when the day's load begins. So what counts is the
headroom above the highest level that was ever ordinary here: a fair share of it must be gone, steadily, and the rest must be
about to go as well.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from statistics import median

from vigie.domain.fact import Value

_PACES = 8
_PACE_STEP = 3
_POINTS = 12
_POINTS_MIN = 8
_SHORTEST = timedelta(minutes=30)
_YOUNG = timedelta(days=1)
_REMEMBERED = timedelta(days=14)
_RECORDS_MAX = 512
# bench/forecasts, 2026-11: where ramps are warned of in time and ordinary days are left in peace.
_LEVEL_MIN, _LEVEL_YOUNG = 0.5, 0.75
_HEADROOM_GONE = 0.2
_STEADY = 0.75
_LASTING = 0.6
_AHEAD = 3.0
# Nothing is left, at several samples running; said again each day that it stays so.
_FULL = 0.99
_FULL_SAMPLES = 3
_FULL_AGAIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Levels and slope in shares of the limit; `full_at` likely lies between `earliest` and `latest`; confidence 0 to 1."""

    at: datetime
    usual: float
    level: float
    slope_per_s: float
    full_at: datetime
    earliest: datetime
    latest: datetime
    confidence: float
    since: datetime


class Ramp:
    """Follows one resource, whose level is a share of its limit: 0 is empty, 1 is full."""

    def __init__(self) -> None:
        self._paces = [_Pace(_PACE_STEP**number) for number in range(_PACES)]
        self._latest: deque[float] = deque(maxlen=3)
        self._first_at: datetime | None = None
        self._last_at: datetime | None = None
        self._over_below: float | None = None
        self._ordinary_max = 1.0
        self._full_since: datetime | None = None
        self._full_samples = 0
        self._full_told_at: datetime | None = None

    def full_since(self) -> datetime | None:
        """Return since when nothing is left, where that is to be told now: no rise announced it, or it has lasted for a day."""
        if self._full_since is None or self._last_at is None or self._full_samples < _FULL_SAMPLES:
            return None
        told_at = self._full_told_at
        if told_at is None and self._over_below is not None:
            told_at = self._full_told_at = self._last_at  # the rise was told of
        if told_at is not None and self._last_at - told_at < _FULL_AGAIN:
            return None
        self._full_told_at = self._last_at
        return self._full_since

    def push(self, level: float, at: datetime) -> Forecast | None:
        """Take the next sample; return a warning, once a ramp.

        Samples that are no number or older than the last one are passed over.
        """
        if not isfinite(level) or (self._last_at is not None and at <= self._last_at):
            return None
        first = self._first_at = self._first_at or at
        self._last_at = at
        self._latest.append(level)
        level = median(self._latest)  # one sample alone is no trend
        self._note_full(level, at)
        warned: Forecast | None = None
        for pace in self._paces:
            if pace.push(level, at, self._ordinary_max) and warned is None:
                warned = pace.warning(first)
        if self._over_below is not None:
            if level < self._over_below:
                self._over_below, self._ordinary_max = None, 1.0
            return None
        if warned is not None:
            self._over_below, self._ordinary_max = (warned.level + warned.usual) / 2, warned.level
        return warned

    def _note_full(self, level: float, at: datetime) -> None:
        if level < _FULL:
            self._full_since, self._full_samples, self._full_told_at = None, 0, None
        else:
            self._full_since = self._full_since or at
            self._full_samples += 1

    def memory(self) -> list[Value]:
        """Return what must survive a restart, as JSON; the mean that is being taken is begun anew."""
        told: list[Value] = [self._over_below, self._ordinary_max, _seconds(self._full_since), _seconds(self._full_told_at)]
        return [_seconds(self._first_at), _seconds(self._last_at), told, [pace.memory() for pace in self._paces]]

    def remember(self, memory: list[Value]) -> None:
        """Take back what `memory` gave.

        Raises:
            TypeError, ValueError: it is not what `memory` gives.
        """
        first, last, told, paces = memory
        if not isinstance(told, list) or not isinstance(paces, list) or len(paces) != len(self._paces):
            raise ValueError("no memory of a ramp")
        self._first_at, self._last_at = _instant(first), _instant(last)
        self._over_below = None if told[0] is None else _number(told[0])
        self._ordinary_max = _number(told[1])
        self._full_since, self._full_told_at = (_instant(each) for each in (told[2:4] or (None, None)))
        for pace, own in zip(self._paces, paces, strict=True):
            pace.remember(own)


class _Pace:
    """The resource seen as means of so many samples each."""

    def __init__(self, every: int) -> None:
        self._every = every
        self._sum = 0.0
        self._count = 0
        self._began: datetime | None = None
        self._means: deque[tuple[datetime, float]] = deque()
        self._records: deque[tuple[datetime, float]] = deque(maxlen=_RECORDS_MAX)

    def push(self, level: float, at: datetime, ordinary_max: float) -> bool:
        """Return whether a mean was completed; what is above `ordinary_max` will not be taken for an ordinary level."""
        self._began = self._began or at
        self._sum += level
        self._count += 1
        if self._count < self._every:
            return False
        self._means.append((self._began + (at - self._began) / 2, self._sum / self._count))
        self._sum, self._count, self._began = 0.0, 0, None
        if len(self._means) > _POINTS:
            oldest_at, oldest = self._means.popleft()
            self._remember(oldest_at, min(oldest, ordinary_max))
        return True

    def _remember(self, at: datetime, level: float) -> None:
        while self._records and self._records[-1][1] <= level:
            self._records.pop()
        self._records.append((at, level))
        while at - self._records[0][0] > _REMEMBERED:
            self._records.popleft()

    def memory(self) -> list[Value]:
        return [[[_seconds(at), level] for at, level in kept] for kept in (self._means, self._records)]

    def remember(self, memory: Value) -> None:
        if not isinstance(memory, list):
            raise TypeError("no memory of a pace")
        for kept, own in zip((self._means, self._records), memory, strict=True):
            kept.clear()
            kept.extend(_points(own))

    def warning(self, first: datetime) -> Forecast | None:
        """Return the forecast of this pace when it is worth telling."""
        points = self._means
        level = (points[-1][1] + points[-2][1]) / 2 if len(points) >= _POINTS_MIN else 0.0
        if not _LEVEL_MIN <= level < 1:
            return None
        (began, _), (now, _) = points[0], points[-1]
        span = now - began
        is_young = now - first < _YOUNG or not self._records
        highest = self._records[0][1] if self._records else points[0][1]
        if span < _SHORTEST or (is_young and level < _LEVEL_YOUNG) or level - highest < _HEADROOM_GONE * (1 - highest):
            return None
        slopes = _slopes(list(points))
        slope, recent = median(slopes), median(_slopes(list(points)[len(points) // 2 :]))
        steady = sum(each > 0 for each in slopes) / len(slopes)
        if slope <= 0 or recent < _LASTING * slope or steady < _STEADY:
            return None
        return _forecast(list(points), (highest, level), (slope + recent) / 2, steady, slopes)


def _forecast(
    points: Sequence[tuple[datetime, float]], levels: tuple[float, float], slope: float, steady: float, slopes: Sequence[float]
) -> Forecast | None:
    """Return when the rest will be gone, if that is not too far away to be seen from here; `levels`: the usual one, this one."""
    (began, _), (now, _) = points[0], points[-1]
    usual, level = levels
    left_s = (1 - level) / slope
    if left_s > _AHEAD * (now - began).total_seconds():
        return None
    ordered = sorted(each for each in slopes if each > 0)
    fast, slow = ordered[-1 - len(ordered) // 5], ordered[len(ordered) // 5]
    return Forecast(
        at=now,
        usual=usual,
        level=level,
        slope_per_s=slope,
        full_at=now + timedelta(seconds=left_s),
        earliest=now + timedelta(seconds=min(left_s, (1 - level) / fast)),
        latest=now + timedelta(seconds=min(max(left_s, (1 - level) / slow), 10 * left_s)),
        confidence=round(0.5 + 0.45 * (steady - 0.5) / 0.5, 2),
        since=began,
    )


def _slopes(points: Sequence[tuple[datetime, float]]) -> list[float]:
    """Return the slopes between all pairs of points, per second."""
    return [
        (later[1] - sooner[1]) / (later[0] - sooner[0]).total_seconds()
        for number, sooner in enumerate(points)
        for later in points[number + 1 :]
    ]


def _points(memory: Value) -> list[tuple[datetime, float]]:
    if not isinstance(memory, list):
        raise TypeError("no points")
    return [(datetime.fromtimestamp(_number(pair[0]), UTC), _number(pair[1])) for pair in memory if isinstance(pair, list)]


def _number(value: Value) -> float:
    if not isinstance(value, int | float):
        raise TypeError("no number")
    return float(value)


def _seconds(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()


def _instant(value: Value) -> datetime | None:
    return None if value is None else datetime.fromtimestamp(_number(value), UTC)
