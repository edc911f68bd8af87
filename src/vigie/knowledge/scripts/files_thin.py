"""Removes the oldest files of one make from a folder until no more than so many are left. Arguments: FOLDER MAKE KEEP."""

import json
import os
import stat
import sys


def main(folder, make, keep):
    keep, found = int(keep), []
    if not make or keep < 1 or not stat.S_ISDIR(os.lstat(folder).st_mode):
        sys.stdout.write(json.dumps({"done": False, "why": "no such files"}) + "\n")
        return 3
    names = os.listdir(folder)
    for name in names:
        state = os.lstat(os.path.join(folder, name))
        if name.startswith(make) and stat.S_ISREG(state.st_mode):
            found.append((state.st_mtime, name))
    removed = 0
    for _, name in sorted(found)[: max(0, len(names) - keep)]:
        os.unlink(os.path.join(folder, name))
        removed += 1
    sys.stdout.write(json.dumps({"done": True, "removed": removed}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
