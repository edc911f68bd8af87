"""The hosts that an OpenSSH client configuration names, as our inventory would hold them. Read once, for a person to look at.

Nothing in it is run: a section that asks a program (`Match exec`) does not match. `ssh_options.py` makes a connection of it.
"""

import getpass
import glob
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from vigie.domain.errors import BadUsage
from vigie.domain.host import Host
from vigie.tools.ssh_options import Address, kept_keys

_BYTES_MAX = 1024 * 1024
_DEPTH_MAX = 16
_WORDS = re.compile(r"\s*=\s*|\s+")
_WILD = frozenset("*?!")
_RAW = frozenset({"proxycommand"})
_TRUE_MATCH = frozenset({"all", "final"})


@dataclass(frozen=True, slots=True)
class _Line:
    word: str
    values: tuple[str, ...]


@dataclass
class _Section:
    """Lines that hold for some hosts; `host` are patterns of names, `match` conditions; neither: all hosts."""

    host: tuple[str, ...] | None = None
    match: tuple[str, ...] | None = None
    lines: list[_Line] = field(default_factory=list)


def hosts(path: Path) -> list[Host]:
    """Return the hosts that a configuration names, each with the keys that the user's own known hosts hold for it.

    Raises:
        BadUsage: the file cannot be read.
    """
    try:
        lines = list(_lines(path, path.parent, 0))
    except (OSError, ValueError) as error:
        raise BadUsage("host.ssh_config", path=path, reason=getattr(error, "strerror", None) or error) from error
    sections = _sections(lines)
    names = list(dict.fromkeys(name for section in sections for name in section.host or () if not _WILD & set(name)))
    return [host for name in names if (host := _host(name, sections, frozenset(names))) is not None]


def _lines(path: Path, folder: Path, depth: int) -> Iterator[_Line]:
    with path.open("rb") as file:
        text = file.read(_BYTES_MAX).decode("utf-8", "replace")
    for raw in text.splitlines():
        word, _, rest = raw.strip().partition("#") if raw.strip().startswith("#") else (raw.strip(), "", "")
        if not word:
            continue
        name, *values = _WORDS.split(word, maxsplit=1)
        name, rest = name.lower(), values[0] if values else ""
        line = _Line(name, (rest,) if name in _RAW else _split(rest))
        if name != "include":
            yield line
        elif depth < _DEPTH_MAX:
            yield from _included(line.values, folder, depth)


def _included(patterns: Iterable[str], folder: Path, depth: int) -> Iterator[_Line]:
    for pattern in patterns:
        for found in sorted(glob.glob(str(folder / Path(pattern).expanduser()))):  # noqa: PTH207  # the pattern may be absolute
            if Path(found).is_file():
                yield from _lines(Path(found), folder, depth + 1)


def _split(rest: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(rest, comments=True))
    except ValueError:
        return tuple(rest.split())


def _sections(lines: Iterable[_Line]) -> list[_Section]:
    sections = [_Section()]
    for line in lines:
        if line.word == "host":
            sections.append(_Section(host=line.values))
        elif line.word == "match":
            sections.append(_Section(match=line.values))
        else:
            sections[-1].lines.append(line)
    return sections


def _host(name: str, sections: list[_Section], names: frozenset[str]) -> Host | None:
    said = _said(name, sections)
    target = _filled(_first(said, "hostname") or name, name, said)
    user, port = _first(said, "user") or getpass.getuser(), _first(said, "port") or "22"
    try:
        address = Address.of(f"ssh://{user}@{f'[{target}]' if ':' in target else target}:{port}")
    except BadUsage:
        return None
    options = {"jump": _jump(said, names), "proxy_command": _proxy(said), "key": _key(said, name), "agent": _agent(said)}
    files = [_path(each, said, name) for each in said.get("userknownhostsfile", ("~/.ssh/known_hosts",))]
    options["host_key"] = kept_keys(files, address, _first(said, "hostkeyalias"))
    return Host(name, str(address), options={key: value for key, value in options.items() if value})


def _said(name: str, sections: list[_Section]) -> dict[str, tuple[str, ...]]:
    """Return what holds for a host: of each word the first that is said, but of key files all."""
    said: dict[str, tuple[str, ...]] = {}
    for section in sections:
        if not _holds(section, name, said):
            continue
        for line in section.lines:
            if line.word == "identityfile":
                said[line.word] = (*said.get(line.word, ()), *line.values)
            elif line.values:
                said.setdefault(line.word, line.values)
    return said


def _holds(section: _Section, name: str, said: dict[str, tuple[str, ...]]) -> bool:
    if section.host is not None:
        return _is_among(name, section.host)
    asked = list(section.match or ())
    while asked:
        word = asked.pop(0)
        is_no, word = word.startswith("!"), word.lstrip("!").lower()
        if word in _TRUE_MATCH:
            is_so = True
        else:
            values = tuple(asked.pop(0).split(",")) if asked else ()
            known = {"host": _first(said, "hostname") or name, "originalhost": name, "user": _first(said, "user") or ""}
            # Whatever else it asks is not asked here: `exec` would run a program.
            is_so = word in known and _is_among(known[word], values)
            if word not in known:
                return False
        if is_so == is_no:
            return False
    return True


def _is_among(name: str, patterns: Iterable[str]) -> bool:
    is_so = False
    for pattern in patterns:
        if fnmatchcase(name.lower(), pattern.lstrip("!").lower().replace("[", "[[]")):
            if pattern.startswith("!"):
                return False
            is_so = True
    return is_so


def _first(said: dict[str, tuple[str, ...]], word: str) -> str:
    return (said.get(word) or ("",))[0]


def _jump(said: dict[str, tuple[str, ...]], names: frozenset[str]) -> str:
    """Return the hosts to pass through: by name those that come along, others by address."""
    hops = [hop.strip() for hop in _first(said, "proxyjump").split(",") if hop.strip()]
    if hops == ["none"]:
        return ""
    return ",".join(hop if hop in names or "@" in hop or "://" in hop else f"ssh://{hop}" for hop in hops)


def _proxy(said: dict[str, tuple[str, ...]]) -> str:
    command = _first(said, "proxycommand")
    return "" if command.lower() == "none" or "proxyjump" in said else command


def _key(said: dict[str, tuple[str, ...]], name: str) -> str:
    """Return the first key file that is there."""
    found = (_path(each, said, name) for each in said.get("identityfile", ()))
    return next((str(path) for path in found if path.is_file()), "")


def _agent(said: dict[str, tuple[str, ...]]) -> str:
    agent = _first(said, "identityagent")
    return "session" if agent == "SSH_AUTH_SOCK" else "" if agent == "none" else agent


def _path(text: str, said: dict[str, tuple[str, ...]], name: str) -> Path:
    return Path(_filled(text, name, said)).expanduser()


def _filled(text: str, name: str, said: dict[str, tuple[str, ...]]) -> str:
    me = getpass.getuser()
    slots = {
        "%h": _first(said, "hostname") if text != _first(said, "hostname") else name,
        "%n": name,
        "%p": _first(said, "port") or "22",
        "%r": _first(said, "user") or me,
        "%u": me,
        "%d": str(Path("~").expanduser()),
        "%%": "%",
    }
    slots["%h"] = slots["%h"] or name
    return re.sub(r"%[a-zA-Z%]", lambda match: slots.get(match.group(), match.group()), text)
