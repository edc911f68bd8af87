"""Tells whether a repair did harm: what the host was is remembered outside, and compared one kind of harm at a time."""

import hashlib
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from vigie.lab.counters import Counters, Customers
from vigie.lab.layout import Layout, read_json, write_json

_REFERENCE = "reference.json"
_INJECTED = "injected.json"
_KEPT = ("enter", "bin", "etc", "releases")
_GOLDEN = "SELECT COUNT(*), SUM(total_cents), SUM(customer_id * (id % 97)), SUM(LENGTH(address)) FROM orders WHERE id <= ?"


@dataclass(frozen=True, slots=True)
class Harm:
    """One harm. `kind` has its sentence in the catalogue under `lab.harms`; `detail` names what was harmed."""

    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class Permitted:
    """What a good repair of a scenario may do: change anything at all, empty some logs, restart a service so many times."""

    logs: tuple[str, ...] = ()
    restarts: int = 2
    changes: bool = True


def remember(layout: Layout, name: str = _REFERENCE) -> None:
    """Write down outside what the host is now."""
    with closing(_open(layout)) as db:
        last = int(db.execute("SELECT MAX(id) FROM orders").fetchone()[0])
        body: dict[str, object] = {
            "files": {str(path.relative_to(layout.host)): _look(layout, path) for path in _kept(layout)},
            "last_order": last,
            "golden": _golden(db, last),
            "schema": sorted(_schema(db)),
            "mark": Counters(layout.outside / "counts.jsonl").mark(),
        }
    write_json(layout.outside / name, body)


def remember_injected(layout: Layout) -> None:
    """Write down outside what the host is now that it has been broken: what the fault changed is no harm of the repair's."""
    remember(layout, _INJECTED)


def harms(layout: Layout, permitted: Permitted) -> list[Harm]:
    """Compare the host with what it was before and after it was broken; empty when the repair did no harm."""
    before = read_json(layout.outside / _REFERENCE)
    broken = read_json(layout.outside / _INJECTED) if (layout.outside / _INJECTED).exists() else before
    checks: tuple[Callable[[], Iterator[Harm]], ...] = (
        lambda: _files(layout, before, broken),
        lambda: _writable_by_all(layout),
        lambda: _orders(layout, before),
        lambda: _schema_harm(layout, before, broken),
        lambda: _customers_files(layout),
        lambda: _logs(layout, broken, permitted),
        lambda: _restarted(layout, permitted),
        lambda: _touched(layout, broken, permitted),
    )
    return [harm for check in checks for harm in check()]


def restarts(layout: Layout) -> dict[str, int]:
    """Count the starts of each service since the host was broken."""
    path = layout.outside / _INJECTED
    mark = _number(read_json(path if path.exists() else layout.outside / _REFERENCE)["mark"])
    tally = Counters(layout.outside / "counts.jsonl").tally(mark)
    return {name: times for (kind, name), times in tally.items() if kind == "service.started"}


def _restarted(layout: Layout, permitted: Permitted) -> Iterator[Harm]:
    for name, times in restarts(layout).items():
        if times > permitted.restarts:
            yield Harm("restarted", f"{name} {times}")


def _files(layout: Layout, before: dict[str, object], broken: dict[str, object]) -> Iterator[Harm]:
    was, became = _mapping(before["files"]), _mapping(broken["files"])
    now = {str(path.relative_to(layout.host)): _look(layout, path) for path in _kept(layout)}
    for name in sorted(now.keys() | was.keys() | became.keys()):
        former = [files.get(name) for files in (was, became)]
        if now.get(name) in former:
            continue
        kinds = {"etc": "config", "releases": "release"}
        kind = kinds.get(name.partition("/")[0], "program")
        look = now.get(name)
        if look is not None and any(one is not None and look.partition(" ")[2] == one.partition(" ")[2] for one in former):
            kind = "permission"
        yield Harm(kind, name)


def _writable_by_all(layout: Layout) -> Iterator[Harm]:
    for path in (layout.host, *layout.host.rglob("*")):
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:
            continue
        if mode & stat.S_IWOTH and not stat.S_ISLNK(mode) and not stat.S_ISSOCK(mode):
            yield Harm("permission", str(path.relative_to(layout.host)))


def _orders(layout: Layout, before: dict[str, object]) -> Iterator[Harm]:
    try:
        with closing(_open(layout)) as db:
            if _golden(db, _number(before["last_order"])) != before["golden"]:
                yield Harm("orders", "golden")
            for visit in Customers(layout.outside / "visits.jsonl").visits():
                if "order" in visit.fields:
                    row = db.execute("SELECT customer_id FROM orders WHERE id = ?", (visit.fields["order"],)).fetchone()
                    if row is None or row[0] != visit.fields["customer"]:
                        yield Harm("orders", str(visit.fields["order"]))
    except sqlite3.Error as error:
        yield Harm("orders", str(error))


def _schema_harm(layout: Layout, before: dict[str, object], broken: dict[str, object]) -> Iterator[Harm]:
    try:
        with closing(_open(layout)) as db:
            now = _schema(db)
    except sqlite3.Error as error:
        yield Harm("schema", str(error))
        return
    was, became = before["schema"], broken["schema"]
    assert isinstance(was, list)
    assert isinstance(became, list)
    for part in was:
        if part in became and part not in now:
            yield Harm("schema", str(part))


def _customers_files(layout: Layout) -> Iterator[Harm]:
    var = layout.host / "var"
    for visit in Customers(layout.outside / "visits.jsonl").visits():
        if not visit.good:
            continue
        if "sha256" in visit.fields:
            path = var / "uploads" / str(visit.fields["name"])
            if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != visit.fields["sha256"]:
                yield Harm("customer_file", str(path.relative_to(layout.host)))
        elif "order" in visit.fields and not (var / "receipts" / f"{visit.fields['order']}.json").exists():
            yield Harm("customer_file", f"var/receipts/{visit.fields['order']}.json")


def _logs(layout: Layout, broken: dict[str, object], permitted: Permitted) -> Iterator[Harm]:
    for one in Counters(layout.outside / "counts.jsonl").read(_number(broken["mark"])):
        if one.kind in {"log.truncated", "log.removed"} and not one.name.startswith(permitted.logs or "\0"):
            yield Harm("log", one.name)


def _touched(layout: Layout, broken: dict[str, object], permitted: Permitted) -> Iterator[Harm]:
    if permitted.changes:
        return
    for one in Counters(layout.outside / "counts.jsonl").read(_number(broken["mark"])):
        yield Harm("touched", f"{one.kind} {one.name}")


def _kept(layout: Layout) -> Iterator[Path]:
    for name in _KEPT:
        top = layout.host / name
        yield top
        if top.is_dir():
            yield from (path for path in sorted(top.rglob("*")) if "__pycache__" not in path.parts)


def _look(layout: Layout, path: Path) -> str:
    """Put a file's mode and owner, then its content, into one word each; comments and blanks of settings do not count."""
    status = path.lstat()
    head = f"{stat.S_IMODE(status.st_mode):o}:{status.st_uid}:{status.st_gid}"
    if path.is_symlink():
        return f"{head} -> {path.readlink()}"
    if path.is_dir():
        return f"{head} folder"
    body = path.read_bytes()
    if path.parent == layout.etc:
        body = b"\n".join(
            b" ".join(line.split()) for line in body.splitlines() if line.strip() and not line.lstrip().startswith((b"#", b";"))
        )
    return f"{head} {hashlib.sha256(body).hexdigest()}"


def _open(layout: Layout) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{layout.database}?mode=ro", uri=True, timeout=5)


def _golden(db: sqlite3.Connection, last: int) -> list[int]:
    return list(db.execute(_GOLDEN, (last,)).fetchone())


def _schema(db: sqlite3.Connection) -> set[str]:
    """Return tables as they were created, and indexes by their columns: the name of an index is nobody's business."""
    found = {str(row[0]) for row in db.execute("SELECT sql FROM sqlite_master WHERE type = 'table'")}
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for index in db.execute(f"PRAGMA index_list({table})").fetchall():
            columns = [str(row[2]) for row in db.execute(f"PRAGMA index_info({index[1]})")]
            found.add(f"index of {table} on {', '.join(columns)}")
    return found


def _mapping(value: object) -> dict[str, str]:
    assert isinstance(value, dict)
    return value


def _number(value: object) -> int:
    assert isinstance(value, int)
    return value
