"""The gate on a host: the only thing that a key of Vigie's can start there. It runs a line for a ticket, and nothing else.

A ticket is signed for one line, its input, this host and a minute; it is good once. Argument `reads`: of those, only lines that
were listed when the gate was set up, without the right to write a file or to become somebody else.

Started by sshd through `command=` in authorized_keys; `setup.py` puts it there. Beside it: `gate.json`, and `used`, the tickets
that were used, in a file that never grows, so that a full disk keeps nobody out; on one that takes no write, see `spend`.
"""

import base64
import errno
import fcntl
import hashlib
import json
import os
import resource
import stat
import struct
import sys
import syslog
import time

WORD = "vigie-ticket-1"
EARLY_S = 60
SLOT, SLOTS = 32, 4096
STDIN_MAX = 256 * 1024 * 1024
LINE_MAX = 64 * 1024
MEMORY = "/dev/shm"

# Ed25519 (RFC 8032): the check of a signature, which needs no secret; points are (x, y, z, xy/z).
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


class Refused(Exception):
    """Why nothing is run."""


def added(one, other):
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def summed(one, first, other, second):
    """Return one times the first point plus other times the second, in one walk over the bits."""
    both = added(first, second)
    total = (0, 1, 1, 0)
    for at in range(max(one.bit_length(), other.bit_length()) - 1, -1, -1):
        total = added(total, total)
        bits = (one >> at & 1) + 2 * (other >> at & 1)
        if bits:
            total = added(total, (first, second, both)[bits - 1])
    return total


def point_of(packed):
    y = int.from_bytes(packed, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if len(packed) != 32 or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def is_signed(public, message, signature):
    if len(signature) != 64:
        return False
    key, start = point_of(public), point_of(signature[:32])
    number = int.from_bytes(signature[32:], "little")
    if key is None or start is None or number >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    seen = summed(number, BASE, challenge, (P - key[0], key[1], 1, P - key[3]))
    return (seen[0] - start[0] * seen[2]) % P == 0 and (seen[1] - start[1] * seen[2]) % P == 0


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def opened(words, known, now):
    """Return what a ticket says, once it was seen to be ours, for this host and for now."""
    parts = words.split(" ")
    if len(parts) != 3 or parts[0] != WORD:
        raise Refused("no ticket")
    try:
        body, signature = (base64.b64decode(part.encode("ascii"), b"-_", validate=True) for part in parts[1:])
    except ValueError:
        raise Refused("no ticket")
    if not is_signed(bytes.fromhex(known["public"]), WORD.encode() + b"\n" + body, signature):
        raise Refused("not signed for this host")
    ticket = json.loads(body.decode())
    if ticket["host"] != known["host"]:
        raise Refused("another host's")
    if not ticket["at"] - EARLY_S <= now <= ticket["at"] + ticket["ttl"]:
        raise Refused("clock %d" % now)
    return ticket


def spend(folder, ticket, now, mode):
    """Note that a ticket was used, or say that it was before.

    Where the file system takes no write any more, notes go to memory. What was noted there is gone when the machine starts anew,
    so no ticket is good there that is as old as these notes, or dated ahead. Reads need no note then: they do no harm twice.
    """
    nonce, until = bytes.fromhex(ticket["nonce"]), ticket["at"] + ticket["ttl"] + 1
    kept, spare = os.path.join(folder, "used"), spare_of(ticket["host"])
    with open(kept, "rb", buffering=0) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_noted(kept, nonce) or (is_ours(spare) and is_noted(os.path.join(spare, "used"), nonce)):
            raise Refused("used before")
        try:
            note(kept, nonce, until, now)
        except OSError as error:
            if error.errno != errno.EROFS:
                raise
            if mode != "reads":
                if not begun(spare) < ticket["at"] <= now:
                    raise Refused("clock %d" % time.time())
                note(os.path.join(spare, "used"), nonce, until, now)


def is_noted(path, nonce):
    with open(path, "rb", buffering=0) as file:
        used = file.read(SLOT * (SLOTS + 1))
    if len(used) != SLOT * (SLOTS + 1):
        raise Refused("the list of used tickets is broken")
    return any(used[at : at + 16] == nonce for at in range(SLOT, len(used), SLOT))


def note(path, nonce, until, now):
    with open(path, "r+b", buffering=0) as file:
        turn = struct.unpack(">Q", os.pread(file.fileno(), 8, 0))[0]
        at = SLOT * (1 + turn % SLOTS)
        if struct.unpack(">Q", os.pread(file.fileno(), 8, at + 16))[0] > now:
            raise Refused("too many tickets at once")
        os.pwrite(file.fileno(), nonce + struct.pack(">Q", until), at)
        os.pwrite(file.fileno(), struct.pack(">Q", turn + 1), 0)
        os.fsync(file.fileno())


def spare_of(host):
    return "%s/vigie-gate-%s-%d" % (MEMORY, host, os.geteuid())


def is_ours(spare):
    """Say whether there are notes of ours in memory; what somebody else put there is not trusted."""
    try:
        seen = os.lstat(spare)
    except FileNotFoundError:
        return False
    own = stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.geteuid() and not seen.st_mode & 0o077
    return own and os.path.exists(os.path.join(spare, "used"))


def begun(spare):
    """Return when the notes in memory were begun, beginning them where there are none."""
    path = os.path.join(spare, "used")
    if not is_ours(spare):
        try:
            os.mkdir(spare, 0o700)
        except FileExistsError:
            raise Refused("somebody else holds %s" % spare)
        with open(path + ".new", "wb") as file:
            file.write(struct.pack(">QQ", 0, int(time.time())).ljust(SLOT * (SLOTS + 1), b"\0"))
        os.rename(path + ".new", path)
        # Whoever asks anew has a ticket that is younger.
        time.sleep(1)
    with open(path, "rb") as file:
        return struct.unpack(">QQ", file.read(16))[1]


def given(ticket):
    """Return the line's input, which begins after the ticket's number on a line of its own; None when it has none."""
    if ticket["stdin"] is None:
        return None
    digest, size = ticket["stdin"]
    if size > STDIN_MAX:
        raise Refused("too much input")
    line, before = b"", 0
    while line != ticket["nonce"].encode() + b"\n":
        byte = os.read(0, 1)
        before += 1
        if not byte or before > LINE_MAX:
            raise Refused("no input")
        line = byte if line.endswith(b"\n") else line + byte
    content = bytearray()
    while len(content) < size:
        chunk = os.read(0, min(65536, size - len(content)))
        if not chunk:
            break
        content += chunk
    if len(content) != size or hashlib.sha256(content).hexdigest() != digest:
        raise Refused("other input than was signed")
    return bytes(content)


def feed(content):
    """Make the content what the next program reads."""
    if content is None:
        handle = os.open(os.devnull, os.O_RDONLY)
    else:
        handle, end = os.pipe()
        if os.fork() == 0:
            for number in (0, 1, 2, handle):
                os.close(number)
            while content:
                try:
                    content = content[os.write(end, content) :]
                except OSError:
                    break
            os._exit(0)
        os.close(end)
    os.dup2(handle, 0)
    if handle:
        os.close(handle)


def only_read():
    """Take the rights away to write a file, and to become somebody else."""
    import ctypes

    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if ctypes.CDLL(None, use_errno=True).prctl(38, 1, 0, 0, 0) != 0:
        raise Refused("rights cannot be taken away")


def run(ticket, known):
    for handle in (1, 2):
        os.write(handle, ticket["nonce"].encode() + b"\n")
    environment = dict(os.environ, **known["environment"])
    environment.pop("SSH_ORIGINAL_COMMAND", None)
    path = [ticket["path"], environment.get("PATH"), known["path"]]
    environment["PATH"] = ":".join(each for each in path if each)
    if ticket["mark"]:
        environment["VIGIE_ACTION"] = ticket["mark"]
    argv = ["sh", "-c", ticket["line"]]
    try:
        os.execvpe("timeout", ["timeout", "-k", "5", str(ticket["timeout"])] + argv, environment)
    except FileNotFoundError:
        os.execvpe("sh", argv, environment)


def pass_on(mode, folder, words, now):
    with open(os.path.join(folder, "gate.json")) as file:
        known = json.load(file)
    ticket = opened(words, known, now)
    content = given(ticket)
    if mode == "reads" and [ticket["line"], ticket["stdin"] and ticket["stdin"][0]] not in known["reads"]:
        raise Refused("not among the reads that are listed here")
    spend(folder, ticket, now, mode)
    if mode == "reads":
        only_read()
    feed(content)
    return ticket, known


def main(mode):
    syslog.openlog("vigie-gate", syslog.LOG_PID, syslog.LOG_AUTH)
    try:
        words = os.environ.get("SSH_ORIGINAL_COMMAND", "")
        ticket, known = pass_on(mode, os.path.dirname(os.path.abspath(__file__)), words, int(time.time()))
    except Refused as refused:
        reason = str(refused)
    except Exception as error:
        # Whatever goes wrong here, nothing is run.
        reason = "%s: %s" % (type(error).__name__, error)
    else:
        syslog.syslog(syslog.LOG_INFO, "runs: %s" % ticket["line"][:500].replace("\n", " "))
        run(ticket, known)
        return
    syslog.syslog(syslog.LOG_WARNING, "refused: %s" % reason)
    sys.stderr.write("vigie-gate: refused: %s\n" % reason)
    sys.exit(126)


if __name__ == "__main__":
    main("reads" if sys.argv[1:] == ["reads"] else "all")
