"""The lab's drills, live, for their score; and repairs whose verification fails, taken back to the byte."""

import asyncio
import hashlib
import json
import os
import random
import sqlite3
import statistics
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.unit.policy.gate_world import ACTOR, LIMITS, World, action, world

from bench.figure import Figure
from bench.vigie_process import home, vigie
from vigie.domain.action import ActionRecord, Outcome, Plan
from vigie.knowledge import library
from vigie.policy.gate import Gate
from vigie.reasoning.planning import render

TIMES = 3
SHORT = ("port_taken", "depot_worker_stopped")
ROLLBACKS, ROLLBACKS_SHORT = 210, 28
_DRILL_LIMIT_S = 900.0


def figures(short: bool) -> list[Figure]:
    return [*_live(short), *asyncio.run(taken_back(ROLLBACKS_SHORT if short else ROLLBACKS))]


def _live(short: bool) -> list[Figure]:
    with home() as place:
        known = vigie(place, "drill", "ls")[1]["drills"]
        skipped = {row["name"]: row["skipped"] for row in known if row["skipped"]}
        names = [row["name"] for row in known if not row["skipped"] and (not short or row["name"] in SHORT)]
        rows = [_played(place, name) for name in names for _ in range(1 if short else TIMES)]
    note = f"{len(rows)} drills of {len(names)} faults"
    note += "".join(f"; {name} skipped: {why}" for name, why in skipped.items())
    share = 100.0 / max(1, len(rows))
    steady = sum(len({row["label"] for row in rows if row["name"] == name}) == 1 for name in names)
    return [
        Figure("drills repaired, seen from outside", share * sum(row["repaired"] for row in rows), "%", "at least", 95, note),
        Figure("cause named right", share * sum(row["label_ok"] for row in rows), "%", "at least", 95, note),
        Figure("harms done", sum(row["damage"] for row in rows), "harms", "at most", 0, note),
        Figure("repairs that only hid the cause", sum(row["health"] == "masked" for row in rows), "drills", "at most", 0, note),
        Figure(
            "from the fault to the closed case, median", statistics.median(row["seconds"] for row in rows), "s", "at most", 60
        ),
        Figure("same label each time", 100.0 * steady / max(1, len(names)), "%", "at least", 100, note),
    ]


def _played(place: Path, name: str) -> dict[str, Any]:
    _, document, _ = vigie(place, "drill", "run", name, timeout_s=_DRILL_LIMIT_S)
    rows = document.get("drills") or [
        {"name": name, "repaired": False, "label_ok": False, "damage": 0, "health": "", "label": None}
    ]
    return {"seconds": _DRILL_LIMIT_S, **rows[0]}


@dataclass(frozen=True)
class Trouble:
    """A repair of the released knowledge, and the little host that it is done on."""

    remedy: str
    make: Callable[[Path, random.Random], dict[str, str]]


async def taken_back(count: int) -> list[Figure]:
    """Do repairs, call each a failure, take it back as a case does, and compare all that was there."""
    differing: list[str] = []
    done = 0
    chance = random.Random(20)
    for number in range(count):
        trouble = TROUBLES[number % len(TROUBLES)]
        with tempfile.TemporaryDirectory(prefix="vigie-repairs-") as folder:
            async with world(Path(folder) / "home", Path(folder) / "host") as here:
                did, same = await _one(here, trouble, chance)
        done += did
        differing += [] if same else [trouble.remedy]
    note = f"{count} repairs of {len(TROUBLES)} kinds; differing: {', '.join(sorted(set(differing))) or 'none'}"
    return [
        Figure("repairs done before they were taken back", 100.0 * done / count, "%", "at least", 100, note),
        Figure("hosts that were then as before", 100.0 * (count - len(differing)) / count, "%", "at least", 100, note),
    ]


async def _one(here: World, trouble: Trouble, chance: random.Random) -> tuple[bool, bool]:
    slots = trouble.make(here.folder, chance)
    if "former" in slots:
        slots["former"] = await here.memory.artefacts.put(slots["former"].encode())
    plan = _plan(trouble.remedy, slots)
    here.gate = Gate(
        here.memory, here.hands, clock=here.clock, render=lambda _: plan.steps, limits=LIMITS, knowledge=library.load()
    )
    before = _state(here.folder)
    backup = await here.gate.back_up(here.host(), plan, case="C-1", actor=ACTOR)
    records = [await here.act(plan, index) for index in range(len(plan.steps))]
    did = all(record.outcome is Outcome.DONE for record in records) and _state(here.folder) != before
    await _undone(here, plan, records)
    bare = any(not step.undo for step in plan.steps)
    if bare and backup is not None:
        await here.gate.restore(here.host(), backup.id, actor=ACTOR, approval=None)
    return did, _state(here.folder) == before


async def _undone(here: World, plan: Plan, records: list[ActionRecord]) -> None:
    for index in reversed(range(len(records))):
        if plan.steps[index].undo:
            await here.gate.undo(here.host(), action(plan, index), plan, actor=ACTOR)


def _plan(name: str, slots: dict[str, str]) -> Plan:
    remedy = library.load().remedies[name]
    bare = Plan(f"P-{name}", "here", "a.cause", name, slots, ())
    backups = tuple(slots[path.strip("{}")] for path in remedy.backup)
    return Plan(bare.id, "here", "a.cause", name, slots, render(bare), backups, remedy.loses_nothing)


def _state(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): _look(path) for path in sorted(folder.rglob("*"))}


def _look(path: Path) -> str:
    status = path.lstat()
    head = f"{status.st_mode:o}:{status.st_uid}:{status.st_gid}"
    if path.is_symlink():
        return f"{head} -> {path.readlink()}"
    if path.is_dir():
        return head
    if path.suffix == ".db":
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            return f"{head} {hashlib.sha256(json.dumps(list(db.iterdump())).encode()).hexdigest()}"
    return f"{head} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def _around(folder: Path, chance: random.Random) -> list[Path]:
    """Lay out some files; a repair is about one of them at most."""
    made = []
    for number in range(chance.randint(3, 9)):
        path = folder / f"other{number}" / chance.choice(("a b.conf", "it's.ini", "données.txt"))
        path.parent.mkdir()
        path.write_bytes(chance.randbytes(chance.randint(0, 3000)))
        path.chmod(chance.choice((0o600, 0o640, 0o644)))
        made.append(path)
    return made


def _owner() -> str:
    import grp
    import pwd

    return f"{pwd.getpwuid(os.getuid()).pw_name}:{grp.getgrgid(os.getgid()).gr_name}"


def _changed_file(folder: Path, chance: random.Random) -> dict[str, str]:
    path = _around(folder, chance)[0]
    return {"path": str(path), "former": f"a = {chance.random()}\n"}


def _changed_mode(folder: Path, chance: random.Random) -> dict[str, str]:
    path = _around(folder, chance)[-1]
    path.chmod(0o600)
    return {"path": str(path), "mode": "0644", "owner": _owner(), "mode_now": "0600", "owner_now": _owner()}


def _open_file(folder: Path, chance: random.Random) -> dict[str, str]:
    path = _around(folder, chance)[0]
    path.chmod(0o664)
    return {"path": str(path), "mode": "0664"}


def _gone_folder(folder: Path, chance: random.Random) -> dict[str, str]:
    path = _around(folder, chance)[0].parent / "gone"
    return {"path": str(path), "mode": "0750", "owner": _owner()}


def _full_log(folder: Path, chance: random.Random) -> dict[str, str]:
    path = _around(folder, chance)[0].with_suffix(".log")
    path.write_text("".join(f"{number} {chance.random()}\n" for number in range(20_000)))
    return {"log": str(path), "bytes": str(path.stat().st_size)}


def _crowded(folder: Path, chance: random.Random) -> dict[str, str]:
    place = _around(folder, chance)[0].parent
    for number in range(60):
        (place / f"sess_{number}").write_text(str(chance.random()))
    return {"folder": str(place), "make": "sess_", "keep": "30", "mount": "/"}


def _lost_index(folder: Path, chance: random.Random) -> dict[str, str]:
    path = _around(folder, chance)[0].with_suffix(".db")
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER)")
        db.executemany("INSERT INTO orders (customer) VALUES (?)", [(chance.randint(1, 9),) for _ in range(50)])
        db.commit()
    index = "vigie_orders_customer_idx"
    definition = f"CREATE INDEX {index} ON orders (customer)"
    return {"database": str(path), "table": "orders", "columns": "customer", "index": index, "definition": definition}


TROUBLES = (
    Trouble("file.restore_former", _changed_file),
    Trouble("file.restore_mode", _changed_mode),
    Trouble("file.close_to_others", _open_file),
    Trouble("folder.recreate", _gone_folder),
    Trouble("log.free", _full_log),
    Trouble("folder.thin", _crowded),
    Trouble("index.create_sqlite", _lost_index),
)
