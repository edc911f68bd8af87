"""Tells the limits of the control groups that hold processes, and how often each was reached; both layouts are read.

Arguments: folders; with some, nothing is looked at: the machine around them is not theirs.
"""

import json
import os
import sys

ROOT = "/sys/fs/cgroup"
# file: what it limits; of both layouts
LIMITS = {
    "memory.max": "memory",
    "memory.high": "memory",
    "memory.limit_in_bytes": "memory",
    "cpu.max": "cpu",
    "cpu.cfs_quota_us": "cpu",
    "pids.max": "pids",
}
NO_LIMIT = ("max", "-1", "9223372036854771712")
FOLDERS_MAX = 600


def read(path):
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read(4096).strip()
    except OSError:
        return None


def table(path):
    found = {}
    for line in (read(path) or "").splitlines():
        words = line.split()
        if len(words) == 2 and words[1].isdigit():
            found[words[0]] = int(words[1])
    return found


def number(path):
    text = read(path) or ""
    return int(text) if text.isdigit() else None


def reached(folder, what):
    """Return how often a limit was reached, and how much of it is used now."""
    if what == "memory":
        events = table(folder + "/memory.events") or table(folder + "/memory.oom_control")
        failures = number(folder + "/memory.failcnt")
        used = number(folder + "/memory.current") or number(folder + "/memory.usage_in_bytes")
        return {"times": failures or events.get("max", 0), "kills": events.get("oom_kill", 0), "used": used}
    if what == "cpu":
        stat = table(folder + "/cpu.stat")
        periods, throttled = stat.get("nr_periods", 0), stat.get("nr_throttled", 0)
        return {"times": throttled, "share": round(throttled / periods, 3) if periods else 0.0}
    events = table(folder + "/pids.events")
    return {"times": events.get("max", 0), "used": number(folder + "/pids.current")}


def look(folder):
    members = (read(folder + "/cgroup.procs") or "").split()
    for name, what in sorted(LIMITS.items()):
        value = read(os.path.join(folder, name))
        if value is None:
            continue
        limited = value.split()[0] not in NO_LIMIT if value else False
        if not limited:
            continue
        told = {"key": name, "value": value, "what": what, "pids": [int(pid) for pid in members[:20] if pid.isdigit()]}
        told.update(reached(folder, what))
        sys.stdout.write(json.dumps({"subject": "group:" + folder, "name": "group.limit", "value": told}) + "\n")


def main(folders):
    for count, (folder, names, _files) in enumerate([] if folders else os.walk(ROOT)):
        names.sort()
        if count >= FOLDERS_MAX:
            return
        try:
            look(folder)
        except OSError:
            continue


if __name__ == "__main__":
    main(sys.argv[1:])
