"""The depot's pages are those of a release that was never finished."""

from vigie.lab import layout
from vigie.lab.depot.scenario import DepotScenario
from vigie.lab.scenarios.scenario import Stack


class DepotSiteMoved(DepotScenario):
    """A deployment is broken off after its link was moved."""

    name = "depot_site_moved"
    label = "deploy.release.bad"
    title = {"en": "Depot: half a release", "fr": "Dépôt : une version inachevée"}  # noqa: RUF012  # a ClassVar of the contract
    ticket = {  # noqa: RUF012
        "en": "The home page has been missing since this morning",
        "fr": "La page d’accueil a disparu depuis ce matin",
    }

    async def inject(self, stack: Stack) -> None:
        """Point to an empty release."""
        www = stack.layout.host / "www"
        (www / "v9").mkdir()
        layout.not_for_all(www / "v9")
        fresh = www / ".current"
        fresh.symlink_to("v9")
        fresh.replace(www / "current")

    async def cause(self, stack: Stack) -> str | None:
        """Look where the link leads."""
        target = (stack.layout.host / "www" / "current").readlink().name
        return None if target == "v8" else f"current leads to {target}"
