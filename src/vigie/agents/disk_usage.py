"""DiskUsage: say here in one sentence what it is for."""

from typing import ClassVar

from vigie.agents.agent import Agent, capability
from vigie.domain.host import Host
from vigie.i18n import Language
from vigie.reasoning.looks import Look


class DiskUsage(Agent):
    """What it does, what it needs, what can go wrong."""

    name = "disk_usage"
    description: ClassVar[dict[Language, str]] = {
        "en": "Looks after disk usage.",
        "fr": "S’occupe de disk usage.",
    }

    @capability
    async def look(self, host: Host, probe: str) -> list[str]:
        """Read a probe on a host and return what it shows, a line a fact."""
        facts = await self._bench.observe(host, [Look.of(probe, {})], actor=f"agent:{self.name}")
        return [f"{fact.subject} {fact.name} = {fact.value}" for fact in facts]
