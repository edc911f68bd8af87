"""SQLite's plan for a statement, from our script."""

import re
from collections.abc import Iterator

from vigie.domain.fact import Value
from vigie.reasoning import statements
from vigie.reasoning.parsers.parser import Output, Parser, Seen, rows

_INDEX = re.compile(r"USING (?:COVERING )?(?:INDEX (\S+)|INTEGER PRIMARY KEY|AUTOMATIC)")


class SqlitePlan(Parser):
    """Reads `EXPLAIN QUERY PLAN`."""

    name = "sqlite_plan"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield `query.plan`; a scan that goes along an index still reads the whole table."""
        for row in rows(output.text):
            lines, scans, sizes = row.get("lines"), row.get("scans"), row.get("rows")
            if not isinstance(lines, list) or not isinstance(scans, list):
                continue
            known = statements.of(output.slots.get("statement", str(row.get("statement", ""))))
            table = _scanned(scans, sizes if isinstance(sizes, dict) else {}, known)
            text = "\n".join(str(line) for line in lines)
            used = _INDEX.search(text)
            value: Value = {
                "statement": known.text,
                "hash": known.hash,
                "database": row.get("database"),
                "full_scan": table is not None and bool(known.columns),
                "table": table or known.table,
                "columns": list(known.columns),
                "columns_text": ", ".join(known.columns),
                "rows": sizes.get(table) if isinstance(sizes, dict) and table else None,
                "uses_index": used.group(1) or "primary key" if used else None,
                "text": text,
            }
            yield Seen(f"query:{known.hash}", "query.plan", value, text)


def _scanned(scans: list[Value], sizes: dict[str, Value], known: statements.Statement) -> str | None:
    """Return the table that is read from end to end: the one searched if it is among them, else the largest."""
    names: dict[str, str] = {}
    for scan in scans:
        if isinstance(scan, dict) and scan.get("table"):
            name = str(scan["table"])
            real = (
                name
                if name in sizes and sizes[name] is not None
                else next((t for t in known.tables if t.lower() == name.lower()), name)
            )
            names[name] = real
    if known.table and known.table in names.values():
        return known.table
    if len(names) == 1 and len(known.tables) == 1:
        return known.tables[0]
    ranked = sorted(names.values(), key=lambda name: -float(str(sizes.get(name) or 0)))
    return ranked[0] if ranked and not known.table else None
