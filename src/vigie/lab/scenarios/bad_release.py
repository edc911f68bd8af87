"""A deployment puts a release in place whose code raises on one page."""

import asyncio
import time

from vigie.lab import layout, processes
from vigie.lab.scenarios.scenario import Scenario, Stack

_RELEASE = "r43"
_GOOD_LINE = "<td>{euros(row['spent_cents'])}</td></tr>"
_BAD_LINE = "<td>{euros(row['spent_cents'])}</td><td>{row['points']}</td></tr>"


class BadRelease(Scenario):
    """The new release shows a column that the query does not return."""

    name = "bad_release"
    label = "deploy.release.bad"
    title = {"en": "Bad release", "fr": "Mauvaise livraison"}  # noqa: RUF012  # a ClassVar of the contract
    ticket = {  # noqa: RUF012
        "en": "Since the last update customers get an internal error on their orders page",
        "fr": "Depuis la dernière mise à jour, les clients ont une erreur interne sur la page de leurs commandes",
    }

    async def inject(self, stack: Stack) -> None:
        """Deploy, as the shop's developers do."""
        await asyncio.to_thread(_deploy, stack.layout)
        await stack.control("restart web")

    async def cause(self, stack: Stack) -> str | None:
        """Ask which release is in place, and which one really runs."""
        if stack.layout.current.resolve().name == _RELEASE:
            return f"current points to {_RELEASE}"
        pid = await stack.pid("web")
        if pid is not None and processes.folder_of(pid).name == _RELEASE:
            return f"web still runs {_RELEASE}"
        return None


def _deploy(place: layout.Layout) -> None:
    pages = layout.add_release(place, _RELEASE) / "shop" / "pages.py"
    source = pages.read_text(encoding="utf-8")
    assert source.count(_GOOD_LINE) == 1
    pages.write_text(source.replace(_GOOD_LINE, _BAD_LINE), encoding="utf-8")
    layout.point(place, _RELEASE)
    layout.log_deployment(place, _RELEASE, time.time())
