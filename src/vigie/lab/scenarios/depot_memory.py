"""The depot's cache may keep less than it holds: no order is taken any more."""

import asyncio

from vigie.lab.depot.scenario import DepotScenario, depot_of
from vigie.lab.scenarios.scenario import Stack


class DepotMemory(DepotScenario):
    """Somebody lowers the running cache's limit."""

    name = "depot_memory"
    label = "cache.config.memory_limit"
    title = {"en": "Depot: cache too small", "fr": "Dépôt : cache trop petit"}  # noqa: RUF012  # a ClassVar of the contract
    ticket = {  # noqa: RUF012
        "en": "Handing an order in ends with an error",
        "fr": "Passer une commande finit par une erreur",
    }

    async def inject(self, stack: Stack) -> None:
        """Lower the limit far below what is kept."""
        await asyncio.to_thread(depot_of(stack).say, "CONFIG", "SET", "maxmemory", "600kb")

    async def cause(self, stack: Stack) -> str | None:
        """Ask the cache whether it takes a key that expires at once."""
        try:
            await asyncio.to_thread(depot_of(stack).say, "SET", "probe", "x", "PX", "1")
        except Exception as error:  # whatever it answers is the fault  # noqa: BLE001
            return str(error)
        return None
