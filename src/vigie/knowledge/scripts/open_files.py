"""Tells which logs processes write, which SQLite databases they have open, which gone files still take room.

Logs and databases that lie in the folders without being held open are told too, with no process. Arguments: folders;
none: everything that can be seen, and the usual places.
"""

import json
import os
import re
import stat
import sys
import time

SQLITE = b"SQLite format 3\0"
LOG_ENDS = (".log", ".out", ".err", ".stdout", ".stderr", "_log", ".access", ".error")
WRITES = 0o3
APPENDS = 0o2000
GONE_MIN = 64 * 1024
LOG = re.compile(r"\.(log|out|err|trace)([.-][\w.-]*)?$|/logs?/")
LOG_NAMES = ("syslog", "messages", "auth.log", "secure", "kern.log", "daemon.log")
SKIPPED = {"node_modules", ".git", "__pycache__", "site-packages", "dist-packages", "proc", "sys", "dev", "journal"}
PLACES = ("/var/log", "/var/lib", "/var/www", "/srv", "/opt", "/home", "/app", "/data")
# What comes and goes: of interest only to somebody who names it.
PASSING = ("/tmp/", "/var/tmp/", "/dev/shm/", "/run/user/", "/.cache/", "/.config/")
STORES = ("PG_VERSION", "ibdata1", "WiredTiger", "aria_log_control")
ENTRIES_MAX = 60000
DEPTH_MAX = 8
FRESH_S = 14 * 86400


def tell(subject, name, value):
    sys.stdout.write(json.dumps({"subject": subject, "name": name, "value": value}) + "\n")


def clean(path):
    return os.fsencode(path).decode("utf-8", "replace")


def under(path, folders):
    return not folders or any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in folders)


def passes(path, folders):
    return not folders and any(place in path if place.startswith("/.") else path.startswith(place) for place in PASSING)


def flags_of(pid, fd):
    with open("/proc/%s/fdinfo/%s" % (pid, fd), encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith("flags:"):
                return int(line.split()[1], 8)
    return 0


def is_sqlite(path):
    try:
        with open(path, "rb") as file:
            return file.read(16) == SQLITE
    except OSError:
        return False


def examine(pid, name, fd, folders, seen, now):
    link = "/proc/%s/fd/%s" % (pid, fd)
    target = os.readlink(link)
    if not target.startswith("/") or target.startswith(("/proc/", "/dev/", "/sys/")):
        return
    gone = target.endswith(" (deleted)")
    path = target[: -len(" (deleted)")] if gone else target
    if not under(path, folders) or (path, gone) in seen:
        return
    state = os.stat(link)
    if not stat.S_ISREG(state.st_mode):
        return
    value = {"pid": int(pid), "process": name, "bytes": state.st_size}
    if gone:
        if state.st_blocks * 512 >= GONE_MIN:
            seen.add((path, gone))
            is_log = bool(LOG.search(path))
            tell("file:" + clean(path), "file.deleted_open", dict(value, bytes=state.st_blocks * 512, fd=int(fd), is_log=is_log))
        return
    if passes(path, folders) or not os.path.exists(path):
        return  # or a process of another root has it open
    if is_sqlite(path):
        seen.add((path, gone))
        tell(
            "database:" + clean(path),
            "database.open",
            dict(value, engine="sqlite", age_s=round(max(0.0, now - state.st_mtime), 1)),
        )
        return
    flags = flags_of(pid, fd)
    base = os.path.basename(path)
    looks_like_log = base.endswith(LOG_ENDS) or "/log/" in path or "/logs/" in path
    if (
        flags & WRITES
        and (looks_like_log or flags & APPENDS)
        and not base.endswith((".pid", ".lock", "-journal", "-wal", "-shm"))
    ):
        seen.add((path, gone))
        tell("log:" + clean(path), "log.open", dict(value, age_s=round(max(0.0, now - state.st_mtime), 1)))


def walk(folder, depth):
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    if any(entry.name in STORES for entry in entries):
        return  # rows of a database server, which is asked itself
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                if depth < DEPTH_MAX and entry.name not in SKIPPED:
                    for found in walk(entry.path, depth + 1):
                        yield found
            elif entry.is_file(follow_symlinks=False):
                yield entry
        except OSError:
            continue


def lies(entry, seen, now, folders):
    if (entry.path, False) in seen or passes(entry.path, folders):
        return
    state = entry.stat(follow_symlinks=False)
    value = {"pid": None, "process": None, "bytes": state.st_size, "age_s": round(max(0.0, now - state.st_mtime), 1)}
    if entry.name.endswith(LOG_ENDS) or entry.name in LOG_NAMES:
        if value["age_s"] < FRESH_S and state.st_size:
            tell("log:" + clean(entry.path), "log.open", value)
    elif state.st_size >= 512 and state.st_size % 512 == 0 and is_sqlite(entry.path):
        tell("database:" + clean(entry.path), "database.open", dict(value, engine="sqlite"))


def main(folders):
    now, seen = time.time(), set()
    for pid in sorted((name for name in os.listdir("/proc") if name.isdigit()), key=int):
        try:
            with open("/proc/%s/comm" % pid, "rb") as file:
                name = file.read().decode("utf-8", "replace").strip()
            fds = os.listdir("/proc/%s/fd" % pid)
        except OSError:
            continue
        for fd in fds:
            try:
                examine(pid, name, fd, folders, seen, now)
            except (OSError, ValueError):
                continue
    count = 0
    for folder in folders or [name for name in PLACES if os.path.isdir(name)]:
        for entry in walk(folder, 0):
            count += 1
            if count > ENTRIES_MAX:
                return
            try:
                lies(entry, seen, now, folders)
            except OSError:
                continue


if __name__ == "__main__":
    main(sys.argv[1:])
