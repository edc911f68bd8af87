"""What is saved can be put back, to the byte."""

import os
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.policy.gate_world import ACTOR, World, counting, plan, world

from vigie.domain.action import Backup, Outcome
from vigie.domain.errors import NeedsApproval, Permanent, Refused
from vigie.domain.host import Autonomy
from vigie.policy.backups import Saved
from vigie.policy.limits import Limits

PERSON = "person:owner"


async def save(here: World, *paths: Path | str) -> Backup:
    made = plan(counting(here.folder), backups=tuple(str(path) for path in paths))
    backup = await here.gate.back_up(here.host(), made, case="C-1", actor=ACTOR)
    assert backup is not None
    return backup


async def restore(here: World, backup: Backup, actor: str = PERSON) -> list[Outcome]:
    records = await here.gate.restore(here.host(), backup.id, actor=actor, approval=None)
    return [record.outcome for record in records]


async def test_a_plan_that_names_nothing_saves_nothing(here: World) -> None:
    assert await here.gate.back_up(here.host(), plan(counting(here.folder)), case="C-1", actor=ACTOR) is None


async def test_bytes_and_mode_come_back(here: World) -> None:
    path = here.folder / "it's a file"
    path.write_bytes(bytes(range(256)) * 9000)
    path.chmod(0o4750)
    backup = await save(here, path)
    before = path.stat()
    path.write_bytes(b"ruined")
    path.chmod(0o600)
    assert await restore(here, backup) == [Outcome.DONE]
    assert path.read_bytes() == bytes(range(256)) * 9000
    assert (path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) == (before.st_mode, before.st_uid, before.st_gid)


async def test_what_was_not_there_goes_and_what_went_comes_back(here: World) -> None:
    new, gone = here.folder / "new", here.folder / "gone"
    gone.write_text("once")
    backup = await save(here, new, gone)
    new.write_text("came")
    gone.unlink()
    assert await restore(here, backup) == [Outcome.DONE, Outcome.DONE]
    assert not new.exists()
    assert gone.read_text() == "once"


async def test_a_link_comes_back_and_what_it_points_to(here: World) -> None:
    target, other, link = here.folder / "target", here.folder / "other", here.folder / "link"
    target.write_text("one")
    link.symlink_to(target)
    backup = await save(here, link)
    assert [path for path, _ in backup.items] == [str(link), str(target)]
    target.write_text("ruined")
    link.unlink()
    link.symlink_to(other)
    await restore(here, backup)
    assert (link.readlink(), target.read_text()) == (target, "one")


async def test_a_folder_comes_back(here: World) -> None:
    folder = here.folder / "site"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "page").write_text("one")
    backup = await save(here, folder)
    (folder / "sub" / "page").write_text("ruined")
    assert await restore(here, backup) == [Outcome.DONE]
    assert (folder / "sub" / "page").read_text() == "one"


async def test_what_is_as_it_was_is_left_alone(here: World) -> None:
    path = here.folder / "f"
    path.write_text("one")
    backup = await save(here, path)
    inode = path.stat().st_ino
    assert await restore(here, backup) == [Outcome.DONE]
    assert path.stat().st_ino == inode
    assert await here.rows("action.restore_intent") == []


async def test_the_same_plan_is_saved_once(here: World) -> None:
    (here.folder / "f").write_text("one")
    first = await save(here, here.folder / "f")
    (here.folder / "f").write_text("changed by the repair")
    assert await save(here, here.folder / "f") == first


async def test_a_secret_is_saved_and_shown_nowhere(here: World, tmp_path: Path) -> None:
    path = here.folder / ".env"
    path.write_text("DB_PASSWORD=swordfish-hunter2\n")
    backup = await save(here, path)
    assert Saved.decoded(await here.memory.artefacts.get(backup.items[0][1])).content == path.read_bytes()
    assert "swordfish" not in str([row.body for row in await here.memory.journal.read(limit=1000)])
    for stored in (tmp_path / "home").rglob("*"):
        assert not stored.is_file() or b"swordfish" not in stored.read_bytes()


async def test_a_restore_can_itself_be_taken_back(here: World) -> None:
    path = here.folder / "f"
    path.write_text("one")
    first = await save(here, path)
    path.write_text("two")
    await restore(here, first)
    (second,) = [backup for backup in await here.memory.backups.list() if backup.id != first.id]
    await restore(here, second)
    assert path.read_text() == "two"


async def test_a_case_rolls_itself_back_and_nobody_else_does(here: World) -> None:
    path = here.folder / "f"
    path.write_text("one")
    made = plan(counting(here.folder), backups=(str(path),))
    backup = await save(here, path)
    path.write_text("two")
    with pytest.raises(NeedsApproval):
        await restore(here, backup, ACTOR)
    await here.act(made)
    assert await restore(here, backup, ACTOR) == [Outcome.DONE]
    assert path.read_text() == "one"


async def test_another_host_is_refused(here: World) -> None:
    (here.folder / "f").touch()
    backup = await save(here, here.folder / "f")
    with pytest.raises(Refused):
        await here.gate.restore(here.host(name="there"), backup.id, actor=PERSON, approval=None)


async def test_an_observed_host_is_left_as_it_is(here: World) -> None:
    (here.folder / "f").write_text("one")
    backup = await save(here, here.folder / "f")
    (here.folder / "f").write_text("two")
    with pytest.raises(Refused):
        await here.gate.restore(here.host(Autonomy.OBSERVE), backup.id, actor=PERSON, approval=None)
    assert (here.folder / "f").read_text() == "two"


async def test_a_corrupt_backup_is_never_put_back(here: World, tmp_path: Path) -> None:
    path = here.folder / "f"
    path.write_text("one")
    backup = await save(here, path)
    path.write_text("two")
    for stored in (tmp_path / "home" / "artefacts").rglob("*"):
        if stored.is_file():
            stored.write_bytes(stored.read_bytes()[:-1] + b"?")
    with pytest.raises(Permanent) as caught:
        await restore(here, backup)
    assert caught.value.key == "backup.not_proved"
    assert path.read_text() == "two"


async def test_an_unknown_backup_is_told(here: World) -> None:
    with pytest.raises(Permanent) as caught:
        await here.gate.restore(here.host(), "C-9-B9", actor=PERSON, approval=None)
    assert caught.value.key == "backup.unknown"


async def test_what_cannot_be_saved_whole_is_told(here: World) -> None:
    os.mkfifo(here.folder / "pipe")
    with pytest.raises(Permanent) as caught:
        await save(here, here.folder / "pipe")
    assert caught.value.key == "backup.special"
    with pytest.raises(Permanent) as caught:
        await save(here, "relative/path")
    assert caught.value.key == "backup.no_path"


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
async def test_what_may_not_be_read_is_told(here: World) -> None:
    (here.folder / "f").touch(0o000)
    with pytest.raises(Permanent) as caught:
        await save(here, here.folder / "f")
    assert caught.value.key == "backup.unreadable"


async def test_what_is_too_large_is_told(tmp_path: Path) -> None:
    async with world(tmp_path / "home", tmp_path / "work", limits=Limits(backup_bytes=1000)) as here:
        (here.folder / "f").write_bytes(random.Random(7).randbytes(2000))  # nothing that packing makes smaller
        (here.folder / "d").mkdir()
        (here.folder / "d" / "f").write_bytes(bytes(1001))
        for name in "fd":
            with pytest.raises(Permanent) as caught:
                await save(here, here.folder / name)
            assert caught.value.key == "backup.too_large"
        assert await here.memory.backups.list() == []


async def test_a_log_that_has_filled_a_disk_is_saved_packed_and_comes_back(tmp_path: Path) -> None:
    async with world(tmp_path / "home", tmp_path / "work", limits=Limits(backup_bytes=4000)) as here:
        path = here.folder / "full.log"
        path.write_text("DEBUG the same again\n" * 20_000)
        path.chmod(0o640)
        was = path.read_bytes()
        backup = await save(here, path)
        path.write_text("")
        assert await restore(here, backup) == [Outcome.DONE]
        assert (path.read_bytes() == was, path.stat().st_mode & 0o777) == (True, 0o640)


async def test_a_log_that_is_written_to_while_it_is_saved_is_saved(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    path = here.folder / "log"
    path.write_text("0")
    put = here.memory.artefacts.put

    async def put_while_written(content: bytes) -> str:
        path.write_text(path.read_text() + "x")
        return await put(content)

    monkeypatch.setattr(here.memory.artefacts, "put", put_while_written)
    backup = await save(here, path)
    assert await restore(here, backup) == [Outcome.DONE]
    assert path.read_text() == "0"


async def test_what_changes_all_the_time_is_told(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    path = here.folder / "log"
    path.write_text("0")
    put = here.memory.artefacts.put

    async def put_while_written(content: bytes) -> str:
        path.write_text("x" + path.read_text())
        return await put(content)

    monkeypatch.setattr(here.memory.artefacts, "put", put_while_written)
    with pytest.raises(Permanent) as caught:
        await save(here, path)
    assert caught.value.key == "backup.moving"


@given(st.binary(), st.integers(0, 0o7777), st.text())
def test_an_artefact_of_a_backup_reads_back(content: bytes, mode: int, path: str) -> None:
    saved = Saved(path, "file", mode, 0, 0, content=content)
    assert Saved.decoded(saved.encoded()) == saved


@given(st.binary())
def test_what_is_no_backup_is_told_as_such(artefact: bytes) -> None:
    try:
        Saved.decoded(artefact)
    except ValueError:
        return


def test_the_put_line_is_bound_to_its_bytes() -> None:
    saved = Saved("/srv/f", "file", 0o644, 0, 0, content=b"12345")
    assert saved.restoring() != replace(saved, content=b"123456").restoring()
