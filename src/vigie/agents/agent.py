"""The contract of an agent: a name, what it is for, and capabilities that are typed async functions.

One declaration: a method marked `@capability` is found by the registry, and from its signature come every way to call it.
"""

import inspect
from abc import ABC
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar, get_type_hints

from vigie.agents.bench import Bench
from vigie.domain.case import Phase
from vigie.i18n import Language

_MARK = "__capability__"
F = TypeVar("F", bound=Callable[..., Awaitable[Any]])


def capability(function: F) -> F:
    """Mark a method as something that the agent can be asked to do."""
    is_async: bool = inspect.iscoroutinefunction(function)
    if not is_async:
        raise TypeError(f"a capability is an async function, {function!r} is not")
    setattr(function, _MARK, True)
    return function


@dataclass(frozen=True, slots=True)
class Capability:
    """What can be asked of an agent: its name, what it does, and its parameters' types by name."""

    name: str
    says: str
    parameters: Mapping[str, Any]
    returns: Any


class Agent(ABC):
    """One specialist. It thinks with reasoning, touches hosts through the gate only, and keeps nothing of its own.

    `phases` are the steps of a case that it works: while it is paused, cases wait there. `description` says in both
    languages what it is for; it stands here, so that adding an agent edits nothing else.
    """

    name: ClassVar[str]
    description: ClassVar[Mapping[Language, str]]
    phases: ClassVar[tuple[Phase, ...]] = ()

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    @classmethod
    def capabilities(cls) -> tuple[Capability, ...]:
        """Return what this agent can be asked, by name."""
        found = []
        for name, function in inspect.getmembers(cls, inspect.iscoroutinefunction):
            if getattr(function, _MARK, False):
                hints = get_type_hints(function)
                returns = hints.pop("return", None)
                found.append(Capability(name, (inspect.getdoc(function) or "").partition("\n")[0], hints, returns))
        return tuple(found)
