"""The specialists that work one tenant's cases, each made once with the same bench."""

from dataclasses import dataclass

from vigie.agents.archivist import Archivist
from vigie.agents.bench import Bench
from vigie.agents.diagnostician import Diagnostician
from vigie.agents.keeper import Keeper
from vigie.agents.monitor import Monitor
from vigie.agents.planner import Planner
from vigie.agents.registry import Registry
from vigie.agents.reporter import Reporter
from vigie.agents.resolver import Resolver
from vigie.agents.triage import Triage
from vigie.agents.verifier import Verifier


@dataclass(frozen=True)
class Team:
    """Who does what in a case's life."""

    registry: Registry
    triage: Triage
    monitor: Monitor
    diagnostician: Diagnostician
    planner: Planner
    keeper: Keeper
    resolver: Resolver
    verifier: Verifier
    reporter: Reporter
    archivist: Archivist

    @classmethod
    def of(cls, bench: Bench, registry: Registry) -> "Team":
        """Seat the team at a bench."""
        return cls(
            registry,
            Triage(bench),
            Monitor(bench),
            Diagnostician(bench),
            Planner(bench),
            Keeper(bench),
            Resolver(bench),
            Verifier(bench),
            Reporter(bench),
            Archivist(bench),
        )
