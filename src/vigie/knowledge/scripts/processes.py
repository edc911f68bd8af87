"""Tells of each process what it is, how it stands and where it works. Arguments: folders; none: all processes."""

import json
import os
import pwd
import sys

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def text(raw):
    return raw.decode("utf-8", "replace")


def read(path):
    with open(path, "rb") as file:
        return file.read(65536)


def under(path, folders):
    return any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in folders)


def concerns(words, folder, folders):
    if not folders or under(folder, folders):
        return True
    return any(under(part, folders) for word in words for part in (word, word.partition("=")[2]))


def user_of(uid):
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def look(pid, uptime, folders):
    base = "/proc/%d/" % pid
    words = [text(word) for word in read(base + "cmdline").split(b"\0") if word]
    name, _, rest = text(read(base + "stat")).partition("(")[2].rpartition(")")
    fields = rest.split()
    try:
        folder = os.readlink(base + "cwd")
    except OSError:
        folder = ""
    if not concerns(words, folder, folders):
        return None
    age = max(0.0, uptime - int(fields[19]) / TICKS)
    used = (int(fields[11]) + int(fields[12])) / TICKS
    return {
        "pid": pid,
        "name": name,
        "command": " ".join(words)[:1000] or "[%s]" % name,
        "state": fields[0],
        "cpu_percent": round(100.0 * used / age, 1) if age > 0 else 0.0,
        "memory_bytes": int(fields[21]) * PAGE,
        "age_s": round(age, 1),
        "user": user_of(os.stat(base).st_uid),
        "parent": int(fields[1]),
        "folder": os.fsencode(folder).decode("utf-8", "replace"),
    }


def main(folders):
    with open("/proc/uptime", encoding="ascii") as file:
        uptime = float(file.read().split()[0])
    for entry in sorted((name for name in os.listdir("/proc") if name.isdigit()), key=int):
        if int(entry) == os.getpid():
            continue
        try:
            row = look(int(entry), uptime, folders)
        except (OSError, IndexError, ValueError):
            continue  # it has ended meanwhile
        if row is not None:
            sys.stdout.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
