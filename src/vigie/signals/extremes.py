"""How far a number goes beyond everything that a while has seen; pure, about a microsecond a number."""

from collections import deque

# A new record over the last 500 values only is worth a quarter of one over all four.
WINDOWS = (500, 1000, 2000, 4000)
# Twice beyond the whole range that was ever seen is as far as it gets: more makes it no surer.
_FAR_MAX = 2.0
_Records = deque[tuple[int, float]]


class Extremes:
    """The sliding ranges of one stream of finite numbers, over each of `WINDOWS` at once."""

    def __init__(self) -> None:
        self._count = 0
        self._high: _Records = deque()
        self._low: _Records = deque()
        self._range: tuple[float, float] | None = None

    def push(self, value: float) -> float:
        """Take the next number; return its excess over the numbers before it, as a share of their range.

        0 within the range; positive above, negative below; the mean over the windows, each at most twice the range.
        """
        now, self._count = self._count, self._count + 1
        oldest = now - WINDOWS[-1]
        excess = 0.0
        for sign, mine, other in ((1.0, self._high, self._low), (-1.0, self._low, self._high)):
            signed = sign * value
            while mine and mine[0][0] < oldest:
                mine.popleft()
            passed = []
            while mine and mine[-1][1] <= signed:
                passed.append(mine.pop())
            if passed and (not mine or mine[-1][0] < now - WINDOWS[0]):
                excess = sign * _excess(signed, now, passed, mine[-1][0] if mine else -1, other)
                top = sign * (mine[0][1] if mine else passed[-1][1])
                bottom = -sign * other[0][1]
                self._range = (min(top, bottom), max(top, bottom))
            mine.append((now, signed))
        return excess

    def before(self) -> tuple[float, float]:
        """Return the lowest and the highest number of the longest window before the last one, which was a record.

        Raises:
            ValueError: fewer than two numbers were pushed.
        """
        if self._range is None:
            raise ValueError("nothing was seen before")
        return self._range


def _excess(signed: float, now: int, passed: list[tuple[int, float]], higher_at: int, other: _Records) -> float:
    """Return the mean excess of a record; `passed` are the former records, latest first."""
    total = 0.0
    for window in WINDOWS:
        start = now - window
        if higher_at >= max(start, 0):
            break
        top = next(value for at, value in reversed(passed) if at >= start)
        bottom = -next(value for at, value in other if at >= start)
        if signed > top:
            total += min((signed - top) / (top - bottom), _FAR_MAX) if top > bottom else _FAR_MAX
    return total / len(WINDOWS)
