"""The depot's worker does not run: orders are taken and never packed."""

from vigie.lab.depot.scenario import DepotScenario
from vigie.lab.scenarios.scenario import Stack


class DepotWorkerStopped(DepotScenario):
    """Somebody stops the worker and forgets it."""

    name = "depot_worker_stopped"
    label = "app.service.stopped"
    title = {"en": "Depot: worker stopped", "fr": "Dépôt : traitement arrêté"}  # noqa: RUF012  # a ClassVar of the contract
    ticket = {  # noqa: RUF012
        "en": "Orders are no longer packed",
        "fr": "Les commandes ne sont plus préparées",
    }

    async def inject(self, stack: Stack) -> None:
        """Stop it."""
        await stack.control("stop worker")

    async def cause(self, stack: Stack) -> str | None:
        """Ask the service manager."""
        state = (await stack.services()).get("worker")
        return None if state == "RUNNING" else f"worker is {state}"
