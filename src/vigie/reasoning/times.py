"""When the trouble began, and what was recent then."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from vigie.domain.fact import Fact, Value
from vigie.domain.finding import Finding
from vigie.reasoning.instants import instant
from vigie.reasoning.usual import NOTHING_USUAL, Usual

__all__ = ["ALWAYS", "Times", "beginning", "instant", "settled_at"]

# Errors older than this are history; the present trouble repeats itself within it.
_ERRORS_ARE_PRESENT = timedelta(hours=1)
# A change shows its effect at once, or at the next restart, nightly job or rush hour.
_BEFORE_THE_TROUBLE = timedelta(hours=24)
_WITHOUT_A_BEGINNING = timedelta(days=7)
# What a program says while what it needs is not up yet; or says only once, when it starts.
_OF_COMING_UP = frozenset(("refused", "timeout", "upstream", "name", "other"))
_SERVER_ERROR = 500
_COMES_UP_WITHIN = timedelta(seconds=10)
_STEADY_FROM_S = 25.0


@dataclass(frozen=True, slots=True)
class Times:
    """Now, and when the trouble began; None where it is not known, and then everything is recent.

    `usual` is what was so when the host was well: no part of the present trouble. `settled_at`: when what listens on this host
    had come up; what others complained of until then and not since was the coming up.
    """

    now: datetime | None = None
    since: datetime | None = None
    usual: Usual = NOTHING_USUAL
    settled_at: datetime | None = None

    def recent(self, fact: Fact) -> bool:
        """Say whether a fact, or that of which it tells, belongs to the present trouble."""
        if self.now is None:
            return True
        if self.usual.knows(fact) or self._came_up_since(fact):
            return False
        last = instant(_field(fact, "last"))
        if last is not None:
            return last >= self.now - _ERRORS_ARE_PRESENT
        changed = instant(_field(fact, "at"))
        if changed is None:
            return True
        if self.since is not None:
            return changed >= self.since - _BEFORE_THE_TROUBLE
        return changed >= self.now - _WITHOUT_A_BEGINNING

    def _came_up_since(self, fact: Fact) -> bool:
        last = instant(_field(fact, "last"))
        if last is None or self.settled_at is None or last > self.settled_at:
            return False
        status = _field(fact, "status")
        return _field(fact, "kind") in _OF_COMING_UP or (isinstance(status, int) and status >= _SERVER_ERROR)


ALWAYS = Times()


def beginning(facts: Iterable[Fact], findings: Iterable[Finding], now: datetime, times: Times = ALWAYS) -> datetime | None:
    """Estimate when the trouble began: at the first sign of what still goes on; None when nothing tells.

    What `times` knows to be usual is no sign.
    """
    signs = [finding.first_at for finding in findings]
    for fact in facts:
        if fact.name not in ("log.error", "log.failed_request", "log.slow_query", "log.slow_request"):
            continue
        if not times.recent(fact):
            continue
        first, last = instant(_field(fact, "first")), instant(_field(fact, "last"))
        if first is None or last is None or last < now - _ERRORS_ARE_PRESENT or first < now - _BEFORE_THE_TROUBLE:
            continue
        if _field(fact, "level") not in ("warning", "info", "debug"):
            signs.append(first)
    return min(signs, default=None)


def settled_at(uptimes: Iterable[Fact], listening: Collection[str]) -> datetime | None:
    """Return when the services that listen had come up; None while one of them has just started."""
    started: list[datetime] = []
    for fact in uptimes:
        if fact.subject in listening and isinstance(fact.value, int | float):
            if fact.value < _STEADY_FROM_S:
                return None
            started.append(fact.at - timedelta(seconds=fact.value))
    return max(started) + _COMES_UP_WITHIN if started else None


def _field(fact: Fact, name: str) -> Value:
    return fact.value.get(name) if isinstance(fact.value, dict) else None
