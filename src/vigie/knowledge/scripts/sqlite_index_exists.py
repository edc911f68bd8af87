"""Tells whether an SQLite database has an index.

Arguments: DATABASE INDEX. Exit codes: 0 it has, 1 it has not, 2 not to be read.
"""

import sqlite3
import sys
from urllib.parse import quote


def main(path, index):
    try:
        connection = sqlite3.connect("file:%s?mode=ro" % quote(path), uri=True, timeout=10)
        row = connection.execute("SELECT sql FROM sqlite_master WHERE type='index' AND name=?", (index,)).fetchone()
    except sqlite3.Error as error:
        sys.stderr.write("%s\n" % error)
        return 2
    sys.stdout.write("%s\n" % (row[0] or "automatic") if row else "absent\n")
    return 0 if row else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
