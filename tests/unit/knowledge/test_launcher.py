"""What the program that starts a service names, read from real files."""

import json
from pathlib import Path
from typing import Any

import pytest

from vigie.knowledge.scripts import launcher


def read(command: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    launcher.main("web", command)  # type: ignore[no-untyped-call]  # scripts run on any Python from 3.6 on
    said = capsys.readouterr().out
    return dict(json.loads(said)["value"]) if said else {}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(launcher, "EVERYBODYS", ("/usr/", "/bin/", "/dev/"))
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/web.env").write_text("PORT=8100\n")
    (tmp_path / "etc/web.ini").write_text("[web]\n")
    (tmp_path / "code").mkdir()
    (tmp_path / "code/application.py").write_text(f'CONF = open("{tmp_path}/etc/web.ini")\n')
    return tmp_path


def test_a_shell_script_tells_its_files_its_folder_and_what_it_becomes(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start = place / "start"
    start.write_text(
        f"#!/bin/sh\n# . {place}/etc/old.env\nset -a; . {place}/etc/web.env; set +a\ncd {place}/code\n"
        "exec setpriv --reuid=web --init-groups \\\n  /usr/bin/gunicorn --bind 127.0.0.1:8100 application:app\n"
    )
    told = read(str(start), capsys)
    assert told["sourced"] == [f"{place}/etc/web.env"]
    assert f"{place}/etc/web.ini" in told["files"], "what its code names counts too"
    assert (told["folder"], told["user"]) == (f"{place}/code", "web")
    assert "--bind 127.0.0.1:8100" in told["command"]


def test_a_program_that_is_no_script_tells_what_its_command_names(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert read(f"/usr/bin/server --config {place}/etc/web.ini", capsys)["files"] == [f"{place}/etc/web.ini"]
    assert read("/usr/bin/server --foreground", capsys) == {}
