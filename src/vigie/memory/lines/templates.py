"""What the kept lines say: each template's text, how often it was said by the hour, since when; `store.py` keeps it up."""

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from vigie.memory.lines.block import Lines

HOUR_S = 3600
_KEPT_MAX = 20_000


@dataclass(frozen=True, slots=True)
class Told:
    """One template on one host; `hours` are its lines by the hour since the one that was asked for, `count` all ever."""

    id: str
    text: str
    host: str
    service: str
    level: str
    first_s: float
    last_s: float
    count: int
    hours: tuple[tuple[int, int], ...]


def id_of(text: str) -> str:
    """Return the name of a template's text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def count(base: sqlite3.Connection, tenant: str, host: str, lines: Lines) -> None:
    """Count lines that are being kept."""
    hours = [int(at_s // HOUR_S) for at_s in (min(lines.at_s), max(lines.at_s))]
    if hours[0] == hours[1]:
        counts = Counter({(number, hours[0]): many for number, many in Counter(lines.about).items()})
    else:
        counts = Counter(zip(lines.about, (int(at_s // HOUR_S) for at_s in lines.at_s), strict=True))
    for (number, hour), many in counts.items():
        kind = lines.kinds[number]
        if not kind.template:
            continue
        name = id_of(kind.template)
        first_s, last_s = max(min(lines.at_s), hour * HOUR_S), min(max(lines.at_s), (hour + 1) * HOUR_S - 1e-3)
        base.execute(
            "INSERT INTO templates VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET first_s = min(first_s, excluded.first_s),"
            " last_s = max(last_s, excluded.last_s), count = count + excluded.count, level = excluded.level",
            (tenant, host, name, kind.template, kind.level, kind.service, first_s, last_s, many),
        )
        base.execute(
            "INSERT INTO template_hours VALUES (?,?,?,?,?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
            (tenant, host, name, hour, many),
        )


def told(
    base: sqlite3.Connection, tenant: str, since_hour: int, hosts: frozenset[str] | None, host: str | None, limit: int
) -> list[Told]:
    """Return the templates said since an hour, the most said first."""
    counts: Counter[tuple[str, str]] = Counter()
    hours: dict[tuple[str, str], list[tuple[int, int]]] = {}
    query = "SELECT host, id, hour, count FROM template_hours WHERE tenant = ? AND hour >= ? ORDER BY hour"
    for where, name, hour, many in base.execute(query, (tenant, since_hour)):
        if (not host or where == host) and (hosts is None or where in hosts):
            counts[where, name] += many
            hours.setdefault((where, name), []).append((hour, many))
    found = []
    for (where, name), _ in counts.most_common(limit):
        row = base.execute(
            "SELECT text, service, level, first_s, last_s, count FROM templates WHERE tenant = ? AND host = ? AND id = ?",
            (tenant, where, name),
        ).fetchone()
        if row is not None:
            text, service, level, first_s, last_s, ever = row
            by_hour = tuple(hours[where, name])
            found.append(Told(name, text, where, service, level, first_s, last_s, ever, by_hour))
    return found


def texts_of(base: sqlite3.Connection, tenant: str, name: str) -> tuple[str, ...]:
    """Return the texts that a template has had, its present one among them."""
    rows: Sequence[tuple[str]] = base.execute(
        "SELECT text FROM templates WHERE tenant = ? AND id = ? UNION SELECT text FROM became WHERE tenant = ? AND new = ?",
        (tenant, name, tenant, name),
    ).fetchall()
    return tuple(text for (text,) in rows)


def wordings(base: sqlite3.Connection, tenant: str, hosts: frozenset[str] | None) -> list[tuple[str, str]]:
    """Return what the lines of some hosts say, by id, the latest said first."""
    query = "SELECT id, text, host FROM templates WHERE tenant = ? ORDER BY last_s DESC LIMIT ?"
    rows = base.execute(query, (tenant, _KEPT_MAX))
    return list(dict.fromkeys((name, text) for name, text, host in rows if hosts is None or host in hosts))


def generalise(base: sqlite3.Connection, tenant: str, old: str, new: str) -> None:
    """Count what a template's former text was said as said by its new one."""
    former, name = id_of(old), id_of(new)
    base.execute("DELETE FROM became WHERE tenant = ? AND old = ?", (tenant, name))
    base.execute("UPDATE became SET new = ? WHERE tenant = ? AND new = ?", (name, tenant, former))
    base.execute("INSERT OR REPLACE INTO became VALUES (?,?,?,?)", (tenant, former, old, name))
    base.execute(
        "INSERT INTO templates SELECT tenant, host, ?, ?, level, service, first_s, last_s, count FROM templates"
        " WHERE tenant = ? AND id = ? ON CONFLICT DO UPDATE SET first_s = min(first_s, excluded.first_s),"
        " last_s = max(last_s, excluded.last_s), count = count + excluded.count",
        (name, new, tenant, former),
    )
    base.execute(
        "INSERT INTO template_hours SELECT tenant, host, ?, hour, count FROM template_hours WHERE tenant = ? AND id = ?"
        " ON CONFLICT DO UPDATE SET count = count + excluded.count",
        (name, tenant, former),
    )
    for table in ("templates", "template_hours"):
        base.execute(f"DELETE FROM {table} WHERE tenant = ? AND id = ?", (tenant, former))  # noqa: S608  # the name is ours


def forget(base: sqlite3.Connection, before_s: float) -> None:
    """Give up hours before an instant, and templates that are too many, those longest unsaid first."""
    base.execute("DELETE FROM template_hours WHERE hour < ?", (before_s // HOUR_S if before_s > 0 else 0,))
    base.execute(
        "DELETE FROM templates WHERE last_s < (SELECT last_s FROM templates ORDER BY last_s DESC LIMIT 1 OFFSET ?)", (_KEPT_MAX,)
    )
    base.execute("DELETE FROM became WHERE NOT EXISTS (SELECT 1 FROM templates WHERE id = became.new)")
