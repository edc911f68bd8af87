"""Lines that put files back do it wholly or not at all."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.tools import files
from vigie.tools.files import Stat


def sh(line: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        ["sh", "-c", line], input=stdin, capture_output=True, env={"PATH": os.defpath, "LC_ALL": "C"}, check=False
    )


def stat_of(path: Path) -> Stat | None:
    done = sh(files.stat_line(str(path)))
    return files.parse_stat(done.returncode, done.stdout, done.stderr)


def own(mode: int, size_bytes: int) -> Stat:
    return Stat("file", mode, os.getuid(), os.getgid(), size_bytes)


NAMES = ["plain", "two words", "it's", "-n", "a$(touch pwned)b", "é", "line\nbreak", "*"]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_put_with_its_mode_whatever_its_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"before")
    done = sh(files.put_line(str(path), own(0o640, 5)), b"af\0er")
    assert (done.returncode, path.read_bytes()) == (0, b"af\0er")
    assert path.stat().st_mode & 0o7777 == 0o640
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_half_a_file_is_never_put(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"before")
    assert sh(files.put_line(str(path), own(0o600, 100)), b"only half").returncode != 0
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_laid_beside_is_not_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "f.vigie-new").symlink_to(victim)
    assert sh(files.put_line(str(tmp_path / "f"), own(0o600, 1)), b"x").returncode == 0
    assert victim.read_bytes() == b"precious"


def test_a_folder_in_the_way_is_not_filled(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    assert sh(files.put_line(str(tmp_path / "f"), own(0o600, 1)), b"x").returncode != 0
    assert list((tmp_path / "f").iterdir()) == []


def test_a_link_to_a_folder_is_replaced_and_not_entered(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    (tmp_path / "current").symlink_to("new")
    assert sh(files.put_link_line(str(tmp_path / "current"), "old")).returncode == 0
    assert (tmp_path / "current").readlink() == Path("old")
    assert list((tmp_path / "new").iterdir()) == []


def test_a_folder_comes_back_with_its_modes_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "f").write_bytes(b"one")
    (folder / "sub" / "f").chmod(0o604)
    archive = sh(files.folder_line(str(folder))).stdout
    assert sh(files.folder_line(str(folder))).stdout == archive
    (folder / "sub" / "f").write_bytes(b"two")
    (folder / "sub" / "f").chmod(0o600)
    assert sh(files.put_folder_line(str(folder)), archive).returncode == 0
    assert (folder / "sub" / "f").read_bytes() == b"one"
    assert (folder / "sub" / "f").stat().st_mode & 0o777 == 0o604


def test_what_a_path_is(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"12345")
    (tmp_path / "f").chmod(0o4711)
    (tmp_path / "l").symlink_to("nowhere")
    os.mkfifo(tmp_path / "p")
    seen = stat_of(tmp_path / "f")
    assert seen is not None
    assert (seen.kind, seen.mode, seen.uid, seen.size_bytes) == ("file", 0o4711, os.getuid(), 5)
    kinds = [stat.kind for name in ("l", "p", "none", "f/below") if (stat := stat_of(tmp_path / name))]
    assert [*kinds, getattr(stat_of(tmp_path), "kind", None)] == ["link", "other", "absent", "absent", "folder"]


def test_what_may_not_be_looked_at_is_not_absent() -> None:
    assert files.parse_stat(1, b"", b"stat: cannot statx '/x/y': Permission denied\n") is None
    assert files.parse_stat(None, b"", b"") is None


@given(st.binary(), st.binary(), st.integers(0, 255))
def test_no_answer_breaks_the_parser(stdout: bytes, stderr: bytes, rc: int) -> None:
    files.parse_stat(rc, stdout, stderr)
