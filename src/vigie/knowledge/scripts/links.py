"""Tells where the links of a folder lead and whether that is there. Arguments: FOLDERS."""

import json
import os
import sys

SKIPPED = {"node_modules", ".git", "proc", "sys", "dev", "alternatives", "ssl"}
FOUND_MAX = 500


def main(folders):
    found = 0
    for top in folders:
        for place, names, files in os.walk(top):
            names[:] = sorted(name for name in names if name not in SKIPPED)
            for name in sorted(names + files):
                path = os.path.join(place, name)
                if not os.path.islink(path):
                    continue
                value = {
                    "target": os.fsencode(os.readlink(path)).decode("utf-8", "replace"),
                    "exists": os.path.exists(path),
                    "at": os.lstat(path).st_mtime,
                }
                row = {"subject": "file:" + os.fsencode(path).decode("utf-8", "replace"), "name": "file.link", "value": value}
                sys.stdout.write(json.dumps(row) + "\n")
                found += 1
                if found >= FOUND_MAX:
                    return


if __name__ == "__main__":
    main(sys.argv[1:])
