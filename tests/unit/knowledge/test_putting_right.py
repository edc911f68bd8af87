"""The scripts by which a host is put right without a former state: what they see, and that they change one place alone."""

import json
import os
import pwd
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

mend: Any = import_module("vigie.knowledge.scripts.mend")
reach: Any = import_module("vigie.knowledge.scripts.reach")
words_put: Any = import_module("vigie.knowledge.scripts.words_put")

ME = pwd.getpwuid(os.getuid()).pw_name
SOMEBODY = next((one.pw_name for one in pwd.getpwall() if one.pw_uid not in (0, os.getuid())), "")


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [{"path": row["subject"][5:], **row["value"]} for row in map(json.loads, capsys.readouterr().out.splitlines())]


def test_one_missing_comma_is_found_and_put_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.json"
    path.write_text('{\n  "most": 500\n  "folder": "/srv"\n}\n')
    path.chmod(0o640)
    mend.main(str(path))
    (seen,) = told(capsys)
    assert (seen["ways"], seen["line"], seen["new"]) == (1, 2, ",")
    assert words_put.main(str(path), str(seen["line"]), seen["column"], "", ",") == 0
    assert json.loads(path.read_text()) == {"most": 500, "folder": "/srv"}
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("text", ['{"a": 1}', "[1, 2]"])
def test_what_can_be_read_is_left_alone(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.json"
    path.write_text(text)
    mend.main(str(path))
    assert told(capsys) == []


def test_what_could_be_meant_in_two_ways_is_not_guessed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"a": 1 2}')
    mend.main(str(path))
    assert all(seen["ways"] != 1 for seen in told(capsys))


@pytest.mark.parametrize(
    ("line", "old", "new", "after"),
    [
        ("1", "9001", "9000", "server 127.0.0.1:9000;\nport 9001\n127.0.0.9 db.lan\n"),
        ("db.lan", "127.0.0.9", "127.0.0.1", "server 127.0.0.1:9001;\nport 9001\n127.0.0.1 db.lan\n"),
    ],
)
def test_words_are_put_in_one_line(line: str, old: str, new: str, after: str, tmp_path: Path) -> None:
    path = tmp_path / "app.conf"
    path.write_text("server 127.0.0.1:9001;\nport 9001\n127.0.0.9 db.lan\n")
    assert words_put.main(str(path), line, 0, old, new) == 0
    assert path.read_text() == after


@pytest.mark.parametrize(("line", "old"), [("1", "900"), ("9", "9001"), ("port", "1"), ("2", "9001")])
def test_words_that_do_not_stand_there_once_change_nothing(line: str, old: str, tmp_path: Path) -> None:
    path = tmp_path / "app.conf"
    path.write_text("server 127.0.0.1:9001;\nport 9001 9001\n")
    before = path.read_text()
    assert words_put.main(str(path), line, 0, old, "7") == 3
    assert path.read_text() == before


def test_a_thing_that_is_not_there_is_told_with_what_is_nearly_called_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "spool").mkdir()
    reach.main(str(tmp_path / "spoon"), ME)
    (seen,) = [one for one in told(capsys) if one["state"] == "missing"]
    assert seen["twins"] == [str(tmp_path / "spool")]


def test_a_link_is_told_with_where_else_it_might_lead(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("v1", "v2"):
        (tmp_path / name).mkdir()
    (tmp_path / "v2" / "map.json").touch()
    (tmp_path / "current").symlink_to("v1")
    reach.main(str(tmp_path / "current" / "map.json"), ME)
    (seen,) = [one for one in told(capsys) if one["state"] == "link"]
    assert (seen["leads"], seen["others"]) == (False, ["v2"])


@pytest.mark.skipif(not SOMEBODY, reason="there is no other account here")
def test_what_stands_out_is_told_with_what_is_usual_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, mode in (("a.css", 0o644), ("b.css", 0o644), ("c.css", 0o600), ("site.key", 0o600)):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)
    tmp_path.chmod(0o755)
    monkeypatch.setattr(reach, "walk", lambda path, account, user: path)
    reach.main(str(tmp_path), SOMEBODY)
    closed = {one["path"]: one for one in told(capsys) if one["state"] == "closed"}
    seen = closed[str(tmp_path / "c.css")]
    assert (seen["usual_mode"], seen["usual_opens"], seen["guarded"]) == ("0644", True, False)
    assert all(one["guarded"] for path, one in closed.items() if path.endswith(".key"))


def test_an_account_that_does_not_exist_tells_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reach.main(str(tmp_path), "nobody-of-this-name")
    assert told(capsys) == []
