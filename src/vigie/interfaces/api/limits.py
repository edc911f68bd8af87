"""How often somebody may try to sign in."""

from collections import deque

from vigie.clock import Clock

TRIES = 5
WITHIN_S = 60.0
_ADDRESSES_MAX = 1000


class Tries:
    """Failed tries by address, forgotten after a minute. Bounded: an attacker with many addresses pushes out the oldest."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failed: dict[str, deque[float]] = {}

    def must_wait_s(self, address: str) -> float:
        """Return how long the address must wait, 0 when it may try now."""
        failed = self._recent(address)
        return 0.0 if len(failed) < TRIES else max(1.0, failed[0] + WITHIN_S - self._clock.monotonic_s())

    def failed(self, address: str) -> None:
        """Count a failed try."""
        if address not in self._failed and len(self._failed) >= _ADDRESSES_MAX:
            del self._failed[next(iter(self._failed))]
        self._failed.setdefault(address, deque(maxlen=TRIES)).append(self._clock.monotonic_s())

    def worked(self, address: str) -> None:
        """Forget the address's failures."""
        self._failed.pop(address, None)

    def _recent(self, address: str) -> deque[float]:
        failed = self._failed.get(address, deque())
        while failed and failed[0] <= self._clock.monotonic_s() - WITHIN_S:
            failed.popleft()
        return failed
