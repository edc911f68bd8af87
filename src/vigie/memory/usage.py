"""What the conversation is used for, a day, kind, intent and class a row; `exchanges.py` counts into it as it writes."""

from datetime import UTC, date

from vigie.domain.exchange import Exchange
from vigie.domain.usage import Use
from vigie.memory.schema import usage
from vigie.memory.scope import Rows, Scope

_COUNTS = ("asked", "succeeded", "hosts", "saved_s", "understand_s")


class Usage:
    """Counts only grow; a forgotten session stays counted."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def list(self, since: date | None = None) -> "list[Use]":
        """Return what was counted on and after a day, oldest first; everything when None."""
        where = [] if since is None else [usage.c.day >= since.isoformat()]
        rows = await self._scope.read(lambda rows: rows.all(usage, *where, order=[usage.c.day, usage.c.kind, usage.c.intent]))
        return [
            Use(
                date.fromisoformat(row["day"]),
                row["kind"],
                row["intent"],
                row["effect_class"],
                **{name: row[name] for name in _COUNTS},
            )
            for row in rows
        ]


def count(rows: Rows, exchange: Exchange) -> None:
    """Add one exchange to its day's counts, within the transaction that keeps it."""
    key = {
        "day": exchange.at.astimezone(UTC).date().isoformat(),
        "kind": exchange.kind,
        "intent": exchange.intent or "",
        "effect_class": exchange.effect_class or "",
    }
    where = [usage.c[name] == value for name, value in key.items()]
    rows.add(usage, **key, **dict.fromkeys(_COUNTS, 0))
    before = rows.locked(usage, *where)
    assert before is not None
    more = {
        "asked": 1,
        "succeeded": int(exchange.succeeded),
        "hosts": len(exchange.ended_well),
        "saved_s": exchange.saved_s,
        "understand_s": exchange.understand_s,
    }
    rows.change(usage, *where, **{name: before[name] + more[name] for name in _COUNTS})
