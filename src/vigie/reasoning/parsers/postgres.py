"""What PostgreSQL answers as JSON, one row a line, to the queries of the probes; the option `what` says which."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from statistics import median

from vigie.domain.fact import Value
from vigie.reasoning import statements
from vigie.reasoning.parsers.parser import Output, Parser, Seen, rows
from vigie.reasoning.statements import Statement

# Statements that answer at once are at work for less.
_AT_WORK_S = 0.05
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,62}")
_TOLD = ("Node Type", "Relation Name", "Filter", "Index Name", "Plan Rows", "Total Cost")


class Postgres(Parser):
    """Reads rows of `row_to_json`."""

    name = "postgres"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield what the rows tell."""
        database = output.slots.get("database", "")
        what = str(output.options.get("what", ""))
        if what == "plan":
            yield from _plan(output, database)
            return
        if what == "statements":
            yield from _statements(output, database)
            return
        for row in rows(output.text):
            seen = _ROWS[what](database, row)
            if seen is not None:
                yield seen


def _fact(subject: str, name: str, value: dict[str, Value]) -> Seen:
    return Seen(subject, name, value, ", ".join(f"{key} {held}" for key, held in value.items() if held not in (None, "")))


def _state(database: str, row: dict[str, Value]) -> Seen:
    return _fact(f"database:{database}", "database.state", {"engine": "postgres", "ok": True, "error": None, **row})


def _connections(database: str, row: dict[str, Value]) -> Seen | None:
    if "statement" in row or "pid" in row:
        value = dict(row)
        value["statement"] = " ".join(str(row.get("statement") or "").split())[:500]
        value["blocked_by"] = row.get("blocked_by") or None  # nobody: nothing there to be seen
        value["blocks"] = row.get("blocks") or None
        return _fact(f"database:{database}", "database.session", value)
    return _fact(f"database:{database}", "database.connections", row)


def _table(database: str, row: dict[str, Value]) -> Seen:
    name = str(row.pop("name", ""))
    return _fact(f"table:{database}/{name}", "table.state", row)


def _index(database: str, row: dict[str, Value]) -> Seen:
    name = str(row.pop("name", ""))
    return _fact(f"index:{database}/{name}", "index.state", row)


def _found(database: str, row: dict[str, Value]) -> Seen | None:
    """The same server, by another of its databases: one whose name needs no quoting."""
    name = str(row.get("name") or "")
    if _NAME.fullmatch(name) is None or "dbname=" not in database:
        return None
    there = re.sub(r"dbname=\S+", lambda _: f"dbname={name}", database)
    return _fact(f"database:{there}", "database.found", {"engine": "postgres", **row, "server": database})


def _setting(database: str, row: dict[str, Value]) -> Seen:
    return _fact(f"database:{database}", "database.setting", row)


def _object(database: str, row: dict[str, Value]) -> Seen | None:
    """Something that can be put back as it was: `make` is the statement that does it, `unmake` takes it away."""
    if not (isinstance(row.get("what"), str) and isinstance(row.get("make"), str)):
        return None
    return _fact(f"database:{database}", "object.state", {"engine": "postgres", **row})


_ROWS = {
    "objects": _object,
    "state": _state,
    "activity": _connections,
    "tables": _table,
    "indexes": _index,
    "settings": _setting,
    "databases": _found,
}


def _statements(output: Output, database: str) -> Iterator[Seen]:
    """Statements that were at work for long, or at more than one of several moments, as a log of slow ones would tell them."""
    groups: dict[str, list[tuple[Statement, float]]] = defaultdict(list)
    for row in rows(output.text):
        seconds, statement = row.get("seconds"), statements.found_in(str(row.get("statement") or ""))
        if statement is not None and isinstance(seconds, int | float):
            groups[statement.hash].append((statement, float(seconds)))
    name = re.search(r"dbname=(\S+)", database)
    now = output.now.isoformat().replace("+00:00", "Z")
    for same in groups.values():
        times = [seconds for _, seconds in same]
        if max(times) < _AT_WORK_S:
            continue
        last = same[-1][0]
        value: Value = {
            "statement": last.text,
            "hash": last.hash,
            "table": last.table,
            "columns": list(last.columns),
            "columns_text": ", ".join(last.columns),
            "count": len(same),
            "seconds_max": round(max(times), 4),
            "seconds_median": round(median(times), 4),
            "first": now,
            "last": now,
            "example": last.text[:500],
        }
        yield Seen(f"log:postgres/{name.group(1) if name else ''}", "log.slow_query", value, last.text)


def _plan(output: Output, database: str) -> Iterator[Seen]:
    known = statements.of(output.slots.get("statement", ""))
    try:
        read, end = json.JSONDecoder().raw_decode(output.text.lstrip())
        top = read[0]["Plan"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return
    scans = [node for node in _nodes(top) if node.get("Node Type") == "Seq Scan" and node.get("Filter")]
    scans.sort(key=lambda node: -float(str(node.get("Total Cost") or 0)))
    indexes = [str(node["Index Name"]) for node in _nodes(top) if node.get("Index Name")]
    table = str(scans[0].get("Relation Name")) if scans else known.table
    columns = re.findall(r"\(?\b([a-z_][a-z0-9_]*)\)?(?:::\w+)? (?:=|<|>|~~|<=|>=)", str(scans[0].get("Filter"))) if scans else []
    found = list(dict.fromkeys(columns)) or list(known.columns)
    text = json.dumps([{key: node[key] for key in _TOLD if key in node} for node in _nodes(top)])
    value: Value = {
        "statement": known.text,
        "hash": known.hash,
        "database": database,
        "full_scan": bool(scans),
        "table": table,
        "columns": list(found),
        "columns_text": ", ".join(found),
        "rows": next((row.get(table or "") for row in rows(output.text.lstrip()[end:])), None),
        "uses_index": indexes[0] if indexes else None,
        "text": text[:1000],
    }
    yield Seen(f"query:{known.hash}", "query.plan", value, text)


def _nodes(top: dict[str, Value]) -> Iterator[dict[str, Value]]:
    waiting: list[Value] = [top]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, dict):
            yield node
            children = node.get("Plans")
            waiting += children if isinstance(children, list) else []
