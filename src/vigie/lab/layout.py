"""Lays the files of a small host out in a folder: configuration, releases, logs, database, and the way in."""

import json
import os
import secrets
import shlex
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vigie.lab import orders

_SHOP = Path(__file__).parent / "shop"
SERVICES = ("proxy", "web", "worker")
GOOD_RELEASE = "r42"
QUOTA_HEADROOM_MB = 24
_DAY_S = 86_400
_PROGRAMS = ("proxy.py", "stock_count.py")  # not part of a release


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are. `home` is the laboratory's own folder, `host` the part that stands for the machine."""

    home: Path

    @property
    def host(self) -> Path:
        """The folder that stands for the host, the only one that is looked at and repaired."""
        return self.home / "host"

    @property
    def outside(self) -> Path:
        """What is recorded from outside; nothing on the host knows it."""
        return self.home / "outside"

    @property
    def etc(self) -> Path:
        """Configuration."""
        return self.host / "etc"

    @property
    def logs(self) -> Path:
        """Logs."""
        return self.host / "var" / "log"

    @property
    def database(self) -> Path:
        """The shop's database."""
        return self.host / "var" / "db" / "shop.db"

    @property
    def shop_ini(self) -> Path:
        """The application's configuration."""
        return self.etc / "shop.ini"

    @property
    def proxy_conf(self) -> Path:
        """The proxy's configuration."""
        return self.etc / "proxy.conf"

    @property
    def releases(self) -> Path:
        """The releases, and `current` that points to one."""
        return self.host / "releases"

    @property
    def current(self) -> Path:
        """The link to the release in use."""
        return self.releases / "current"

    @property
    def run(self) -> Path:
        """Pid files and sockets."""
        return self.host / "run"

    @property
    def socket(self) -> Path:
        """The service manager's socket."""
        return self.run / "supervisor.sock"

    @property
    def deploy_log(self) -> Path:
        """Who put which release in place."""
        return self.logs / "deploy.log"

    @property
    def python(self) -> Path:
        """The host's Python."""
        return self.host / "bin" / "python3"


def write(layout: Layout, *, proxy_port: int, web_port: int, order_count: int) -> None:
    """Write all files of the host; takes about a second, most of it for the database."""
    for folder in ("etc", "bin", "releases", "run", "var/log", "var/db", "var/receipts", "var/uploads", "var/tmp"):
        (layout.host / folder).mkdir(parents=True)
    layout.outside.mkdir()
    orders.fill(layout.database, order_count)
    for release in ("r41", GOOD_RELEASE):
        add_release(layout, release)
    point(layout, GOOD_RELEASE)
    _deployed(layout, "r41", 34)
    _deployed(layout, GOOD_RELEASE, 9)
    _write_configuration(layout, proxy_port, web_port)
    _write_programs(layout)
    not_for_all(layout.host)
    _age(layout)


def add_release(layout: Layout, name: str) -> Path:
    """Copy the shop's programs as a release."""
    folder = layout.releases / name / "shop"
    folder.mkdir(parents=True)
    for source in sorted(path for path in _SHOP.glob("*.py") if path.name not in _PROGRAMS):
        # The package is called `shop` where it is installed.
        (folder / source.name).write_text(source.read_text(encoding="utf-8").replace("vigie.lab.shop", "shop"), encoding="utf-8")
    (folder.parent / "VERSION").write_text(f"{name}\n", encoding="ascii")
    not_for_all(folder.parent)
    return folder.parent


def point(layout: Layout, release: str) -> None:
    """Point `current` to a release, in one step."""
    fresh = layout.releases / ".current"
    fresh.symlink_to(release)
    fresh.replace(layout.current)


def log_deployment(layout: Layout, release: str, seconds: float) -> None:
    """Write a deployment into its log."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
    with layout.deploy_log.open("a", encoding="utf-8") as log:
        log.write(f"{at} deploy {release}: current -> {release}, web restarted\n")


def _deployed(layout: Layout, release: str, days_ago: int) -> None:
    log_deployment(layout, release, time.time() - days_ago * _DAY_S)


def _write_configuration(layout: Layout, proxy_port: int, web_port: int) -> None:
    used_mb = sum(path.lstat().st_size for path in (layout.host / "var").rglob("*")) / 1024 / 1024
    layout.shop_ini.write_text(
        f"""[web]
listen = 127.0.0.1:{web_port}

[database]
path = {layout.database}
busy_timeout_ms = 2000
slow_query_ms = 100

[storage]
# the contract with the hosting company
folder = {layout.host / "var"}
quota_mb = {int(used_mb) + QUOTA_HEADROOM_MB}

[worker]
poll_ms = 200
trace = off

[logging]
folder = {layout.logs}
run = {layout.run}
""",
        encoding="utf-8",
    )
    layout.proxy_conf.write_text(
        f"""# reverse proxy of the shop
listen          127.0.0.1:{proxy_port}
upstream        127.0.0.1:{web_port}
read_timeout_s  20
max_body_kb     2048
access_log      {layout.logs / "access.log"}
error_log       {layout.logs / "proxy-error.log"}
pid_file        {layout.run / "proxy.pid"}
""",
        encoding="utf-8",
    )
    key = layout.etc / "secret.key"
    key.write_text(secrets.token_hex(32) + "\n", encoding="ascii")
    key.chmod(0o600)
    programs = {
        "proxy": (f"{layout.python} {layout.host / 'bin' / 'proxy.py'} {layout.proxy_conf}", layout.host),
        "web": (f"{layout.python} -m shop.web {layout.shop_ini}", layout.current),
        "worker": (f"{layout.python} -m shop.worker {layout.shop_ini}", layout.current),
    }
    (layout.etc / "supervisord.conf").write_text(supervisord(layout, programs), encoding="utf-8")


def supervisord(layout: Layout, programs: Mapping[str, tuple[str, Path]]) -> str:
    """Return the service manager's configuration for programs: name → command line and folder."""
    text = f"""[supervisord]
nodaemon = true
silent = true
{"user = root" if os.getuid() == 0 else ""}
directory = {layout.host}
logfile = {layout.logs / "supervisord.log"}
logfile_maxbytes = 0
environment = PYTHONDONTWRITEBYTECODE="1"
pidfile = {layout.run / "supervisord.pid"}

[unix_http_server]
file = {layout.socket}
chmod = 0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl = unix://{layout.socket}
"""
    for name, (command, folder) in programs.items():
        text += f"""
[program:{name}]
command = {command}
directory = {folder}
startsecs = 1
startretries = 1
stopwaitsecs = 2
redirect_stderr = true
stdout_logfile = {layout.logs / name}.out
stdout_logfile_maxbytes = 0
"""
    return text


def _write_programs(layout: Layout) -> None:
    for program in _PROGRAMS:
        shutil.copyfile(_SHOP / program, layout.host / "bin" / program)
    way_in(layout)


def way_in(layout: Layout) -> None:
    """Write the host's own Python, the service manager's client and the way in."""
    binaries = layout.host / "bin"
    (binaries / "python3").symlink_to(Path(sys.executable).resolve())
    control = shlex.join([sys.executable, "-m", "supervisor.supervisorctl", "-c", str(layout.etc / "supervisord.conf")])
    host = shlex.quote(str(layout.host))
    _script(binaries / "supervisorctl", f'exec {control} "$@"')
    system = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    _script(
        layout.host / "enter",
        f"""cd {host} || exit 125
unset PYTHONPATH PYTHONHOME PYTHONSTARTUP VIRTUAL_ENV
HOME={host}
PATH="$HOME/bin:{system}" TMPDIR="$HOME/var/tmp"
export HOME PATH TMPDIR
exec "$@\"""",
    )


def _script(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)


def not_for_all(folder: Path) -> None:
    """Take the right to write away from others, whatever the umask of whoever starts us."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~0o022)


def _age(layout: Layout) -> None:
    """Date what an administrator would have written long ago."""
    for folder, days in ((layout.etc, 61), (layout.releases / "r41", 34), (layout.releases / GOOD_RELEASE, 9)):
        at = time.time() - days * _DAY_S
        for path in (folder, *folder.rglob("*")):
            os.utime(path, (at, at), follow_symlinks=False)


def read_json(path: Path) -> dict[str, object]:
    """Read a JSON object.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no JSON object.
    """
    return dict(json.loads(path.read_text(encoding="utf-8")))


def write_json(path: Path, body: dict[str, object]) -> None:
    """Write a JSON object, all or nothing."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(body, indent=1), encoding="utf-8")
    fresh.replace(path)
