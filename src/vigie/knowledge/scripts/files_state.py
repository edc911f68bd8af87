"""Tells of each file what should not change unnoticed: digest, mode, owner, where a link leads.

Arguments: folders; none: /etc and where the applications of this host live. Logs, caches, databases, lock and pid files, and
whatever else changes all the time are left out by their kind. With `--contents` first, the packed contents of the text files
follow, for the encrypted store: what opens the door to the host itself (passwords, keys of logins) is known by its digest only.
"""

import base64
import fcntl
import glob
import grp
import hashlib
import json
import os
import pwd
import stat
import struct
import sys
import zlib

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
    "supervise",  # what s6 and runit note of a service that runs
}
# What is in them comes and goes; that they are there, and whose they are, does not.
KEPT_EMPTY = {"log", "logs", "spool", "uploads", "sessions", "tmp", "cache", "backups"}
# A server's own folder, whether it runs or not.
AMONG_DATA = ("/var/lib/*/*/*.conf", "/var/lib/*/*/*/*.conf")
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
    ".rdb",
    ".aof",
    ".old",
    ".gz",
    ".dpkg-old",
    ".ucf-old",
)
VOLATILE = {"mtab", "adjtime", "resolv.conf.bak", "ld.so.cache", ".pwd.lock", "random-seed", "mtime", ".bash_history", ".lesshst"}
PLACES = ("/etc", "/srv", "/opt", "/var/www", "/usr/local/etc", "/usr/local/bin", "/var/spool/cron")
HOMES = ("/srv/", "/opt/", "/home/", "/var/", "/app", "/data/", "/usr/local/")
CONTENT_MAX = 262144
ALL_CONTENTS_MAX = 700000
SECRET_NAMES = ("shadow", "gshadow", "shadow-", "gshadow-", "opasswd")
SECRET_HEADS = (b"OPENSSH PRIVATE KEY-----", b"openssh-key-v1")
SQLITE = b"SQLite format 3\0"
FILES_MAX = 5000
# What a database keeps its rows in tells by these names: of all that is there only what people write should not change unnoticed.
STORES = ("PG_VERSION", "ibdata1", "WiredTiger", "aria_log_control")
WRITTEN = (".conf", ".cnf", ".signal", ".key", ".crt", ".pem")
HASHED_MAX = 8 * 1024 * 1024
ALL_HASHED_MAX = 256 * 1024 * 1024
# Only who may use them, not what is in them: what programs write to, and what logins stand on.
DOORS = ("/tmp", "/var/tmp", "/dev/shm", "/root", "/var/log", "/var/lib", "/var/cache", "/var/spool", "/run", "/home")
LOGIN = (".ssh", ".ssh/authorized_keys", ".ssh/authorized_keys2")
GET_FLAGS = 0x80086601
FLAGS = ((0x10, "immutable"), (0x20, "append_only"))
ACL_HEAD, ACL_ENTRY = 4, 8


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


def flags_of(path):
    """Tell what keeps a file from being changed whatever its mode."""
    place = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        value = struct.unpack("I", fcntl.ioctl(place, GET_FLAGS, b"\0" * 8)[:4])[0]
    except OSError:
        return ""
    finally:
        os.close(place)
    return ",".join(word for bit, word in FLAGS if value & bit)


def acl_of(path):
    """Tell who has rights of their own on a file, beside owner, group and others; hex of the list."""
    try:
        raw = os.getxattr(path, "system.posix_acl_access")
    except OSError:
        return ""
    return raw.hex() if len(raw) > ACL_HEAD + 3 * ACL_ENTRY else ""


def extras(path):
    try:
        found = {"flags": flags_of(path), "acl": acl_of(path)}
    except OSError:
        return {}
    return {name: value for name, value in found.items() if value}


def look(path, known, spent):
    state = os.lstat(path)
    row = {
        "mode": "%04o" % stat.S_IMODE(state.st_mode),
        "owner": name_of(pwd.getpwuid, state.st_uid, known),
        "group": name_of(grp.getgrgid, state.st_gid, known),
        "at": max(state.st_mtime, state.st_ctime) if stat.S_ISLNK(state.st_mode) else state.st_mtime,
    }
    if stat.S_ISLNK(state.st_mode):
        return dict(row, kind="link", target=clean(os.readlink(path)))
    if stat.S_ISDIR(state.st_mode) or stat.S_ISREG(state.st_mode):
        row.update(extras(path))
    if stat.S_ISDIR(state.st_mode):
        return dict(row, kind="folder", at=None)
    if not stat.S_ISREG(state.st_mode) or is_churn(os.path.basename(path)):
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
        # Below /etc a folder `run` holds what services are started with.
        skipped = SKIPPED - {"run"} if folder.startswith("/etc") else SKIPPED
        is_store = any(name in STORES for name in files)
        kept = [] if is_store else sorted(name for name in names if name not in skipped or name in KEPT_EMPTY)
        names[:] = [name for name in kept if name not in skipped and not os.path.islink(os.path.join(folder, name))]
        for name in sorted(kept + [name for name in files if not is_store or name.endswith(WRITTEN)]):
            yield os.path.join(folder, name)


def doors():
    """Yield the folders that programs write to and that logins stand on, without what is in them."""
    for place in DOORS:
        if not os.path.isdir(place) or os.path.islink(place):
            continue
        yield place
        inside = sorted(os.listdir(place)) if place not in ("/tmp", "/var/tmp", "/dev/shm", "/root", "/run") else []
        for name in inside:
            path = os.path.join(place, name)
            if os.path.isdir(path) and not os.path.islink(path):
                yield path
                for login in LOGIN if place == "/home" else ():
                    yield os.path.join(path, login)
    for login in LOGIN:
        yield "/root/" + login


def homes():
    """Find where applications live: the folders that processes work in, or that hold their configuration; the usual places."""
    found = {place for place in PLACES if os.path.isdir(place)}
    found |= {os.path.dirname(path) for pattern in AMONG_DATA for path in glob.glob(pattern) if not os.path.islink(path)}
    for pid in (name for name in os.listdir("/proc") if name.isdigit()):
        try:
            folder = os.readlink("/proc/%s/cwd" % pid)
        except OSError:
            continue
        if folder.startswith(HOMES) and folder.count("/") > 1 and os.path.isdir(folder):
            found.add(folder)
    return sorted(place for place in found if not any(place.startswith(other + "/") for other in found))


def is_key(path, body):
    base = os.path.basename(path)
    secret_name = base in SECRET_NAMES or (base.startswith(("ssh_host_", "id_")) and not base.endswith(".pub"))
    return secret_name or base.endswith((".keytab", ".p12", ".pfx", ".jks")) or any(head in body for head in SECRET_HEADS)


def content(path, row, spent):
    """Pack a text file; nothing when it is too large, secret or no text."""
    if row["kind"] != "file" or not row["sha256"] or row["bytes"] > CONTENT_MAX:
        return
    with open(path, "rb") as file:
        body = file.read(CONTENT_MAX + 1)
    if b"\0" in body or len(body) > CONTENT_MAX or is_key(path, body):
        return
    packed = base64.b64encode(zlib.compress(body, 6)).decode("ascii")
    if spent[1] + len(packed) > ALL_CONTENTS_MAX:
        return
    spent[1] += len(packed)
    value = {"sha256": hashlib.sha256(body).hexdigest(), "packed": packed}
    row = {"subject": "file:" + clean(path), "name": "file.content", "value": value, "excerpt": clean(path)}
    sys.stdout.write(json.dumps(row) + "\n")


def places(folders):
    """Yield every path to look at, each once."""
    seen = set()
    for place in [walk(top) for top in folders or homes()] + ([] if folders else [doors()]):
        for path in place:
            if path not in seen:
                seen.add(path)
                yield path


def tell(path, row, packs, spent):
    if packs:
        content(path, row, spent)
    else:
        sys.stdout.write(json.dumps([clean(path), row], separators=(",", ":")) + "\n")


def main(arguments):
    packs = arguments[:1] == ["--contents"]
    known, spent, count = {}, [0, 0], 0
    for path in places(arguments[1:] if packs else arguments):
        try:
            row = look(path, known, spent)
            if row is None:
                continue
            count += 1
            if count > FILES_MAX:
                sys.stderr.write("more than %d files\n" % FILES_MAX)
                return
            tell(path, row, packs, spent)
        except (OSError, ValueError):
            continue


if __name__ == "__main__":
    main(sys.argv[1:])
