"""The installation's health, read only: every check says pass, warn, fail or skipped, and what would repair it."""

import importlib.util
import os
import shutil
import stat
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from vigie import i18n
from vigie.domain.case import CaseState
from vigie.domain.errors import VigieError
from vigie.domain.host import HostStatus
from vigie.i18n import Language
from vigie.interfaces import running
from vigie.interfaces.services import Launcher, Services
from vigie.interfaces.settings import InterfaceSettings
from vigie.interfaces.told import told

Status = Literal["pass", "warn", "fail", "skipped"]
CONSOLE = Path(__file__).parent / "console" / "index.html"
_PYTHON_OLDEST = (3, 11)
_SPACE_WARN_BYTES = 500_000_000
_SPACE_FAIL_BYTES = 50_000_000
# Programs of the machine that Vigie uses where they are; without one it does less, as its sentence says.
_PROGRAMS = ("timeout", "ssh", "git")


@dataclass(frozen=True, slots=True)
class Check:
    """One finding; `detail` and `repair` are in the reader's language, `repair` is a command as far as there is one."""

    group: str
    name: str
    status: Status
    detail: str
    repair: str | None = None


@dataclass(frozen=True)
class _Room:
    """What the checks look at."""

    launcher: Launcher
    home: Path
    language: Language
    found: list[Check] = field(default_factory=list)

    def say(self, name: str, status: Status, detail: str, repair: str | None = None, **values: object) -> Check:
        group = name.partition(".")[0]
        words = i18n.text(self.language, f"doctor.{detail}", **values)
        return Check(group, name, status, words, repair if status in ("warn", "fail") else None)


async def checks(launcher: Launcher, language: Language) -> AsyncIterator[Check]:
    """Yield every check, in groups; none of them changes anything, none of them stops the others."""
    room = _Room(launcher, launcher.surroundings().home, language)
    for check in (_python, _supervisor, _ssh_library, _console, _languages, _shell_reader):
        yield check(room)
    for program in _PROGRAMS:
        yield _program(room, program)
    yield _home(room)
    yield _space(room)
    yield _keys(room)
    settings = _settings(room)
    yield settings[1]
    yield _server(room, settings[0])
    async for check_ in _opened(room, settings[0]):
        yield check_


def _python(room: _Room) -> Check:
    version = ".".join(str(part) for part in sys.version_info[:3])
    is_new_enough = sys.version_info >= _PYTHON_OLDEST
    oldest = ".".join(str(part) for part in _PYTHON_OLDEST)
    repair = f"apt-get install python{oldest}"
    return room.say("machine.python", "pass" if is_new_enough else "fail", "python", repair, version=version, oldest=oldest)


def _supervisor(room: _Room) -> Check:
    if importlib.util.find_spec("supervisor") is None:
        return room.say("machine.lab", "warn", "lab_missing", "python3 -m pip install 'vigie[lab]'")
    return room.say("machine.lab", "pass", "lab")


def _ssh_library(room: _Room) -> Check:
    if importlib.util.find_spec("asyncssh") is None:
        return room.say("machine.ssh", "fail", "ssh_missing", "python3 -m pip install --force-reinstall vigie")
    return room.say("machine.ssh", "pass", "ssh")


def _console(room: _Room) -> Check:
    if not CONSOLE.is_file():
        return room.say("machine.console", "warn", "console_missing", "./run up")
    return room.say("machine.console", "pass", "console")


def _languages(room: _Room) -> Check:
    missing = [
        f"{language}/{area}"
        for area in sorted({*i18n.areas("en"), *i18n.areas("fr")})
        for language in i18n.LANGUAGES
        if not _has_all(language, area)
    ]
    if missing:
        return room.say(
            "machine.languages",
            "fail",
            "languages_missing",
            "python3 -m pip install --force-reinstall vigie",
            areas=", ".join(missing),
        )
    return room.say("machine.languages", "pass", "languages", count=len(i18n.LANGUAGES))


def _has_all(language: Language, area: str) -> bool:
    keys: set[str] = set()
    for each in i18n.LANGUAGES:
        if area in i18n.areas(each):
            keys |= set(i18n.area_of(each, area))
    return area in i18n.areas(language) and keys <= set(i18n.area_of(language, area))


def _shell_reader(room: _Room) -> Check:
    from vigie.policy.shell import classify

    if classify("ls /").effect_class.value != "safe-read":
        return room.say("machine.policy", "fail", "policy_broken", "python3 -m pip install --force-reinstall vigie")
    return room.say("machine.policy", "pass", "policy")


def _program(room: _Room, program: str) -> Check:
    name = f"programs.{program}"
    where = shutil.which(program)
    if where is None:
        package = {"timeout": "coreutils", "ssh": "openssh-client"}.get(program, program)
        return room.say(name, "warn", f"program_{program}", f"apt-get install {package}")
    return room.say(name, "pass", "program", path=where)


def _home(room: _Room) -> Check:
    home = room.home
    if (problem := _out_of_reach(home)) is not None:
        return room.say("home.folder", "fail", "home_out_of_reach", f"ls -ld {home.parent}", home=home, reason=problem)
    if not home.exists():
        return room.say("home.folder", "pass", "home_new", home=home)
    if not home.is_dir():
        return room.say("home.folder", "fail", "home_no_folder", f"mv {home} {home}.old", home=home)
    if not _is_writable(home):
        return room.say("home.folder", "fail", "home_read_only", f"chmod u+rwx {home}", home=home)
    if home.stat().st_uid != os.geteuid():
        return room.say("home.folder", "fail", "home_foreign", f"sudo chown -R $(id -un) {home}", home=home, owner=_owner(home))
    if stat.S_IMODE(home.stat().st_mode) & 0o077:
        return room.say("home.folder", "warn", "home_open", f"chmod 700 {home}", home=home)
    return room.say("home.folder", "pass", "home", home=home)


def _out_of_reach(path: Path) -> str | None:
    """Return why not even the existence of a path can be told."""
    try:
        path.exists()
    except OSError as error:
        return error.strerror or str(error)
    return None


def _owner(path: Path) -> str:
    try:
        return path.owner()
    except KeyError:  # a number that no name is known for
        return str(path.stat().st_uid)


def _is_writable(folder: Path) -> bool:
    return os.access(folder, os.R_OK | os.W_OK | os.X_OK)


def _space(room: _Room) -> Check:
    folder = next(each for each in (room.home, *room.home.parents) if _out_of_reach(each) is None and each.exists())
    free = shutil.disk_usage(folder).free
    status: Status = "fail" if free < _SPACE_FAIL_BYTES else "warn" if free < _SPACE_WARN_BYTES else "pass"
    return room.say(
        "home.space",
        status,
        "space",
        f"du -xh {folder} | sort -h | tail",
        free=i18n.decimal(room.language, f"{free / 1e9:.1f}"),
        folder=folder,
    )


def _keys(room: _Room) -> Check:
    folder = room.home / "keys"
    if _out_of_reach(folder) or not folder.is_dir() or not _is_writable(folder):
        return room.say("home.keys", "skipped", "keys_none")
    loose = [path for path in sorted(folder.iterdir()) if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if loose:
        return room.say(
            "home.keys", "fail", "keys_open", f"chmod 600 {' '.join(map(str, loose))}", files=", ".join(map(str, loose))
        )
    return room.say("home.keys", "pass", "keys")


def _settings(room: _Room) -> tuple[InterfaceSettings | None, Check]:
    try:
        settings = room.launcher.settings()
    except VigieError as error:
        words = told(error, room.language)
        return None, Check(
            "home", "home.settings", "fail", f"{words.what} {words.why}", f"${{EDITOR:-vi}} {room.home / 'config.yaml'}"
        )
    return settings, room.say("home.settings", "pass", "settings")


def _server(room: _Room, settings: InterfaceSettings | None) -> Check:
    server = running.find(settings.run_folder) if settings else None
    if server is None:
        return room.say("home.server", "skipped", "server_none")
    return room.say("home.server", "pass", "server", pid=server.pid, url=server.url)


Looked = Callable[[_Room, Services], Awaitable[Check]]


async def _opened(room: _Room, settings: InterfaceSettings | None) -> AsyncIterator[Check]:
    """Yield the checks that need the home open; a home that was never used is left alone."""
    if settings is None or _out_of_reach(room.home / "vigie.db") or not (room.home / "keys").exists():
        for name in _LOOKED:
            yield room.say(name, "skipped", "nothing_yet")
        return
    try:
        async with room.launcher.open() as services:
            for name, look in _LOOKED.items():
                yield await _guarded(room, name, look, services)
    except VigieError as error:
        name = "home.knowledge" if error.key.startswith(("yaml.", "knowledge.")) else "memory.database"
        yield _failed(room, name, error)


async def _guarded(room: _Room, name: str, look: Looked, services: Services) -> Check:
    try:
        return await look(room, services)
    except VigieError as error:
        return _failed(room, name, error)


def _failed(room: _Room, name: str, error: VigieError) -> Check:
    words = told(error, room.language)
    return Check(name.partition(".")[0], name, "fail", f"{words.what} {words.why}", words.next)


async def _database(room: _Room, services: Services) -> Check:
    damage = await services.memory.check_database()
    if damage:
        path = room.home / "vigie.db"
        return room.say("memory.database", "fail", "database_damaged", f"mv {path} {path}.damaged", damage="; ".join(damage[:3]))
    return room.say("memory.database", "pass", "database")


async def _workflows(room: _Room, services: Services) -> Check:
    path = services.memory.workflows_path
    damage = await services.memory.check_workflows()
    if damage:
        return room.say("memory.workflows", "fail", "workflows_damaged", f"mv {path} {path}.damaged", path=path, damage=damage[0])
    return room.say("memory.workflows", "pass", "workflows")


async def _audit(room: _Room, services: Services) -> Check:
    report = await services.memory.verify_journal()
    if not report.valid:
        return room.say("memory.audit", "fail", "audit_broken", "vigie audit verify", row=report.first_bad)
    return room.say("memory.audit", "pass", "audit", entries=report.entries)


async def _clock(room: _Room, services: Services) -> Check:
    now = services.clock.now()
    ahead = [case for case in await services.store.cases.list(limit=1) if case.updated_at > now]
    if ahead:
        return room.say(
            "memory.clock",
            "fail",
            "clock_back",
            "timedatectl set-ntp true",
            at=f"{ahead[0].updated_at.astimezone():%Y-%m-%d %H:%M %Z}",
        )
    return room.say("memory.clock", "pass", "clock", now=f"{now.astimezone():%Y-%m-%d %H:%M:%S %Z}")


async def _cases(room: _Room, services: Services) -> Check:
    working = await services.store.cases.list(states=[CaseState.WORKING])
    waiting = await services.store.cases.list(states=[CaseState.WAITING])
    return room.say("memory.cases", "pass", "cases", working=len(working), waiting=len(waiting))


async def _hosts(room: _Room, services: Services) -> Check:
    hosts = await services.store.hosts.list()
    lost = [host.name for host in hosts if host.status in (HostStatus.UNREACHABLE, HostStatus.KEY_CHANGED)]
    if lost:
        return room.say("memory.hosts", "warn", "hosts_lost", f"vigie host test {lost[0]}", names=", ".join(lost))
    return room.say("memory.hosts", "pass", "hosts", count=len(hosts))


_LOOKED: dict[str, Looked] = {
    "memory.database": _database,
    "memory.workflows": _workflows,
    "memory.audit": _audit,
    "memory.clock": _clock,
    "memory.cases": _cases,
    "memory.hosts": _hosts,
}
