"""Tells the tables, indexes and settings of an SQLite database, without writing. Arguments: DATABASE."""

import json
import os
import sqlite3
import sys
import time
from urllib.parse import quote

COUNT_S = 1.5
CHECK_MAX = 64 * 1024 * 1024


def tell(subject, name, value, excerpt=""):
    sys.stdout.write(json.dumps({"subject": subject, "name": name, "value": value, "excerpt": excerpt}) + "\n")


def quoted(name):
    return '"%s"' % name.replace('"', '""')


def counted(connection, table, deadline):
    """Count the rows; None where it would take too long."""
    connection.set_progress_handler(lambda: 1 if time.time() > deadline else 0, 20000)
    try:
        return connection.execute("SELECT count(*) FROM %s" % quoted(table)).fetchone()[0]
    except sqlite3.Error:
        return None
    finally:
        connection.set_progress_handler(None, 0)


def tables(connection, path):
    deadline = time.time() + COUNT_S
    names = connection.execute("SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    found = [row[0] for row in names]
    for table in found:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(%s)" % quoted(table))]
        rows = counted(connection, table, deadline)
        tell(
            "table:%s/%s" % (path, table),
            "table.state",
            {"rows": rows, "columns": columns},
            "%s (%s), %s rows" % (table, ", ".join(columns), rows),
        )
        indexes(connection, path, table)
    return found


def indexes(connection, path, table):
    for row in connection.execute("PRAGMA index_list(%s)" % quoted(table)).fetchall():
        name = row[1]
        columns = [part[2] for part in connection.execute("PRAGMA index_info(%s)" % quoted(name))]
        said = connection.execute("SELECT sql FROM sqlite_master WHERE type='index' AND name=?", (name,)).fetchone()
        sql = said[0] if said else None
        value = {"table": table, "columns": columns, "unique": bool(row[2]), "sql": sql, "valid": True, "automatic": sql is None}
        tell("index:%s/%s" % (path, name), "index.state", value, sql or "automatic index %s on %s" % (name, table))


def check(connection, path):
    if os.path.getsize(path) > CHECK_MAX:
        return None
    deadline = time.time() + COUNT_S
    connection.set_progress_handler(lambda: 1 if time.time() > deadline else 0, 20000)
    try:
        return connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError:
        return None
    finally:
        connection.set_progress_handler(None, 0)


def main(path):
    subject = "database:" + path
    value = {"engine": "sqlite", "ok": False, "error": None, "journal_mode": None, "bytes": None, "check": None, "tables": []}
    try:
        value["bytes"] = os.path.getsize(path)
        value["writable"] = os.access(path, os.W_OK) and os.access(os.path.dirname(path), os.W_OK)
        connection = sqlite3.connect("file:%s?mode=ro" % quote(path), uri=True, timeout=2)
        value["journal_mode"] = connection.execute("PRAGMA journal_mode").fetchone()[0]
        value["tables"] = tables(connection, path)
        value["check"] = check(connection, path)
        value["ok"] = value["check"] in ("ok", None)
        connection.close()
    except (OSError, sqlite3.Error) as error:
        value["error"] = str(error)
    tell(subject, "database.state", value, value["error"] or "")


if __name__ == "__main__":
    main(sys.argv[1])
