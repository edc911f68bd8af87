"""Finds logs and SQLite databases in folders, whether a process has them open or not. Arguments: folders."""

import json
import os
import sys
import time

SQLITE = b"SQLite format 3\0"
LOG_ENDS = (".log", ".out", ".err", ".stderr", ".stdout")
LOG_NAMES = ("syslog", "messages", "auth.log", "secure", "kern.log", "daemon.log")
SKIPPED = {"node_modules", ".git", "__pycache__", "site-packages", "proc", "sys", "dev"}
ENTRIES_MAX = 60000
DEPTH_MAX = 8
FRESH_S = 14 * 86400
DEFAULT = ("/var/log", "/var/lib", "/var/www", "/srv", "/opt", "/home", "/app", "/data")


def tell(subject, name, value):
    sys.stdout.write(json.dumps({"subject": subject, "name": name, "value": value}) + "\n")


def walk(folder, depth):
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
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


def examine(entry, now):
    state = entry.stat(follow_symlinks=False)
    path = os.fsencode(entry.path).decode("utf-8", "replace")
    age = round(max(0.0, now - state.st_mtime), 1)
    if entry.name.endswith(LOG_ENDS) or entry.name in LOG_NAMES:
        if age < FRESH_S and state.st_size:
            tell("log:" + path, "log.found", {"bytes": state.st_size, "age_s": age})
    elif state.st_size >= 512 and state.st_size % 512 == 0:
        with open(entry.path, "rb") as file:
            if file.read(16) == SQLITE:
                tell("database:" + path, "database.found", {"engine": "sqlite", "bytes": state.st_size, "age_s": age})


def main(folders):
    now = time.time()
    count = 0
    for folder in folders or [name for name in DEFAULT if os.path.isdir(name)]:
        for entry in walk(folder, 0):
            count += 1
            if count > ENTRIES_MAX:
                return
            try:
                examine(entry, now)
            except OSError:
                continue


if __name__ == "__main__":
    main(sys.argv[1:])
