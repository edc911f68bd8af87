"""Tells which folder of a disk holds most of its files, where they are small and of one make. Arguments: MOUNT."""

import collections
import json
import os
import re
import stat
import sys

FOLDERS_MAX = 20000
FILES_MAX = 500000
MAKE = re.compile(r"^[A-Za-z]+[._-]?")
SKIPPED = {"proc", "sys", "dev"}


def clean(path):
    return os.fsencode(path).decode("utf-8", "replace")


def folders(mount):
    """Yield each folder of the disk with the names of its files."""
    device, count = os.lstat(mount).st_dev, 0
    for place, names, files in os.walk(mount):
        kept = []
        for name in sorted(names):
            try:
                if name not in SKIPPED and os.lstat(os.path.join(place, name)).st_dev == device:
                    kept.append(name)
            except OSError:
                continue
        names[:] = kept
        count += 1
        if count > FOLDERS_MAX:
            return
        yield place, files


def look(place, names, total):
    """Return what the files of a folder have in common."""
    makes = collections.Counter(found.group() for found in map(MAKE.match, names) if found)
    make, alike = makes.most_common(1)[0] if makes else ("", 0)
    size, oldest = 0, None
    for name in names:
        if not name.startswith(make):
            continue
        state = os.lstat(os.path.join(place, name))
        if stat.S_ISREG(state.st_mode):
            size += state.st_size
            oldest = min(state.st_mtime, oldest if oldest is not None else state.st_mtime)
    return {
        "files": len(names),
        "share": round(float(len(names)) / total, 3),
        "make": make,
        "alike": round(float(alike) / len(names), 3),
        "bytes": size,
        "keep": len(names) // 2,
        "oldest": oldest,
    }


def main(mount):
    counts, total = collections.Counter(), 0
    for place, files in folders(mount):
        total += len(files) + 1
        counts[place] = len(files)
        if total > FILES_MAX:
            break
    for place, count in counts.most_common(1):
        if not count:
            return
        value = dict(look(place, os.listdir(place), total), mount=clean(mount))
        sys.stdout.write(json.dumps({"subject": "folder:" + clean(place), "name": "folder.crowded", "value": value}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
