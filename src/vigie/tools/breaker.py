"""A circuit breaker: a host that failed three times in a row is left alone for a while, so that it delays nobody."""

from vigie.clock import Clock
from vigie.domain.errors import Transient

FAILURES = 3
OPEN_S = 30.0


class Breaker:
    """Counts failures of one host; safe to share by its lines."""

    def __init__(self, host: str, clock: Clock) -> None:
        self._host = host
        self._clock = clock
        self._failures = 0
        self._until_s = 0.0

    def check(self) -> None:
        """Let a try pass.

        Raises:
            Transient: the breaker is open; nothing is tried.
        """
        rest_s = self._until_s - self._clock.monotonic_s()
        if self._failures >= FAILURES and rest_s > 0:
            raise Transient("host.resting", retry_after_s=rest_s, host=self._host, failures=self._failures, seconds=round(rest_s))

    def failed(self) -> None:
        """Count a failure; after the time of rest one try passes, and its failure starts another rest."""
        self._failures += 1
        if self._failures >= FAILURES:
            self._until_s = self._clock.monotonic_s() + OPEN_S

    def succeeded(self) -> None:
        """Forget the failures."""
        self._failures = 0
