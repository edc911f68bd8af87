"""A limit on the lines of one source: what is beyond it is left out, counted, and told in the log itself."""

from collections.abc import Sequence
from dataclasses import replace

from vigie.domain.finding import Signal


class Limit:
    """So many lines a second, 0 for any number. `left_out` are all that were left out."""

    def __init__(self, lines_per_s: int) -> None:
        self._most = lines_per_s
        self._second = -1
        self._taken = 0
        self._untold = 0
        self.left_out = 0

    def taken(self, signals: Sequence[Signal], now_s: float) -> Sequence[Signal]:
        """Return the lines that may pass; after some were left out, a line says so."""
        if not self._most:
            return signals
        passed: list[Signal] = []
        if int(now_s) != self._second:
            if self._untold and signals:
                passed.append(replace(signals[0], raw=_mark(self._untold, self._most), line_number=None))
            self._second, self._taken, self._untold = int(now_s), 0, 0
        room = max(0, self._most - self._taken)
        passed += signals[:room]
        over = max(0, len(signals) - room)
        self._taken += len(signals) - over
        self._untold += over
        self.left_out += over
        return passed


def _mark(count: int, most: int) -> str:
    return f"vigie: sampled: {count} lines of this source were left out, more than {most} came in a second"
