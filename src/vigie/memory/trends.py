"""What was measured again and again: one number a host, subject, name and second; older ones are kept as means of their hour."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from vigie.domain.trend import Measure, Point, Trend
from vigie.memory.schema import trends
from vigie.memory.scope import Rows, Scope

# What is measured every five minutes is kept so for three days, and as hours for two months.
_FINE = timedelta(days=3)
_KEPT = timedelta(days=62)
_HOUR_S = 3600


class Trends:
    """Series of numbers."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def add(self, host: str, at: datetime, measures: Sequence[Measure]) -> None:
        """Keep what was measured on a host at one moment; what is older than its time is folded or forgotten."""
        second = int(at.timestamp())
        # Whole hours are where means stand.
        second += second % _HOUR_S == 0

        def work(rows: Rows) -> None:
            for measure in measures:
                rows.put(trends, host=host, subject=measure.subject, name=measure.name, at=second, value=measure.value)
            _fold(rows, host, second - int(_FINE.total_seconds()))
            rows.remove(trends, trends.c.host == host, trends.c.at < second - int(_KEPT.total_seconds()))

        await self._scope.write(work)

    async def list(self, host: str, since: datetime | None = None) -> "list[Trend]":
        """Return a host's series by subject and name, each oldest first; from an instant on, or all there is."""
        where = [trends.c.host == host] + ([] if since is None else [trends.c.at >= int(since.timestamp())])
        order = [trends.c.subject, trends.c.name, trends.c.at]
        found: dict[tuple[str, str], list[Point]] = defaultdict(list)
        for row in await self._scope.read(lambda rows: rows.all(trends, *where, order=order)):
            point = Point(datetime.fromtimestamp(row["at"], UTC), row["value"])
            found[row["subject"], row["name"]].append(point)
        return [Trend(subject, name, tuple(points)) for (subject, name), points in found.items()]

    async def forget(self, host: str) -> None:
        """Forget all of a host."""
        await self._scope.write(lambda rows: rows.remove(trends, trends.c.host == host))


def _fold(rows: Rows, host: str, before_s: int) -> None:
    """Make one number of each whole hour that is over long enough."""
    ends_s = before_s - before_s % _HOUR_S
    fine = [trends.c.host == host, trends.c.at < ends_s, trends.c.at % _HOUR_S != 0]
    hours: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    for row in rows.all(trends, *fine):
        hours[row["subject"], row["name"], row["at"] - row["at"] % _HOUR_S].append(row["value"])
    for (subject, name, hour), values in hours.items():
        rows.put(trends, host=host, subject=subject, name=name, at=hour, value=sum(values) / len(values))
    if hours:
        rows.remove(trends, *fine)
