"""The team's verbs, the same for the command line and the API."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from vigie.i18n import Language
from vigie.interfaces.services import Services

if TYPE_CHECKING:
    from vigie.agents.registry import Member


async def documents(services: Services, language: Language) -> list[dict[str, Any]]:
    """Return the whole team as it is told."""
    return [_told(member, language) for member in await services.registry.members()]


async def document(services: Services, name: str, language: Language) -> dict[str, Any]:
    """Return one agent as it is told.

    Raises:
        BadUsage: nobody is called that.
    """
    wanted = services.registry.find(name).name
    return next(each for each in await documents(services, language) if each["name"] == wanted)


async def pause(services: Services, name: str, language: Language, *, actor: str) -> dict[str, Any]:
    """Let an agent rest."""
    return _told(await services.registry.pause(name, by=actor), language)


async def resume(services: Services, name: str, language: Language, *, actor: str) -> dict[str, Any]:
    """Let an agent work again."""
    return _told(await services.registry.resume(name, by=actor), language)


def scaffold(name: str, *, home: Path) -> list[Path]:
    """Write a new agent and its test, and return the files."""
    from vigie.agents.scaffold import write

    return list(write(name, home))


def _told(member: "Member", language: Language) -> dict[str, Any]:
    purpose = member.kind.description.get(language, "")
    return {
        "name": member.name,
        "state": "paused" if member.paused else "working",
        "paused": member.paused,
        "purpose": purpose,
        "description": purpose,
        "phases": [phase.value for phase in member.kind.phases],
        "capabilities": [{"name": each.name, "says": each.says, "description": each.says} for each in member.kind.capabilities()],
    }
