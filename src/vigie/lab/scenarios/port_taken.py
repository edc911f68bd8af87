"""A process nobody manages holds the port that a service needs."""

import asyncio

from vigie.domain.errors import Permanent
from vigie.lab.scenarios.scenario import Scenario, Stack


class PortTaken(Scenario):
    """During a maintenance somebody serves a folder on the shop's port and forgets it."""

    name = "port_taken"
    label = "app.port.conflict"
    title = {"en": "Port taken", "fr": "Port occupé"}  # noqa: RUF012  # a ClassVar of the contract
    ticket = {  # noqa: RUF012
        "en": "Every page is missing since the maintenance",
        "fr": "Toutes les pages sont introuvables depuis la maintenance",
    }

    async def inject(self, stack: Stack) -> None:
        """Stop the shop, take its port, and try to start the shop again."""
        await stack.control("stop web")
        folder = str(stack.layout.host / "var" / "tmp")
        port = str(stack.web_port)
        argv = [str(stack.layout.python), "-m", "http.server", port, "--bind", "127.0.0.1", "--directory", folder]
        await stack.stray(argv)
        for _ in range(100):
            if (await stack.ask("/", limit_s=1)).status == 200:
                break
            await asyncio.sleep(0.05)
        else:
            raise Permanent("lab.not_broken", scenario=self.name)
        await stack.enter("supervisorctl start web")  # it cannot, that is the fault
        for _ in range(100):
            if (await stack.services())["web"] == "FATAL":
                return
            await asyncio.sleep(0.1)

    async def cause(self, stack: Stack) -> str | None:
        """Look for the process that took the port."""
        strays = stack.strays()
        return f"process {strays[0].pid} still holds the port" if strays else None
