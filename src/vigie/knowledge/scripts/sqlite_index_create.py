"""Creates one index in an SQLite database. Arguments: DATABASE INDEX SQL. Exit codes: 0 done, 3 not that, 4 busy, 1 failed."""

import json
import re
import sqlite3
import sys
from urllib.parse import quote

WAIT_S = 30
NAME = r"(?:\"(?:[^\"]|\"\")+\"|`[^`]+`|\[[^\]]+\]|[A-Za-z_]\w*)"
CREATES = re.compile(
    r"^\s*create\s+(?:unique\s+)?index\s+(?:if\s+not\s+exists\s+)?(?P<name>" + NAME + r")\s+on\s+", re.IGNORECASE
)


def plain(name):
    return name[1:-1].replace('""', '"') if name[:1] in '"`[' else name


def tell(**row):
    sys.stdout.write(json.dumps(row) + "\n")


def main(path, index, sql):
    body = sql.strip().rstrip(";")
    match = CREATES.match(body)
    if not match or plain(match.group("name")) != index or ";" in body:
        tell(done=False, why="not one CREATE INDEX of that name")
        return 3
    try:
        connection = sqlite3.connect("file:%s?mode=rw" % quote(path), uri=True, timeout=WAIT_S, isolation_level=None)
        if connection.execute("SELECT 1 FROM sqlite_master WHERE type='index' AND name=?", (index,)).fetchone():
            tell(done=True, index=index, was_there=True)
            return 0
        connection.execute(body)
        connection.execute("PRAGMA main.optimize") if sqlite3.sqlite_version_info >= (3, 18) else None
        connection.close()
    except sqlite3.OperationalError as error:
        tell(done=False, why=str(error))
        return 4 if "locked" in str(error) or "busy" in str(error) else 1
    except sqlite3.Error as error:
        tell(done=False, why=str(error))
        return 1
    tell(done=True, index=index, was_there=False)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
