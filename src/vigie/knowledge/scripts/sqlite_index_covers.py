"""Tells whether an index of an SQLite table starts with some columns.

Arguments: DATABASE TABLE COLUMN[,COLUMN…]. Exit codes: 0 yes, 1 no.
"""

import sqlite3
import sys
from urllib.parse import quote


def quoted(name):
    return '"%s"' % name.replace('"', '""')


def main(path, table, columns):
    wanted = [column.strip().lower() for column in columns.split(",")]
    try:
        connection = sqlite3.connect("file:%s?mode=ro" % quote(path), uri=True, timeout=10)
        for row in connection.execute("PRAGMA index_list(%s)" % quoted(table)).fetchall():
            has = [(part[2] or "").lower() for part in connection.execute("PRAGMA index_info(%s)" % quoted(row[1]))]
            if has[: len(wanted)] == wanted:
                sys.stdout.write("%s\n" % row[1])
                return 0
    except sqlite3.Error as error:
        sys.stderr.write("%s\n" % error)
        return 2
    sys.stdout.write("absent\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
