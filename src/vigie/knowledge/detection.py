"""Finds which service managers a host has, from what their `detect` lines print."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from vigie.domain.action import Completed
from vigie.domain.host import Host
from vigie.knowledge.library import Knowledge
from vigie.knowledge.models import Manager

OPTION = "manager."  # host.options["manager.config"] holds the slot `config` of the host's manager


@dataclass(frozen=True, slots=True)
class Found:
    """A service manager that a host has, and the values of its verbs' slots there."""

    manager: Manager
    slots: Mapping[str, str] = field(default_factory=dict)

    def options(self) -> dict[str, str]:
        """Return what to keep in `Host.options`, beside the manager's name in `Host.manager`."""
        return {OPTION + name: value for name, value in self.slots.items()}


def lines(knowledge: Knowledge) -> list[str]:
    """Return the lines to run on a host to learn which managers it has; each once."""
    asked = [line for manager in knowledge.managers.values() for line in (manager.detect, manager.bare) if line is not None]
    return list(dict.fromkeys(asked))


def found(knowledge: Knowledge, outputs: Sequence[Completed], focus: Sequence[str] = ()) -> list[Found]:
    """Return the managers that `outputs` (of `lines`) show, the one to prefer first.

    With a `focus`, only managers whose own folder lies under it count: the machine's manager is not the focus's.
    """
    printed = {completed.line: completed.text() for completed in outputs if completed.rc == 0}
    seen: list[Found] = []
    for manager in knowledge.managers.values():
        for line in printed.get(manager.detect, "").splitlines():
            match = re.search(manager.found, line)
            if match is None:
                continue
            slots = {**manager.slots, **{name: value for name, value in match.groupdict().items() if value}}
            if _belongs(manager, slots, focus):
                seen.append(Found(manager, _needed(manager, slots, printed)))
    return seen


def of_host(knowledge: Knowledge, host: Host) -> Found | None:
    """Return the manager that is on record for a host."""
    manager = knowledge.managers.get(host.manager or "")
    if manager is None:
        return None
    slots = {name.removeprefix(OPTION): value for name, value in host.options.items() if name.startswith(OPTION)}
    return Found(manager, {**manager.slots, **slots})


def _needed(manager: Manager, slots: Mapping[str, str], printed: Mapping[str, str]) -> dict[str, str]:
    """Leave out what the verbs do without; a process is only good for this moment."""
    kept = {name: value for name, value in slots.items() if name != "pid"}
    reaches = bool(manager.bare) and printed.get(manager.bare or "", "").strip() == slots.get("pid")
    return dict(manager.slots) if reaches else kept


def _belongs(manager: Manager, slots: Mapping[str, str], focus: Sequence[str]) -> bool:
    if not focus:
        return True
    anchor = slots.get(manager.anchor or "", "")
    return bool(anchor) and any(PurePosixPath(anchor).is_relative_to(folder) for folder in focus)
