"""What hosts looked like while they were well."""

from vigie.domain.baseline import Baseline
from vigie.memory.documents import from_text, to_text
from vigie.memory.schema import baselines
from vigie.memory.scope import Scope


class Baselines:
    """Every baseline that was taken."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def save(self, baseline: Baseline) -> None:
        """Keep a baseline beside the earlier ones of its host."""
        doc = to_text(baseline)
        await self._scope.write(lambda rows: rows.put(baselines, host=baseline.host, taken_at=baseline.taken_at, doc=doc))

    async def latest(self, host: str) -> Baseline | None:
        """Return the last baseline of a host."""
        newest = [baselines.c.taken_at.desc()]
        row = await self._scope.read(lambda rows: rows.first(baselines, baselines.c.host == host, order=newest))
        return from_text(Baseline, row["doc"]) if row else None

    async def all(self, host: str) -> list[Baseline]:
        """Return the baselines of a host, newest first."""
        newest = [baselines.c.taken_at.desc()]
        rows = await self._scope.read(lambda rows: rows.all(baselines, baselines.c.host == host, order=newest))
        return [from_text(Baseline, row["doc"]) for row in rows]
