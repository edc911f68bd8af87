"""Tells which processes run from where no program belongs, under a false name, or from a file that was deleted.

With the SHA-256 of what runs, and what starts it again: lines of cron and units that name it. Arguments: folders; with some,
nothing is looked at: the machine around them is not theirs.
"""

import hashlib
import json
import os
import sys

NOT_FOR_PROGRAMS = ("/tmp/", "/var/tmp/", "/dev/shm/", "/run/shm/", "/dev/mqueue/")
STARTERS = ("/etc/crontab", "/etc/cron.d", "/var/spool/cron/crontabs", "/etc/systemd/system", "/etc/rc.local", "/etc/profile.d")
STARTERS += ("/etc/cron.hourly", "/etc/cron.daily", "/etc/init.d", "/etc/supervisor/conf.d", "/etc/ld.so.preload")
KERNEL = ("kworker", "ksoftirqd", "kthreadd", "kswapd", "migration/", "rcu_", "khugepaged", "kdevtmpfs", "[")
READ_MAX = 65536
HASHED_MAX = 64 * 1024 * 1024


def clean(path):
    return os.fsencode(path).decode("utf-8", "replace")


def words_of(pid):
    with open("/proc/%s/cmdline" % pid, "rb") as file:
        return [word.decode("utf-8", "replace") for word in file.read(READ_MAX).split(b"\0") if word]


def digest(pid):
    made, size = hashlib.sha256(), 0
    try:
        with open("/proc/%s/exe" % pid, "rb") as file:
            for part in iter(lambda: file.read(1 << 20), b""):
                size += len(part)
                if size > HASHED_MAX:
                    return None
                made.update(part)
    except OSError:
        return None
    return made.hexdigest()


def odd(exe, words):
    """Return why a process is strange, None when it is not."""
    place = exe.replace(" (deleted)", "")
    if place.startswith(NOT_FOR_PROGRAMS):
        return "place"
    # A script is no program of its own: what it runs from says as much.
    script = next((word for word in words[1:3] if word.startswith(NOT_FOR_PROGRAMS)), None)
    if script and os.path.basename(place).startswith(("python", "perl", "bash", "sh", "dash", "php", "node", "ruby")):
        return "place"
    if words and words[0].startswith(KERNEL):
        return "name"
    return None


def starters(path):
    """Return the files that name a path, so that it would come back."""
    found = []
    for top in STARTERS:
        places = [top] if os.path.isfile(top) else []
        if os.path.isdir(top):
            places = [os.path.join(top, name) for name in sorted(os.listdir(top))]
        for place in places:
            try:
                with open(place, "rb") as file:
                    if os.fsencode(path) in file.read(READ_MAX):
                        found.append(clean(place))
            except OSError:
                continue
    return found


def look(pid):
    exe = os.readlink("/proc/%s/exe" % pid)
    words = words_of(pid)
    why = odd(exe, words)
    if why is None or int(pid) == os.getpid():
        return
    script = next((word for word in words[1:3] if word.startswith(NOT_FOR_PROGRAMS)), None)
    path = script or exe.replace(" (deleted)", "")
    with open("/proc/%s/comm" % pid, encoding="utf-8", errors="replace") as file:
        name = file.read().strip()
    value = {
        "pid": int(pid),
        "process": name,
        "path": clean(path),
        "why": why,
        "there": os.path.isfile(path),
        "command": " ".join(words)[:500],
        "sha256": digest(pid),
        "started_by": starters(path),
    }
    value["starter"] = value["started_by"][0] if value["started_by"] else None
    sys.stdout.write(json.dumps({"subject": "process:" + pid, "name": "process.strange", "value": value}) + "\n")


def main(folders):
    pids = [] if folders else os.listdir("/proc")
    for pid in sorted((name for name in pids if name.isdigit()), key=int):
        try:
            look(pid)
        except OSError:
            continue


if __name__ == "__main__":
    main(sys.argv[1:])
