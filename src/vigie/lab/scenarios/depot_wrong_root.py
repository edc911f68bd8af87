"""The depot's pages are looked for in a folder that is not there."""

from vigie.lab.depot.scenario import DepotScenario, depot_of
from vigie.lab.scenarios.scenario import Stack


class DepotWrongRoot(DepotScenario):
    """Somebody edits where nginx finds the pages, and has it read that."""

    name = "depot_wrong_root"
    label = "web.nginx.document_root"
    title = {"en": "Depot: pages not found", "fr": "Dépôt : pages introuvables"}  # noqa: RUF012  # a ClassVar of the contract
    ticket = {  # noqa: RUF012
        "en": "Every page is missing",
        "fr": "Toutes les pages sont introuvables",
    }

    async def inject(self, stack: Stack) -> None:
        """Change one path and reload."""
        conf = depot_of(stack).nginx_conf
        conf.write_text(conf.read_text().replace("/www/current;", "/www/actual;"))
        await stack.control("signal HUP pages")

    async def cause(self, stack: Stack) -> str | None:
        """Read the configuration."""
        return "the folder is still the wrong one" if "/www/actual;" in depot_of(stack).nginx_conf.read_text() else None
