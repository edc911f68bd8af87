"""Lines that read and put files on a host, and the parsing of what they say. Pure: the gate runs them."""

import re
import shlex
from dataclasses import dataclass
from typing import Literal

Kind = Literal["file", "folder", "link", "absent", "other"]
_KINDS: dict[int, Kind] = {0o100000: "file", 0o040000: "folder", 0o120000: "link"}
_STAT = re.compile(rb"([0-9a-f]+) (\d+) (\d+) (\d+) (\d+)\n?")
_MISSING = (b"No such file or directory", b"Not a directory")


@dataclass(frozen=True, slots=True)
class Stat:
    """What a path is. `mode` holds the permission bits only."""

    kind: Kind
    mode: int = 0
    uid: int = 0
    gid: int = 0
    size_bytes: int = 0
    mtime_s: int = 0


def stat_line(path: str) -> str:
    """Return the line whose answer `parse_stat` reads."""
    return f"stat -c '%f %u %g %s %Y' -- {shlex.quote(path)}"


def parse_stat(rc: int | None, stdout: bytes, stderr: bytes) -> Stat | None:
    """Return what `stat_line` said; None when it could not be told, which is not the same as absent."""
    match = _STAT.fullmatch(stdout)
    if rc == 0 and match is not None:
        raw, uid, gid, size_bytes, mtime_s = match.groups()
        mode = int(raw, 16)
        return Stat(_KINDS.get(mode & 0o170000, "other"), mode & 0o7777, int(uid), int(gid), int(size_bytes), int(mtime_s))
    if rc is not None and any(words in stderr for words in _MISSING):
        return Stat("absent")
    return None


def read_line(path: str) -> str:
    """Return the line that prints a file's bytes."""
    return f"cat -- {shlex.quote(path)}"


def read_packed_line(path: str) -> str:
    """Return the line that prints a file's bytes packed; the same bytes are always packed the same way."""
    return f"gzip -n -1 -c -- {shlex.quote(path)}"


def link_line(path: str) -> str:
    """Return the line that prints where a link points, and a line break."""
    return f"readlink -- {shlex.quote(path)}"


def resolve_line(path: str) -> str:
    """Return the line that prints what a link finally points to, and a line break."""
    return f"readlink -f -- {shlex.quote(path)}"


def folder_line(path: str) -> str:
    """Return the line that prints a folder as an archive; the same folder gives the same bytes."""
    folder, _, name = path.rstrip("/").rpartition("/")
    return f"tar -C {shlex.quote(folder or '/')} -cf - -- {shlex.quote(name)}"


def put_line(path: str, stat: Stat, *, packed: bool = False) -> str:
    """Return the line that puts what it reads, unpacked if `packed`, at `path` with mode and owner of `stat`, all or nothing.

    It writes beside the file, counts the bytes (a connection that breaks off must not put half a file), and renames. The name
    beside is fixed, so that trying again after a crash leaves nothing lying about; it is created anew so that nobody can
    have laid a link there.
    """
    target, beside = shlex.quote(path), shlex.quote(f"{path}.vigie-new")
    owner = f"{stat.uid}:{stat.gid}"
    steps = [
        "umask 077",
        f"rm -f -- {beside}",
        "set -C",
        f"{'gzip -dc' if packed else 'cat'} > {beside}",
        f'[ "$(wc -c < {beside})" -eq {stat.size_bytes} ]',
        f"""{{ [ "$(stat -c '%u:%g' -- {beside})" = {owner} ] || chown {owner} -- {beside}; }}""",
        f"chmod {stat.mode:o} -- {beside}",
        f"mv -fT -- {beside} {target}",
    ]
    return f"{' && '.join(steps)} || {{ rm -f -- {beside}; exit 1; }}"


def put_link_line(path: str, to: str) -> str:
    """Return the line that makes `path` a link to `to`, all or nothing."""
    target, beside = shlex.quote(path), shlex.quote(f"{path}.vigie-new")
    return f"ln -sfn -- {shlex.quote(to)} {beside} && mv -fT -- {beside} {target} || {{ rm -f -- {beside}; exit 1; }}"


def put_folder_line(path: str) -> str:
    """Return the line that unpacks an archive of `folder_line` over what is there; files that came since stay."""
    folder = path.rstrip("/").rpartition("/")[0]
    return f"tar -C {shlex.quote(folder or '/')} -xpf -"


def remove_line(path: str) -> str:
    """Return the line that removes a file or link; a folder is left and makes it fail."""
    return f"rm -f -- {shlex.quote(path)}"
