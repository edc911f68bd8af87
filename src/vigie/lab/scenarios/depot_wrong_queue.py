"""The depot's worker waits at a queue that nobody fills."""

from vigie.lab.depot.scenario import DepotScenario, depot_of
from vigie.lab.scenarios.scenario import Stack


class DepotWrongQueue(DepotScenario):
    """Somebody edits the worker's configuration and restarts it."""

    name = "depot_wrong_queue"
    label = "app.config.value"
    title = {"en": "Depot: worker at the wrong queue", "fr": "Dépôt : traitement sur la mauvaise file"}  # noqa: RUF012  # a ClassVar of the contract
    ticket = {  # noqa: RUF012
        "en": "Orders pile up since the worker's settings were changed",
        "fr": "Les commandes s’accumulent depuis le changement de configuration du traitement",
    }

    async def inject(self, stack: Stack) -> None:
        """Name another queue."""
        ini = depot_of(stack).worker_ini
        ini.write_text(ini.read_text().replace("name = orders", "name = order"))
        await stack.control("restart worker")

    async def cause(self, stack: Stack) -> str | None:
        """Read the configuration."""
        return None if "name = orders" in depot_of(stack).worker_ini.read_text() else "the worker waits at another queue"
