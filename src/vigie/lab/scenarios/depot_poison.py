"""An order that cannot be read is the next one in the depot's queue: the worker fails on it again and again."""

import asyncio

from vigie.lab.depot.scenario import DepotScenario, depot_of
from vigie.lab.scenarios.scenario import Permitted, Stack

_POISON = '{"order": '


class DepotPoison(DepotScenario):
    """A broken client hands in half an order."""

    name = "depot_poison"
    label = "queue.worker.poison"
    title = {"en": "Depot: an order nobody can read", "fr": "Dépôt : une commande illisible"}  # noqa: RUF012  # a ClassVar of the contract
    ticket = {  # noqa: RUF012
        "en": "Orders are taken, but nothing is packed any more",
        "fr": "Les commandes sont prises, mais plus rien n’est préparé",
    }
    # The service manager tries again as long as it thinks that it may work.
    permitted = Permitted(restarts=100)

    async def inject(self, stack: Stack) -> None:
        """Put half an order at the head of the queue, and wait until the service manager has given up."""
        await asyncio.to_thread(depot_of(stack).hand_in, _POISON, ahead=True)
        for _ in range(100):
            if (await stack.services()).get("worker") == "FATAL":
                return
            await asyncio.sleep(0.1)

    async def cause(self, stack: Stack) -> str | None:
        """Look at the head of the queue."""
        head = await asyncio.to_thread(depot_of(stack).say, "LINDEX", "orders", "-1")
        return "the order is still the next one" if head == _POISON else None
