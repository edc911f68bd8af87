"""How long a phase may take, how often it is tried, and when it is no longer tried at all."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from vigie.clock import Clock
from vigie.domain.case import Phase
from vigie.domain.errors import NeedsApproval, Permanent, Transient, VigieError

logger = logging.getLogger(__name__)
T = TypeVar("T")

TRIES = 3
BACK_OFF_S = 0.5
BREAKER_FAILURES = 3
BREAKER_OPEN_S = 60.0

# Seconds a try: understanding 30, seeing what has changed and diagnosis 60, everything that mends 90, everything that tells 30.
TRY_S: dict[Phase, float] = {
    Phase.OPEN: 60.0,
    Phase.UNDERSTAND: 30.0,
    Phase.DIAGNOSE: 60.0,
    Phase.PLAN: 90.0,
    Phase.APPROVE: 90.0,
    Phase.BACK_UP: 90.0,
    Phase.ACT: 90.0,
    Phase.VERIFY: 90.0,
    Phase.ROLL_BACK: 90.0,
    Phase.REPORT: 30.0,
    Phase.LEARN: 30.0,
    Phase.WATCH: 30.0,
}


class Gone(Exception):
    """This process may no longer work the case: another one owns its host or its row."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a phase gave no answer of its own: the error's key and values, or the name of a bug."""

    key: str
    values: dict[str, object]
    error: BaseException | None = None
    is_bug: bool = False

    def as_error(self) -> VigieError:
        """Return it as an error with words for people."""
        return self.error if isinstance(self.error, VigieError) else Permanent(self.key, **self.values)


@dataclass
class Breaker:
    """Opens after several failures in a row, for a while: then the fallback answers at once."""

    failures: int = 0
    open_until_s: float = 0.0

    def is_open(self, now_s: float) -> bool:
        """Say whether trying is pointless for now."""
        return now_s < self.open_until_s

    def failed(self, now_s: float) -> bool:
        """Count a failure; return whether it opened the breaker."""
        self.failures += 1
        if self.failures < BREAKER_FAILURES:
            return False
        self.open_until_s = now_s + BREAKER_OPEN_S
        self.failures = 0
        return True

    def worked(self) -> None:
        """Forget the failures."""
        self.failures = 0


@dataclass
class Attempts:
    """Runs phases within their limits: tries, back-off, breaker. One per process."""

    clock: Clock
    breakers: dict[str, Breaker] = field(default_factory=dict)
    back_off_s: float = BACK_OFF_S

    async def run(
        self,
        name: str,
        work: Callable[[], Awaitable[T]],
        *,
        try_s: float,
        left_s: Callable[[], float],
        host: str = "",
        retrying: Callable[[int, VigieError], Awaitable[None]] | None = None,
    ) -> T | Failure:
        """Return what `work` gives, or why it gave nothing.

        Args:
            name: the phase.
            work: one try; called again after a Transient error or a time-out.
            try_s: the limit of one try.
            left_s: what is left for all tries together, asked anew each time.
            host: where; the breaker counts a phase on one host, so that an ill host stops no other.
            retrying: told before each new try.

        Raises:
            NeedsApproval: it is no failure.
            Gone: this process must let go of the case.
        """
        breaker = self.breakers.setdefault(f"{name}@{host}", Breaker())
        if breaker.is_open(self.clock.monotonic_s()):
            return Failure("case.breaker_open", {"phase": name})
        failure = await self._tries(name, work, try_s, left_s, retrying)
        if not isinstance(failure, Failure):
            breaker.worked()
        elif breaker.failed(self.clock.monotonic_s()):
            logger.warning("breaker opened", extra={"phase": name})
        return failure

    async def _tries(
        self,
        name: str,
        work: Callable[[], Awaitable[T]],
        try_s: float,
        left_s: Callable[[], float],
        retrying: Callable[[int, VigieError], Awaitable[None]] | None,
    ) -> T | Failure:
        last: VigieError = Transient("case.out_of_time", phase=name)
        for attempt in range(1, TRIES + 1):
            limit_s = min(try_s, left_s())
            if limit_s <= 0:
                break
            if attempt > 1 and retrying is not None:
                await retrying(attempt, last)
            try:
                async with asyncio.timeout(limit_s):
                    return await work()
            except TimeoutError:
                last = Transient("case.phase_slow", phase=name, seconds=round(limit_s))
            except (NeedsApproval, Gone):
                raise
            except Transient as error:
                last = error
                await asyncio.sleep(min(max(error.retry_after_s, self.back_off_s) * 2 ** (attempt - 1), max(left_s(), 0.0)))
            except Permanent as error:
                return Failure(error.key, dict(error.values), error)
            except Exception as error:  # the supervisor of a phase: a bug ends the phase, never the case
                logger.exception("phase crashed", extra={"phase": name})
                return Failure("case.bug", {"phase": name, "seen": f"{type(error).__name__}: {error}"}, error, is_bug=True)
        return Failure(last.key, dict(last.values), last)
