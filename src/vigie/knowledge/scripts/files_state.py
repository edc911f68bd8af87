"""Tells of each file what should not change unnoticed: digest, mode, owner, where a link leads. Arguments: [-] FOLDERS.

Only what is made to stay: logs, caches, databases, lock and pid files, and whatever changes all the time are left out by their
kind. With `-` first, only configuration counts: programs and libraries are left to their packages.
"""

import grp
import hashlib
import json
import os
import pwd
import stat
import sys

SKIPPED = {
    "node_modules",
    ".git",
    "__pycache__",
    "site-packages",
    "dist-packages",
    "proc",
    "sys",
    "dev",
    "run",
    "cache",
    ".cache",
    "tmp",
    "log",
    "logs",
    "lost+found",
    "sessions",
    "spool",
    "uploads",
    "alternatives",
    "certs",
    "terminfo",
    "backups",
    ".mypy_cache",
}
CHURN = (
    ".log",
    ".out",
    ".err",
    ".pid",
    ".lock",
    ".sock",
    ".socket",
    ".tmp",
    ".temp",
    ".swp",
    ".swo",
    "~",
    ".pyc",
    ".pyo",
    "-journal",
    "-wal",
    "-shm",
    ".db",
    ".sqlite",
    ".sqlite3",
    ".db3",
    ".rrd",
    ".journal",
    ".cache",
    ".old",
    ".gz",
    ".dpkg-old",
    ".ucf-old",
)
VOLATILE = {"mtab", "adjtime", "resolv.conf.bak", "ld.so.cache", ".pwd.lock", "random-seed", "mtime", ".bash_history", ".lesshst"}
SQLITE = b"SQLite format 3\0"
FILES_MAX = 8000
HASHED_MAX = 8 * 1024 * 1024
ALL_HASHED_MAX = 256 * 1024 * 1024


def clean(path):
    return os.fsencode(path).decode("utf-8", "replace")


def name_of(lookup, number, known):
    if (lookup, number) not in known:
        try:
            known[lookup, number] = lookup(number)[0]
        except KeyError:
            known[lookup, number] = str(number)
    return known[lookup, number]


def digest(path):
    made = hashlib.sha256()
    with open(path, "rb") as file:
        head = file.read(16)
        if head == SQLITE:
            return None
        made.update(head)
        for part in iter(lambda: file.read(1 << 20), b""):
            made.update(part)
    return made.hexdigest()


def is_churn(name):
    head, _, tail = name.rpartition(".")
    rotated = bool(head) and tail.isdigit() and head.endswith((".log", ".out", ".err"))
    return name in VOLATILE or name.lower().endswith(CHURN) or rotated


def is_text(path):
    with open(path, "rb") as file:
        return b"\0" not in file.read(4096)


def settings_only(path, state):
    return state.st_size <= 1024 * 1024 and is_text(path)


def look(path, known, narrow, spent):
    state = os.lstat(path)
    row = {
        "mode": "%04o" % stat.S_IMODE(state.st_mode),
        "owner": name_of(pwd.getpwuid, state.st_uid, known),
        "group": name_of(grp.getgrgid, state.st_gid, known),
        "at": max(state.st_mtime, state.st_ctime) if stat.S_ISLNK(state.st_mode) else state.st_mtime,
    }
    if stat.S_ISLNK(state.st_mode):
        return dict(row, kind="link", target=clean(os.readlink(path)))
    if stat.S_ISDIR(state.st_mode):
        return dict(row, kind="folder", at=None)
    if not stat.S_ISREG(state.st_mode) or is_churn(os.path.basename(path)) or (narrow and not settings_only(path, state)):
        return None
    row = dict(row, kind="file", bytes=state.st_size, changed=state.st_ctime, sha256=None)
    if state.st_size <= HASHED_MAX and spent[0] + state.st_size <= ALL_HASHED_MAX:
        try:
            row["sha256"] = digest(path)
        except OSError:
            return row
        if row["sha256"] is None:
            return None  # a database lives; its schema is looked at instead
        spent[0] += state.st_size
    return row


def walk(top):
    yield top
    for folder, names, files in os.walk(top):
        kept = sorted(name for name in names if name not in SKIPPED)
        names[:] = [name for name in kept if not os.path.islink(os.path.join(folder, name))]
        for name in sorted(kept + files):
            yield os.path.join(folder, name)


def main(arguments):
    narrow = arguments[:1] == ["-"]
    known, spent, count = {}, [0], 0
    for top in arguments[1:] if narrow else arguments:
        for path in walk(top):
            try:
                row = look(path, known, narrow, spent)
            except (OSError, ValueError):
                continue
            if row is None:
                continue
            count += 1
            if count > FILES_MAX:
                sys.stderr.write("more than %d files\n" % FILES_MAX)
                return
            sys.stdout.write(json.dumps({"subject": "file:" + clean(path), "name": "file.state", "value": row}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
