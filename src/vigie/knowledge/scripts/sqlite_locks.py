"""Tells who holds the locks of an SQLite database, by asking the kernel; takes none itself. Arguments: DATABASE."""

import fcntl
import json
import os
import struct
import sys
import time

PENDING = 0x40000000
WRITE_BYTES = ((PENDING, 1, "exclusive"), (PENDING + 1, 1, "write"))
WAL_WRITE = ((120, 1, "write"),)
SHARED = ((PENDING + 2, 510, "read"),)
LAYOUT = "hhllhh"  # struct flock of 64-bit Linux: type, whence, start, length, pid
LOOKS = 5
PAUSE_S = 0.25


def holder(path, start, length):
    """Return the process that would be in the way of a write lock there, None when nobody is."""
    with open(path, "rb") as file:
        asked = struct.pack(LAYOUT, fcntl.F_WRLCK, os.SEEK_SET, start, length, 0, 0)
        answer = struct.unpack(LAYOUT, fcntl.fcntl(file.fileno(), fcntl.F_GETLK, asked))
    return None if answer[0] == fcntl.F_UNLCK else answer[4]


def look(path):
    found = {}
    places = [(path, WRITE_BYTES + SHARED)]
    if os.path.exists(path + "-shm"):
        places.append((path + "-shm", WAL_WRITE))
    for place, parts in places:
        for start, length, kind in parts:
            pid = holder(place, start, length)
            # In WAL mode every reader keeps a shared lock on the file: no sign of anything.
            if pid and not (kind == "read" and len(places) > 1):
                found[kind] = pid
    return found


def told(pid):
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            words = file.read(4096).replace(b"\0", b" ").decode("utf-8", "replace").strip()
        with open("/proc/%d/comm" % pid, "rb") as file:
            name = file.read().decode("utf-8", "replace").strip()
        with open("/proc/%d/stat" % pid, "rb") as file:
            started = int(file.read().rpartition(b")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
        with open("/proc/uptime", encoding="ascii") as file:
            age = round(float(file.read().split()[0]) - started, 1)
    except (OSError, IndexError, ValueError):
        return {"process": None, "command": "", "age_s": None}
    return {"process": name, "command": words, "age_s": age}


def main(path):
    looks = []
    try:
        for count in range(LOOKS):
            if count:
                time.sleep(PAUSE_S)
            looks.append(look(path))
    except OSError as error:
        sys.stderr.write("%s\n" % error)
        return 1
    subject = "database:" + path
    for kind in ("exclusive", "write", "read"):
        pids = {found[kind] for found in looks if found.get(kind)}
        steady = len(pids) == 1 and all(found.get(kind) for found in looks)
        if steady:
            value = dict(told(min(pids)), pid=min(pids), kind=kind, held_s=round((LOOKS - 1) * PAUSE_S, 2))
            sys.stdout.write(json.dumps({"subject": subject, "name": "database.lock", "value": value}) + "\n")
    busy = all(found.get("write") or found.get("exclusive") for found in looks)
    excerpt = "the write lock was held at %d of %d looks" % (sum(1 for f in looks if f.get("write") or f.get("exclusive")), LOOKS)
    sys.stdout.write(json.dumps({"subject": subject, "name": "database.busy", "value": busy, "excerpt": excerpt}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
