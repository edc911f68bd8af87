"""How much may be done: for one case, for one read, for one backup."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vigie.domain.errors import Permanent
from vigie.domain.happening import Happening

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Budget:
    """What one case may use: runs of steps, and minutes since the first of them.

    It is counted from the journal, so that a restart gives nothing back; the time before a person approved does not count.
    """

    actions: int = 20
    minutes: float = 60.0

    def check(self, intents: Sequence[Happening], now: datetime) -> None:
        """Let one more step pass.

        Args:
            intents: the case's intents so far, oldest first.
            now: the present instant.

        Raises:
            Permanent: the budget is used up.
        """
        if len(intents) >= self.actions:
            raise Permanent("gate.over_actions", actions=self.actions)
        if intents and now - intents[0].at > timedelta(minutes=self.minutes):
            raise Permanent("gate.over_minutes", minutes=f"{self.minutes:g}")


@dataclass(frozen=True, slots=True)
class Limits:
    """The gate's limits; `actions` and `minutes` are a case's budget."""

    actions: int = 20
    minutes: float = 60.0
    output_bytes: int = _MIB
    backup_bytes: int = 64 * _MIB
    reads_at_once: int = 8
    goal_wait_s: float = 10.0
    orphan_settle_s: float = 3.0

    def budget(self) -> Budget:
        """Return what a case may use."""
        return Budget(int(self.actions), self.minutes)
