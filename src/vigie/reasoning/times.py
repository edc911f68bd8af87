"""When the trouble began, and what was recent then."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from vigie.domain.fact import Fact, Value
from vigie.domain.finding import Finding

# Errors older than this are history; the present trouble repeats itself within it.
_ERRORS_ARE_PRESENT = timedelta(hours=1)
# A change shows its effect at once, or at the next restart, nightly job or rush hour.
_BEFORE_THE_TROUBLE = timedelta(hours=24)
_WITHOUT_A_BEGINNING = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Times:
    """Now, and when the trouble began; None where it is not known, and then everything is recent."""

    now: datetime | None = None
    since: datetime | None = None

    def recent(self, fact: Fact) -> bool:
        """Say whether a fact, or that of which it tells, belongs to the present trouble."""
        if self.now is None:
            return True
        last = instant(_field(fact, "last"))
        if last is not None:
            return last >= self.now - _ERRORS_ARE_PRESENT
        changed = instant(_field(fact, "at"))
        if changed is None:
            return True
        if self.since is not None:
            return changed >= self.since - _BEFORE_THE_TROUBLE
        return changed >= self.now - _WITHOUT_A_BEGINNING


ALWAYS = Times()


def beginning(facts: Iterable[Fact], findings: Iterable[Finding], now: datetime) -> datetime | None:
    """Estimate when the trouble began: at the first sign of what still goes on; None when nothing tells."""
    signs = [finding.first_at for finding in findings]
    for fact in facts:
        if fact.name not in ("log.error", "log.failed_request", "log.slow_query", "log.slow_request"):
            continue
        first, last = instant(_field(fact, "first")), instant(_field(fact, "last"))
        if first is None or last is None or last < now - _ERRORS_ARE_PRESENT or first < now - _BEFORE_THE_TROUBLE:
            continue
        if _field(fact, "level") not in ("warning", "info", "debug"):
            signs.append(first)
    return min(signs, default=None)


def instant(text: Value) -> datetime | None:
    """Read an ISO 8601 instant with its zone; None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _field(fact: Fact, name: str) -> Value:
    return fact.value.get(name) if isinstance(fact.value, dict) else None
