"""The only clock: everything that needs the time is given one, so tests can hold it still."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the rest of the program knows about time."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds that never go back, for measuring spans."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251  # this is the clock the rule speaks of

    def monotonic_s(self) -> float:
        """Return seconds that never go back, for measuring spans."""
        return time.monotonic()


class FixedClock:
    """A clock that a test moves by hand."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._monotonic_s = 0.0

    def now(self) -> datetime:
        """Return the instant the test has set."""
        return self._at

    def monotonic_s(self) -> float:
        """Return the seconds by which the test has moved the clock forward."""
        return self._monotonic_s

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self._at += timedelta(seconds=seconds)
        self._monotonic_s += seconds
