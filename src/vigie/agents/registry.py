"""Who is in the team: discovery, a lookup that forgives how a name is written, and who is paused."""

import importlib.util
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from vigie import agents
from vigie.agents.agent import Agent
from vigie.domain.case import Phase
from vigie.domain.errors import BadUsage, Permanent
from vigie.memory.memory import TenantMemory
from vigie.plugins import discover

_PAUSED = "agents.paused"
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# Words around a name that do not tell agents apart.
_FILLERS = frozenset({"real", "agent", "the", "vigie"})


@dataclass(frozen=True, slots=True)
class Member:
    """An agent as the team's list shows it."""

    kind: type[Agent]
    paused: bool

    @property
    def name(self) -> str:
        """Return the agent's name."""
        return self.kind.name


class Registry:
    """The team of one home. `folder` holds the owner's own agents, one a file, beside the released ones."""

    def __init__(self, memory: TenantMemory, *, folder: Path | None = None) -> None:
        self._memory = memory
        self._kinds = released()
        for path in sorted(folder.glob("*.py")) if folder and folder.is_dir() else ():
            self._add(path)

    def kinds(self) -> dict[str, type[Agent]]:
        """Return every agent by its name."""
        return dict(self._kinds)

    def find(self, name: str) -> type[Agent]:
        """Return the agent meant by `name`: case, dashes, underscores, `real-` before and `Agent` after do not matter.

        Raises:
            BadUsage: no agent is called that.
        """
        wanted = plain(name)
        for kind in self._kinds.values():
            if wanted and wanted in (plain(kind.name), plain(kind.__name__)):
                return kind
        raise BadUsage("agent.unknown", name=name, known=", ".join(sorted(self._kinds)))

    async def members(self) -> list[Member]:
        """Return the team, by name."""
        paused = await self._paused()
        return [Member(kind, name in paused) for name, kind in sorted(self._kinds.items())]

    async def pause(self, name: str, *, by: str) -> Member:
        """Let an agent rest: cases wait at its next step, in every process, until it is resumed."""
        return await self._set(name, by=by, paused=True)

    async def resume(self, name: str, *, by: str) -> Member:
        """Let an agent work again."""
        return await self._set(name, by=by, paused=False)

    async def resting(self, phase: Phase) -> str | None:
        """Return the name of a paused agent that works `phase`, None when the phase can go on."""
        paused = await self._paused()
        return next((name for name, kind in sorted(self._kinds.items()) if name in paused and phase in kind.phases), None)

    async def _set(self, name: str, *, by: str, paused: bool) -> Member:
        kind = self.find(name)
        names = await self._paused()
        changed = names | {kind.name} if paused else names - {kind.name}
        if changed != names:
            await self._memory.cursors.set(_PAUSED, {"names": [*sorted(changed)]})
            await self._memory.journal.append("agent.paused" if paused else "agent.resumed", actor=by, body={"agent": kind.name})
        return Member(kind, paused)

    async def _paused(self) -> frozenset[str]:
        stored = await self._memory.cursors.get(_PAUSED) or {}
        names = stored.get("names", [])
        return frozenset(str(name) for name in names) if isinstance(names, Sequence) else frozenset()

    def _add(self, path: Path) -> None:
        for kind in _kinds_of(_loaded(path)):
            if kind.name in self._kinds:
                raise Permanent("agent.twice", name=kind.name, path=str(path))
            self._kinds[kind.name] = kind


def released() -> dict[str, type[Agent]]:
    """Return the agents that come with the program, by name."""
    return {name: kind for name, kind in discover(agents, Agent).items() if kind is not Agent}


def plain(name: str) -> str:
    """Return a name's telling words, lower case: `RealClassifierAgent` and `classifier` give the same."""
    words = [word.lower() for word in _WORD.findall(name)]
    return "".join(word for word in words if word not in _FILLERS)


def kind_of(path: Path, name: str) -> type[Agent]:
    """Return the agent called `name` that a file defines.

    Raises:
        Permanent: the file cannot be loaded.
        BadUsage: it defines no such agent.
    """
    kinds = _kinds_of(_loaded(path))
    for kind in kinds:
        if kind.name == name:
            return kind
    raise BadUsage("agent.unknown", name=name, known=", ".join(each.name for each in kinds))


def _loaded(path: Path) -> ModuleType:
    # The owner's folder holds code that will run as the owner: what others could have written is not loaded.
    if path.stat().st_mode & 0o022:
        raise Permanent("agent.writable_by_others", path=str(path))
    name = f"vigie_agents_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # whatever is wrong with a file of the owner's, it is named and not loaded
        raise Permanent("agent.broken", path=str(path), seen=f"{type(error).__name__}: {error}") from error
    return module


def _kinds_of(module: ModuleType) -> list[type[Agent]]:
    return [
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Agent) and kind is not Agent and kind.__module__ == module.__name__
    ]
