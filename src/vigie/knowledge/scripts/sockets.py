"""Tells which TCP ports are listened on, and by whom. Arguments: folders; none: all ports."""

import json
import os
import socket
import struct
import sys

LISTEN = "0A"


def address_of(field):
    raw, _, port = field.partition(":")
    data = bytes.fromhex(raw)
    words = struct.unpack("<%dI" % (len(data) // 4), data)
    packed = struct.pack(">%dI" % len(words), *words)
    family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6
    return socket.inet_ntop(family, packed), int(port, 16)


def listening():
    found = {}
    for path in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(path, encoding="ascii") as file:
                lines = file.read().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == LISTEN:
                sending, _, waiting = fields[4].partition(":")
                found[fields[9]] = (address_of(fields[1]), int(waiting, 16))
    return found


def under(path, folders):
    return any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in folders)


def owner(pid, folders):
    base = "/proc/%s/" % pid
    with open(base + "comm", "rb") as file:
        name = file.read().decode("utf-8", "replace").strip()
    with open(base + "cmdline", "rb") as file:
        words = [word.decode("utf-8", "replace") for word in file.read(65536).split(b"\0") if word]
    try:
        folder = os.readlink(base + "cwd")
    except OSError:
        folder = ""
    concerned = (
        not folders
        or under(folder, folders)
        or any(under(part, folders) for word in words for part in (word, word.partition("=")[2]))
    )
    return {"pid": int(pid), "process": name, "command": " ".join(words)[:1000]}, concerned


def owners(inodes, folders):
    found = {}
    for pid in (name for name in os.listdir("/proc") if name.isdigit()):
        try:
            targets = [os.readlink("/proc/%s/fd/%s" % (pid, fd)) for fd in os.listdir("/proc/%s/fd" % pid)]
        except OSError:
            continue
        held = {target[8:-1] for target in targets if target.startswith("socket:[")} & set(inodes)
        for inode in held:
            try:
                row, concerned = owner(pid, folders)
            except OSError:
                continue
            former = found.get(inode)
            if former is None or row["pid"] < former[0]["pid"]:  # the parent of its workers
                found[inode] = (row, concerned)
    return found


def main(folders):
    ports = listening()
    held = owners(ports, folders)
    for inode, ((address, port), queue) in sorted(ports.items(), key=lambda item: item[1][0][1]):
        row, concerned = held.get(inode, ({"pid": None, "process": None, "command": ""}, not folders))
        if concerned:
            row = dict(row, address=address, port=port, protocol="tcp", queue=queue)
            sys.stdout.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
