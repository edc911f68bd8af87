"""How one source fares: what it gave, how quickly, what went wrong."""

from dataclasses import dataclass
from datetime import datetime
from math import exp

# The rate is an average over about a minute.
_RATE_OVER_S = 60.0


@dataclass(slots=True)
class Health:
    """`lines` and `findings` since the start, when the last line came, restarts, and what the source last died of.

    `lines_per_s` is an average over about the last minute; `sampled` are lines left out because too many came at once;
    `finding_s` is the sum over all findings of the time from the reading of the line to the finding.
    """

    lines: int = 0
    findings: int = 0
    last_at: datetime | None = None
    restarts: int = 0
    trouble: str | None = None
    lines_per_s: float = 0.0
    sampled: int = 0
    finding_s: float = 0.0
    _since_s: float = -1.0
    _since_lines: int = 0

    def took(self, count: int, at: datetime, now_s: float) -> None:
        """Count lines that were taken care of."""
        self.lines += count
        self.last_at = at
        if self._since_s < 0:
            self._since_s = now_s

    def passed(self, now_s: float) -> None:
        """Let time pass: the rate follows what came since the last time."""
        span_s = now_s - self._since_s
        if self._since_s < 0 or span_s < 1.0:
            return
        weight = 1 - exp(-span_s / _RATE_OVER_S)
        self.lines_per_s += weight * ((self.lines - self._since_lines) / span_s - self.lines_per_s)
        self._since_s, self._since_lines = now_s, self.lines
