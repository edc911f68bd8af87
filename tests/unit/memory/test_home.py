"""Files are there whole or not at all, and keys are made once."""

import threading
from pathlib import Path

import pytest

from vigie.domain.errors import Permanent
from vigie.memory import home, keys


def test_a_file_is_replaced_as_a_whole_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert home.write_atomically(path, b"old")
    assert home.write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_must_be_new_keeps_the_first_content(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert home.write_atomically(path, b"first", replace=False)
    assert not home.write_atomically(path, b"second", replace=False)
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_into_nowhere_is_said(tmp_path: Path) -> None:
    with pytest.raises(Permanent):
        home.write_atomically(tmp_path / "none" / "file", b"x")


def test_all_who_need_a_key_at_once_get_the_same(tmp_path: Path) -> None:
    home.prepare(tmp_path / "home")
    seen: set[bytes] = set()
    start = threading.Barrier(8)

    def need() -> None:
        start.wait()
        seen.add(keys.key(tmp_path / "home", "audit"))

    threads = [threading.Thread(target=need) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 1
    assert [path.name for path in (tmp_path / "home" / "keys").iterdir()] == ["audit.key"]


def test_keys_are_not_shown(tmp_path: Path) -> None:
    home.prepare(tmp_path / "home")
    mine = keys.Keys.of(tmp_path / "home")
    assert repr(mine) == str(mine) == "Keys(…)"
    assert len({mine.audit, mine.secrets, mine.artefacts}) == 3


def test_what_is_sealed_opens_with_the_same_key_for_the_same_thing_only() -> None:
    sealed = keys.seal(bytes(32), b"content", "secret/a")
    assert keys.opened(bytes(32), sealed, "secret/a") == b"content"
    assert keys.opened(bytes(32), sealed, "secret/b") is None
    assert keys.opened(bytes(31) + b"\1", sealed, "secret/a") is None
    assert keys.opened(bytes(32), sealed[:-1], "secret/a") is None
    assert keys.opened(bytes(32), b"", "secret/a") is None
    assert keys.seal(bytes(32), b"content", "secret/a") != sealed
