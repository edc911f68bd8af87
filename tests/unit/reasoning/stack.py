"""The made-up host that is well, and the cases that break it."""

import functools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.unit.reasoning.world import CASES, World, facts_of, parsed

from vigie.knowledge.library import Knowledge, load
from vigie.knowledge.models import Cause

STACK: list[dict[str, Any]] = parsed(CASES / "_stack.yaml")


@functools.cache
def cases(kind: str) -> list[tuple[str, dict[str, Any]]]:
    """Return (cause, case) of all files; kind is `positive` or `negative`. The same objects each time: read, never changed."""
    return [(path.stem, case) for path in _files() for case in parsed(path)[kind]]


def case(name: str, index: int = 0) -> dict[str, Any]:
    """Return one positive case."""
    return [found for stem, found in cases("positive") if stem == name][index]


def world_of(*broken: dict[str, Any], knowledge: Knowledge | None = None, blind: Iterable[str] = ()) -> World:
    """The host that is well, with what the cases take away and add."""
    gone = [(row["fact"], row.get("subject")) for one in broken for row in one.get("drop", ())]
    kept = [row for row in STACK if not any(row["fact"] == fact and where in (None, row.get("subject")) for fact, where in gone)]
    added = [row for one in broken for row in one.get("add", ())]
    return World(
        facts_of([*kept, *added]),
        knowledge=knowledge or load(),
        blind=frozenset(blind),
        has_baseline=all(one.get("baseline", True) for one in broken),
    )


def without(names: Sequence[str]) -> Knowledge:
    """Return the released knowledge without some causes."""
    released = load()
    released.check()  # reads what was not read yet, so that the copy has it too
    causes: dict[str, Cause] = {name: cause for name, cause in released.causes.items() if name not in names}
    known = Knowledge(released.folders)
    known.__dict__.update(released.__dict__, causes=causes)
    return known


def _files() -> list[Path]:
    return sorted(CASES.glob("[a-z]*.yaml"))
