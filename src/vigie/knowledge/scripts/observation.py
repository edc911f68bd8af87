"""Measures what can run out on a machine, each as a share of its limit: 0 is empty, 1 is full."""

import json
import os
import sys

# Nothing of these can be filled by anybody, or their room is another's.
PASSED_OVER = {"autofs", "cgroup", "cgroup2", "devpts", "devtmpfs", "efivarfs", "fuse.lxcfs", "iso9660", "mqueue", "nsfs", "proc"}
PASSED_OVER |= {"ramfs", "securityfs", "squashfs", "sysfs", "tracefs", "debugfs", "configfs", "pstore", "bpf", "binfmt_misc"}
MOUNTS_MAX = 32
NO_LIMIT = 2**60


def tell(subject, name, value):
    row = {"subject": subject, "name": name, "value": round(min(max(value, 0.0), 1000.0), 6)}
    sys.stdout.write(json.dumps(row) + "\n")


def words_of(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().split()
    except OSError:
        return []


def number_of(path):
    words = words_of(path)
    return int(words[0]) if words and words[0].isdigit() else None


def disks():
    seen = set()
    try:
        with open("/proc/mounts", encoding="utf-8", errors="replace") as file:
            lines = [line.split() for line in file]
    except OSError:
        return
    for _, mounted, kind, options in [words[:4] for words in lines if len(words) >= 4]:
        if kind in PASSED_OVER or "ro" in options.split(",") or len(seen) >= MOUNTS_MAX:
            continue
        place = mounted.replace("\\040", " ")
        try:
            device, room = os.stat(place).st_dev, os.statvfs(place)
        except OSError:
            continue
        if device in seen or not room.f_blocks:
            continue
        seen.add(device)
        used = room.f_blocks - room.f_bfree
        # As `df` reckons: what is kept for root is neither used nor free.
        if used + room.f_bavail:
            tell("disk:" + place, "disk.used_ratio", used / (used + room.f_bavail))
        if room.f_files:
            tell("disk:" + place, "disk.inodes_ratio", 1 - room.f_ffree / room.f_files)


def memory():
    amounts = {}
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            for line in file:
                name, _, rest = line.partition(":")
                amounts[name] = int(rest.split()[0]) * 1024
    except (OSError, ValueError, IndexError):
        return
    total, free = amounts.get("MemTotal", 0), amounts.get("MemAvailable", amounts.get("MemFree", 0))
    if total:
        tell("host", "memory.used_ratio", 1 - free / total)
    for limit, used in (
        ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
        ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ):
        most, now = number_of(limit), number_of(used)
        if most and now is not None and most < min(total or NO_LIMIT, NO_LIMIT):
            stat = words_of(os.path.join(os.path.dirname(limit), "memory.stat"))
            kept = dict(zip(stat[::2], stat[1::2]))
            spare = int(kept.get("total_inactive_file", kept.get("inactive_file", 0)))
            tell("group", "memory.used_ratio", (now - spare) / most)


def open_files():
    words = words_of("/proc/sys/fs/file-nr")
    if len(words) == 3 and int(words[2]) < NO_LIMIT:
        tell("host", "host.open_files_ratio", int(words[0]) / int(words[2]))
    worst = 0.0
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            count = len(os.listdir("/proc/%s/fd" % name))
            with open("/proc/%s/limits" % name, encoding="ascii") as file:
                limit = next(line.split()[3] for line in file if line.startswith("Max open files"))
        except (OSError, StopIteration, IndexError):
            continue
        if limit.isdigit() and int(limit):
            worst = max(worst, count / int(limit))
    tell("processes", "process.open_files_ratio", worst)


def counts():
    tracked, room = (number_of("/proc/sys/net/netfilter/nf_conntrack_" + word) for word in ("count", "max"))
    if tracked is not None and room:
        tell("host", "host.connections_ratio", tracked / room)
    load, most = words_of("/proc/loadavg"), number_of("/proc/sys/kernel/pid_max")
    if len(load) >= 4:
        tell("host", "host.load_per_core", float(load[0]) / (os.cpu_count() or 1))
        if most:
            tell("host", "host.processes_ratio", int(load[3].partition("/")[2]) / most)


def main():
    disks()
    memory()
    open_files()
    counts()


if __name__ == "__main__":
    main()
