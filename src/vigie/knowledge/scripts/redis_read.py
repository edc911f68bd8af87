"""Asks a Redis server on this host.

Arguments: PORT WHAT [FOLDER…], WHAT being info, settings, queues or slow; or PORT holds COMMANDS (as JSON), or PORT is_aside
QUEUE END SHA256: whether it is so. Where the server wants a password, the one of its own configuration file is used, else those
that programs of this host were started with. No password is ever told. Only commands that read are sent.
"""

import hashlib
import json
import os
import re
import socket
import sys
import time

LIMIT_S = 4.0
KEYS_MAX = 1000
LISTS_MAX = 40
FILES_MAX = 20000
DEEPEST = 5
ENDS = 20
EXCERPT = 160
ASIDE = ":vigie-aside"
PASSWORD = re.compile(r"(?:REDIS|CACHE|QUEUE|BROKER|CELERY)\w*PASS(?:WORD|WD)?$", re.IGNORECASE)
IN_URL = re.compile(r"^rediss?://[^:/@]*:([^@]+)@", re.IGNORECASE)
SECRETS = ("requirepass", "masterauth", "tls-key-file-pass", "tls-client-key-file-pass", "masteruser", "aclfile")
# What a server works out by itself, or tells in another spelling than its file.
LEFT_OUT = ("oom-score-adj-values", "client-output-buffer-limit", "notify-keyspace-events", "watchdog-period", "bind-source-addr")
READS = ("info", "settings", "queues", "slow")
TOLD = (
    "maxmemory maxmemory-policy maxclients timeout save appendonly dir dbfilename replicaof min-replicas-to-write "
    "stop-writes-on-bgsave-error bind port protected-mode databases slowlog-log-slower-than"
).split()
UNITS = {"k": 1000, "kb": 1024, "m": 1000000, "mb": 1 << 20, "g": 1000000000, "gb": 1 << 30}


class Refused(Exception):
    """The server answered with an error."""


class Line(object):
    """One connection."""

    def __init__(self, port):
        last = None
        for host in ("127.0.0.1", "::1"):
            try:
                self.socket = socket.create_connection((host, port), LIMIT_S)
                break
            except OSError as error:
                last = last or error
        else:
            raise last
        self.file = self.socket.makefile("rb")

    def ask(self, *words):
        parts = [word if isinstance(word, bytes) else str(word).encode("utf-8", "surrogateescape") for word in words]
        self.socket.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
        return self.answer()

    def answer(self):
        head = self.file.readline().rstrip(b"\r\n")
        kind, rest = head[:1], head[1:]
        if kind == b"-":
            raise Refused(rest.decode("utf-8", "replace"))
        if kind == b"+":
            return rest
        if kind == b":":
            return int(rest)
        if kind == b"$":
            size = int(rest)
            return None if size < 0 else self.file.read(size + 2)[:-2]
        if kind == b"*":
            return [self.answer() for _ in range(int(rest))] if int(rest) >= 0 else None
        raise OSError("no answer")


def processes():
    for pid in (name for name in os.listdir("/proc") if name.isdigit()):
        yield int(pid)


def words_of(pid):
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            return [word.decode("utf-8", "replace") for word in file.read(65536).split(b"\0") if word]
    except OSError:
        return []


def sockets(match):
    """Return {inode: (local port, remote port)} of the TCP connections that match."""
    found = {}
    for path in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(path, encoding="ascii") as file:
                rows = [row.split() for row in file.read().splitlines()[1:]]
        except OSError:
            continue
        for row in rows:
            here, there = (int(part.rpartition(":")[2], 16) for part in row[1:3])
            if match(here, there, row[3]):
                found[row[9]] = (here, there)
    return found


def owners(inodes):
    """Return {inode: pid} as far as can be seen."""
    found = {}
    for pid in processes():
        try:
            links = [os.readlink("/proc/%d/fd/%s" % (pid, fd)) for fd in os.listdir("/proc/%d/fd" % pid)]
        except OSError:
            continue
        for link in links:
            if link.startswith("socket:[") and link[8:-1] in inodes:
                found.setdefault(link[8:-1], pid)
    return found


def folder_of(pid):
    try:
        return os.readlink("/proc/%d/cwd" % pid)
    except OSError:
        return ""


def parent_of(pid):
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8", errors="replace") as file:
            return int(file.read().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0


def beside(pid):
    """Return where a server works, where its manager works, and where that one's own files are."""
    manager = parent_of(pid)
    told = [os.path.dirname(word) for word in words_of(manager)[1:] if word.startswith("/") and os.path.isfile(word)]
    return [place for place in [folder_of(pid), folder_of(manager)] + told if place.count("/") > 1]


def candidates(port, folders):
    """Yield the files that may be the server's own: it does not say which before it is spoken to."""
    inodes = sockets(lambda here, there, state: here == port and state == "0A")
    near = []
    for pid in set(owners(inodes).values()):
        for word in words_of(pid)[1:]:
            if word.startswith("/") and os.path.isfile(word):
                yield word
        near += beside(pid)
    seen = 0
    for root in (
        list(folders) + ["/etc/redis", "/etc/valkey", "/usr/local/etc", "/etc"] + near + ["/opt", "/srv", "/data", "/app"]
    ):
        for folder, names, found in os.walk(root):
            deep = folder[len(root) :].count("/")
            names[:] = sorted(names)[:200] if deep < (0 if root == "/etc" else DEEPEST) else []
            for name in sorted(found):
                seen += 1
                if seen > FILES_MAX:
                    return
                path = os.path.join(folder, name)
                if name.endswith(".conf") and re.search("redis|valkey|cache", path):
                    yield path


def filed(port, folders):
    """Return the settings of the server's own file; empty where it cannot be found or read."""
    for place in candidates(port, folders):
        found = settings_in(place)
        if found and int(found.get("port", "6379")) == port:
            return found
    return {}


def settings_in(place):
    found, places = {}, [place]
    while places and len(found) < 2000:
        try:
            with open(places.pop(0), encoding="utf-8", errors="replace") as file:
                text = file.read(262144)
        except OSError:
            continue
        for row in text.splitlines():
            words = row.split(None, 1)
            if len(words) == 2 and not row.lstrip().startswith("#"):
                if words[0].lower() == "include":
                    places.append(words[1].strip())
                else:
                    found[words[0].lower()] = words[1].strip().strip('"')
    return found if found.get("port", "6379").isdigit() else {}


def passwords(known):
    """Yield what may be the password: of the server's file, then of the environment of programs."""
    if known.get("requirepass"):
        yield known["requirepass"]
    done = set()
    for pid in processes():
        try:
            with open("/proc/%d/environ" % pid, "rb") as file:
                pairs = file.read(131072).decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        for pair in pairs:
            key, _, value = pair.partition("=")
            inside = IN_URL.match(value)
            word = inside.group(1) if inside else value if PASSWORD.search(key) else ""
            if word and word not in done and len(done) < 8:
                done.add(word)
                yield word


def opened(port, known):
    line = Line(port)
    try:
        line.ask("PING")
        return line
    except Refused as error:
        if not str(error).startswith("NOAUTH"):
            return line
    for word in passwords(known):
        try:
            line.ask("AUTH", word)
            return line
        except Refused:
            continue
    raise Refused("NOAUTH Authentication required.")


def tell(subject, name, value, excerpt=""):
    sys.stdout.write(json.dumps({"subject": subject, "name": name, "value": value, "excerpt": excerpt[:400]}) + "\n")


def plain(value):
    """Return a value as two spellings of it agree: 64mb and 67108864, yes and 1."""
    match = re.match(r"^(\d+)([kmg]b?)$", value.strip().lower())
    if match:
        return str(int(match.group(1)) * UNITS[match.group(2)])
    return " ".join(value.strip().strip("\"'").lower().split())


def settings(port, line, known):
    try:
        answer = line.ask("CONFIG", "GET", "*")
    except Refused:
        return
    pairs = [part.decode("utf-8", "replace") for part in answer or []]
    for key, value in zip(pairs[::2], pairs[1::2]):
        if key in SECRETS or key in LEFT_OUT or key == "slaveof":
            continue
        if key not in known and key not in TOLD:
            continue
        there = known.get(key, known.get("slaveof") if key == "replicaof" else None)
        row = {
            "engine": "redis",
            "what": "setting",
            "key": key,
            "scope": "SERVER",
            "value": value,
            "make": written(key, value),
            "unmake": None,
            "restart": False,
        }
        # One that follows a server which answers may have been told so by whoever minds them both.
        lonely = key == "replicaof" and known and b"master_link_status:up" not in line.ask("INFO", "replication")
        if lonely or (there is not None and key != "replicaof"):
            row["filed"] = value if plain(there or "") == plain(value) else there or ""
            row["refile"] = written(key, there or "")
        tell("port:%d" % port, "object.state", row, "%s %s" % (key, value))


def written(key, value):
    if key == "replicaof":
        words = value.split()
        return json.dumps(["REPLICAOF"] + (words if len(words) == 2 else ["NO", "ONE"]))
    return json.dumps(["CONFIG", "SET", key, value])


def shape(item):
    """Return what an item is made of: items of one kind have one shape."""
    try:
        tree = json.loads(item.decode("utf-8"))
    except (ValueError, RecursionError):
        return "text"
    if isinstance(tree, dict):
        return "{%s}" % ", ".join("%s:%s" % (key, type(tree[key]).__name__) for key in sorted(tree, key=str))
    return type(tree).__name__


def told(item):
    return {
        "shape": shape(item)[:200],
        "sha256": hashlib.sha256(item).hexdigest(),
        "excerpt": item[:EXCERPT].decode("utf-8", "replace"),
    }


def queue(port, line, name):
    length = line.ask("LLEN", name)
    left, right = line.ask("LRANGE", name, 0, ENDS - 1), line.ask("LRANGE", name, -ENDS, -1)
    if not left or not right:
        return
    shapes = [shape(item) for item in (left if length <= ENDS else left + right)]
    common = max(set(shapes), key=lambda one: (shapes.count(one), one))
    ends = {"left": told(left[0]), "right": told(right[-1])}
    odd = [end for end in ("left", "right") if shapes.count(common) > 1 and ends[end]["shape"] != common[:200]]
    odd = odd or [end for end in ("right", "left") if ends[end]["shape"] == "text" and length == 1]
    value = {
        "length": length,
        "common": common[:200],
        "left": ends["left"],
        "right": ends["right"],
        "odd": odd[0] if odd else None,
    }
    if odd:
        value.update(item=ends[odd[0]]["sha256"], excerpt=ends[odd[0]]["excerpt"])
    name = name.decode("utf-8", "replace")
    tell("queue:%d/%s" % (port, name), "queue.state", value, "%s: %d items" % (name, length))


def is_so(line, words):
    """Say whether what a command would bring about is so already."""
    if words[0] == "REPLICAOF":
        told = line.ask("INFO", "replication").decode("utf-8", "replace")
        return ("role:master" in told) == (words[1:] == ["NO", "ONE"])
    answer = line.ask("CONFIG", "GET", words[2])
    return bool(answer) and plain(answer[1].decode("utf-8", "replace")) == plain(words[3])


def is_aside(line, name, end, digest):
    """Say whether an item is no longer at that end of its queue, and was put aside."""
    first = line.ask("LINDEX", name, 0 if end == "left" else -1)
    saved = line.ask("LRANGE", name + ASIDE, 0, -1)
    gone = first is None or hashlib.sha256(first).hexdigest() != digest
    return gone and any(hashlib.sha256(item).hexdigest() == digest for item in saved)


def queues(port, line):
    cursor, seen, lists = b"0", 0, 0
    while seen < KEYS_MAX and lists < LISTS_MAX:
        cursor, names = line.ask("SCAN", cursor, "COUNT", 200)
        for name in names:
            seen += 1
            if name.endswith(ASIDE.encode()):
                continue
            if lists < LISTS_MAX and line.ask("TYPE", name) == b"list":
                lists += 1
                queue(port, line, name)
        if cursor == b"0":
            break


def slow(port, line):
    """Tell which commands held the server up, by whom they were sent."""
    found = {}
    now = time.time()
    for entry in line.ask("SLOWLOG", "GET", 64) or []:
        at, micros, words = entry[1], entry[2], entry[3]
        sender = entry[4].decode("utf-8", "replace") if len(entry) > 4 else ""
        if now - at > 600:
            continue
        command = words[0].decode("utf-8", "replace").upper() if words else ""
        key = (command, sender.rpartition(":")[0])
        known = found.setdefault(key, {"count": 0, "seconds": 0.0, "seconds_max": 0.0, "last": 0, "port": 0})
        known["count"] += 1
        known["seconds"] += micros / 1e6
        known["seconds_max"] = max(known["seconds_max"], micros / 1e6)
        if at >= known["last"]:
            known.update(last=at, port=int(sender.rpartition(":")[2] or 0))
    inodes = sockets(lambda here, there, state: there == port and state == "01")
    pids = owners(inodes)
    holders = {inodes[inode][0]: pid for inode, pid in pids.items()}
    for (command, sender), known in sorted(found.items()):
        pid = holders.get(known.pop("port"))
        name = None
        if pid:
            with open("/proc/%d/comm" % pid, "rb") as file:
                name = file.read().decode("utf-8", "replace").strip()
        value = dict(known, command=command, pid=pid, process=name, seconds=round(known["seconds"], 4))
        words = "%s %d times, %.3f s at most" % (command, known["count"], known["seconds_max"])
        tell("port:%d" % port, "cache.slow_command", value, words)


def main(port, what, *rest):
    port = int(port)
    known = filed(port, rest if what in READS else ())
    try:
        line = opened(port, known)
        if what == "info":
            sys.stdout.write(line.ask("INFO").decode("utf-8", "replace"))
        elif what == "settings":
            settings(port, line, known)
        elif what == "queues":
            queues(port, line)
        elif what == "slow":
            slow(port, line)
        elif what == "holds":
            return 0 if all(is_so(line, words) for words in json.loads(rest[0])) else 1
        elif what == "is_aside":
            return 0 if is_aside(line, *rest) else 1
    except (OSError, Refused, ValueError) as error:
        sys.stdout.write("%s\n" % error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
