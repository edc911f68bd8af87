"""Tells how SQLite would answer a SELECT, without answering it. Arguments: DATABASE STATEMENT."""

import json
import re
import sqlite3
import sys
from urllib.parse import quote

READS = re.compile(r"^\s*(select|with)\b", re.IGNORECASE)
SCAN = re.compile(r"^SCAN (?:TABLE )?(?P<table>\S+)(?: AS (?P<alias>\S+))?(?P<rest>.*)$")
PLACES = (r"\?\d*", r":[A-Za-z_]\w*", r"\$\d+", r"@[A-Za-z_]\w*", r"%s", r"%\(\w+\)s")


def filled(statement):
    """Give placeholders a value: the plan does not depend on it."""
    return re.sub("|".join(PLACES), "1", statement)


def main(path, statement):
    words = filled(statement)
    if not READS.match(words) or ";" in words.rstrip().rstrip(";"):
        sys.stderr.write("only one SELECT can be explained\n")
        return 3
    try:
        connection = sqlite3.connect("file:%s?mode=ro" % quote(path), uri=True, timeout=2)
        lines = [row[-1] for row in connection.execute("EXPLAIN QUERY PLAN " + words)]
        scans = [match.groupdict() for match in (SCAN.match(line) for line in lines) if match]
        sizes = {}
        for scan in scans:
            known = (
                connection.execute('SELECT max(rowid) FROM "%s"' % scan["table"].replace('"', '""'))
                if is_table(connection, scan["table"])
                else None
            )
            sizes[scan["table"]] = known.fetchone()[0] if known else None
    except sqlite3.Error as error:
        sys.stderr.write("%s\n" % error)
        return 1
    row = {"statement": statement, "database": path, "lines": lines, "scans": scans, "rows": sizes}
    sys.stdout.write(json.dumps(row) + "\n")
    return 0


def is_table(connection, name):
    return bool(connection.execute("SELECT 1 FROM sqlite_master WHERE type='table' AND name=?", (name,)).fetchone())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
