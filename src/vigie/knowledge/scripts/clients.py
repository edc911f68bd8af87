"""Tells which processes of this host hold TCP connections to ports of this host."""

import json
import os
import sys

ESTABLISHED = "01"
LISTEN = "0A"
MOST = 400


def table():
    for path in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(path, encoding="ascii") as file:
                rows = [row.split() for row in file.read().splitlines()[1:]]
        except OSError:
            continue
        for row in rows:
            here, there = (int(part.rpartition(":")[2], 16) for part in row[1:3])
            yield here, there, row[3], row[9]


def owners(inodes):
    found = {}
    for pid in sorted((int(name) for name in os.listdir("/proc") if name.isdigit())):
        try:
            links = [os.readlink("/proc/%d/fd/%s" % (pid, fd)) for fd in os.listdir("/proc/%d/fd" % pid)]
            with open("/proc/%d/comm" % pid, "rb") as file:
                name = file.read().decode("utf-8", "replace").strip()
        except OSError:
            continue
        for link in links:
            if link.startswith("socket:[") and link[8:-1] in inodes:
                found.setdefault(link[8:-1], (pid, name))
    return found


def main():
    rows = list(table())
    served = {here for here, _, state, _ in rows if state == LISTEN}
    clients = {inode: (here, there) for here, there, state, inode in rows if state == ESTABLISHED and there in served}
    held = owners(clients)
    for inode, (here, there) in sorted(clients.items(), key=lambda item: item[1])[:MOST]:
        if inode in held and here not in served:
            pid, name = held[inode]
            row = {"client_port": here, "pid": pid, "process": name}
            fact = {"subject": "port:%d" % there, "name": "port.client", "value": row}
            sys.stdout.write(json.dumps(dict(fact, excerpt="%s (pid %d) from port %d" % (name, pid, here))) + "\n")


if __name__ == "__main__":
    main()
