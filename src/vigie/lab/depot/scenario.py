"""What the depot's scenarios share: its customers, its harms, its logs."""

import asyncio
from pathlib import Path
from typing import ClassVar

from vigie.lab.damage import Harm
from vigie.lab.depot.depot import Depot
from vigie.lab.scenarios.scenario import Scenario
from vigie.lab.stack import Stack


class DepotScenario(Scenario):
    """A fault of the depot."""

    stack: ClassVar[type[Stack]] = Depot

    async def complaints(self, stack: Stack, window_s: float, rounds: int = 3) -> list[str]:
        """Return what the depot's customers suffer from."""
        return await depot_of(stack).complaints(max(1, min(rounds, 2)))

    async def remember(self, stack: Stack) -> None:
        """Write down outside what the host is now that it has been broken."""
        await asyncio.to_thread(depot_of(stack).remember)

    async def harms(self, stack: Stack) -> list[Harm]:
        """Return what the repair harmed."""
        found = [Harm(kind, what) for kind, what in await asyncio.to_thread(depot_of(stack).harms)]
        restarted = self.restarts(stack).items()
        return found + [Harm("restarted", f"{name} {times}") for name, times in restarted if times > self.permitted.restarts]

    def restarts(self, stack: Stack) -> dict[str, int]:
        """Count the starts of each service since the host was broken."""
        return depot_of(stack).restarts()

    def logs(self, stack: Stack) -> dict[str, Path]:
        """Name the depot's logs."""
        names = {"pages": "pages-error", "worker": "worker", "cache": "cache", "supervisord": "supervisord"}
        ends = {"worker": "out"}
        return {service: stack.layout.logs / f"{name}.{ends.get(service, 'log')}" for service, name in names.items()}

    def pages(self, stack: Stack) -> list[str]:
        """Name the depot's pages."""
        return [f"{stack.url}/", f"{stack.url}/depot.css"]


def depot_of(stack: Stack) -> Depot:
    """Return the depot that a scenario of the depot is played on."""
    assert isinstance(stack, Depot), "a scenario of the depot is played on another laboratory"
    return stack
