"""The depot's cache does not run: no order is taken."""

from vigie.lab.depot.scenario import DepotScenario
from vigie.lab.scenarios.scenario import Permitted, Stack


class DepotCacheStopped(DepotScenario):
    """Somebody stops the cache and forgets it."""

    name = "depot_cache_stopped"
    label = "cache.service.stopped"
    title = {"en": "Depot: cache stopped", "fr": "Dépôt : cache arrêté"}  # noqa: RUF012  # a ClassVar of the contract
    ticket = {  # noqa: RUF012
        "en": "No order can be handed in any more",
        "fr": "Plus aucune commande ne peut être passée",
    }

    # Its client is started again by the service manager as long as nobody answers.
    permitted = Permitted(restarts=100)

    async def inject(self, stack: Stack) -> None:
        """Stop it."""
        await stack.control("stop cache")

    async def cause(self, stack: Stack) -> str | None:
        """Ask the service manager."""
        state = (await stack.services()).get("cache")
        return None if state == "RUNNING" else f"cache is {state}"
