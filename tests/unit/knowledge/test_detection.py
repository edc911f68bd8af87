"""Which service managers a host has."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from vigie.domain.action import Completed
from vigie.domain.host import Host
from vigie.knowledge import detection, library

KNOWN = library.load()
PS = KNOWN.managers["supervisord"].detect


def answer(line: str, text: str, rc: int = 0) -> Completed:
    return Completed(line, rc, text.encode(), b"", 0.1)


def names(*outputs: Completed, focus: tuple[str, ...] = ()) -> list[str]:
    return [found.manager.name for found in detection.found(KNOWN, outputs, focus)]


@pytest.mark.parametrize(
    ("args", "name", "slots"),
    [
        (
            "1 /usr/bin/python3 /usr/bin/supervisord -n -c /etc/supervisor/supervisord.conf",
            "supervisord",
            {"config": "/etc/supervisor/supervisord.conf"},
        ),
        ("77 /opt/v/bin/python -m supervisor.supervisord --configuration=/srv/a.conf", "supervisord", {"config": "/srv/a.conf"}),
        ("1 runsvdir -P /etc/service log: ....", "runit", {"folder": "/etc/service"}),
        ("1 s6-svscan -t0 /run/s6/services", "s6", {"folder": "/run/s6/services"}),
        ("912 PM2 v5.3.0: God Daemon (/home/web/.pm2)", "pm2", {"home": "/home/web/.pm2"}),
    ],
)
def test_a_manager_is_found_among_the_processes(args: str, name: str, slots: dict[str, str]) -> None:
    found = detection.found(KNOWN, [answer(PS, f"  PID COMMAND\n {args}\n")])
    assert [(one.manager.name, dict(one.slots)) for one in found] == [(name, slots)]


@pytest.mark.parametrize(
    "args", ["88 grep supervisord -c /x", "88 vim /etc/supervisord.conf", "9 tail -f supervisord.log", "9 cat runsvdir.txt"]
)
def test_who_only_speaks_of_a_manager_is_none(args: str) -> None:
    assert names(answer(PS, f" {args}\n")) == []


def test_systemd_counts_where_it_was_booted() -> None:
    assert names(answer("ls -d /run/systemd/system", "/run/systemd/system\n")) == ["systemd"]
    assert names(answer("ls -d /run/systemd/system", "", rc=2)) == []


def test_the_file_is_left_out_where_the_program_finds_its_daemon_by_itself() -> None:
    running = answer(PS, " 41 /usr/bin/python3 /usr/bin/supervisord -c /etc/supervisor/supervisord.conf\n")
    (found,) = detection.found(KNOWN, [running, answer("supervisorctl pid", "41\n")])
    assert found.slots == {}
    (found,) = detection.found(KNOWN, [running, answer("supervisorctl pid", "7\n")])
    assert found.slots == {"config": "/etc/supervisor/supervisord.conf"}


def test_with_a_focus_only_its_own_manager_counts() -> None:
    running = answer(PS, " 1 supervisord -c /etc/supervisor/supervisord.conf\n 9 supervisord -c /srv/shop/etc/supervisord.conf\n")
    (found,) = detection.found(KNOWN, [running, answer("ls -d /run/systemd/system", "/run/systemd/system")], ["/srv/shop"])
    assert found.slots == {"config": "/srv/shop/etc/supervisord.conf"}


def test_what_was_found_is_kept_with_the_host() -> None:
    (found,) = detection.found(KNOWN, [answer(PS, " 1 runsvdir /etc/service\n")])
    host = Host("h", "local", manager=found.manager.name, options={"key": "x", **found.options()})
    again = detection.of_host(KNOWN, host)
    assert again is not None
    assert again.slots == {"folder": "/etc/service"}
    assert detection.of_host(KNOWN, Host("h", "local")) is None


def test_the_processes_are_found_where_there_is_no_ps(tmp_path: Path) -> None:
    for program in ("tr", "true"):
        (tmp_path / program).symlink_to(shutil.which(program) or "")
    asked = subprocess.run(["/bin/sh", "-c", PS], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=True)
    ours = Path("/proc/self/cmdline").read_text(encoding="utf-8").replace("\0", " ")
    assert f"{os.getpid()} {ours}".strip() in asked.stdout
