"""Which server runs on a home."""

import os
import stat
from pathlib import Path

import pytest

from vigie.domain.errors import Permanent
from vigie.interfaces import running


def test_no_server_runs_on_a_new_home(tmp_path: Path) -> None:
    assert running.find(tmp_path / "run") is None


def test_a_running_server_is_found_with_its_address(tmp_path: Path) -> None:
    with running.only_server(tmp_path) as place:
        place.announce("http://127.0.0.1:1")
        found = running.find(tmp_path)
    assert found == running.RunningServer(os.getpid(), "http://127.0.0.1:1", place.token)


def test_only_the_owner_can_read_the_token(tmp_path: Path) -> None:
    with running.only_server(tmp_path) as place:
        place.announce("http://127.0.0.1:1")
        assert stat.S_IMODE((tmp_path / "up.json").stat().st_mode) == 0o600


def test_the_note_of_a_dead_server_is_ignored(tmp_path: Path) -> None:
    with running.only_server(tmp_path) as place:
        place.announce("http://127.0.0.1:1")
    assert (tmp_path / "up.json").exists()
    assert running.find(tmp_path) is None
    assert running.is_abandoned(tmp_path)


def test_a_second_server_is_refused_and_told_of_the_first(tmp_path: Path) -> None:
    with running.only_server(tmp_path) as place:
        place.announce("http://127.0.0.1:1")
        with pytest.raises(Permanent) as caught, running.only_server(tmp_path):
            pass
    assert caught.value.key == "cli.already_up"
    assert str(os.getpid()) in caught.value.why()
    assert "http://127.0.0.1:1" in caught.value.why("fr")


def test_the_place_is_free_again_afterwards(tmp_path: Path) -> None:
    with running.only_server(tmp_path):
        pass
    with running.only_server(tmp_path):
        assert not running.is_abandoned(tmp_path)


def test_a_folder_that_nobody_served_is_not_abandoned(tmp_path: Path) -> None:
    assert not running.is_abandoned(tmp_path)
