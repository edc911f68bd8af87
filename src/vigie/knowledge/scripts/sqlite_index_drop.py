"""Drops one index of an SQLite database. Arguments: DATABASE INDEX. Exit codes: 0 done or not there, 4 busy, 1 failed."""

import json
import sqlite3
import sys
from urllib.parse import quote

WAIT_S = 30


def main(path, index):
    try:
        connection = sqlite3.connect("file:%s?mode=rw" % quote(path), uri=True, timeout=WAIT_S, isolation_level=None)
        connection.execute('DROP INDEX IF EXISTS "%s"' % index.replace('"', '""'))
        connection.close()
    except sqlite3.Error as error:
        sys.stdout.write(json.dumps({"done": False, "why": str(error)}) + "\n")
        return 4 if "locked" in str(error) or "busy" in str(error) else 1
    sys.stdout.write(json.dumps({"done": True, "index": index}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
