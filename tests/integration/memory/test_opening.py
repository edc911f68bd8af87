"""Homes and database files that cannot be used: said clearly, and nothing half done."""

import asyncio
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vigie.clock import SystemClock
from vigie.domain.errors import Permanent, VigieError
from vigie.domain.host import Host
from vigie.memory.memory import Memory

_NOBODY = 65534


async def refusal(home: Path) -> VigieError:
    with pytest.raises(VigieError) as error:
        await Memory.open(home, clock=SystemClock())
    for language in ("en", "fr"):
        assert error.value.what(language)
        assert error.value.why(language)
        assert error.value.next(language)
    return error.value


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
async def used(file_place: Any) -> Path:
    """A home with some content, closed."""
    memory = await file_place.open()
    for number in range(50):
        await memory.of().journal.append("case.opened", actor="vigie", case=f"C-{number}", body={"text": "x" * 400})
    await memory.of().hosts.save(Host("web", "local"))
    await file_place.close()
    home: Path = file_place.home
    return home


async def test_a_new_home_is_for_its_owner_only(file_place: Any) -> None:
    old_mask = os.umask(0)
    try:
        memory = await file_place.open()
        await memory.of().artefacts.put(b"bytes")
        await memory.of().journal.append("case.opened", actor="vigie")
    finally:
        os.umask(old_mask)
    paths = [file_place.home, *file_place.home.rglob("*")]
    assert {str(path): oct(path.stat().st_mode & 0o077) for path in paths if path.stat().st_mode & 0o077} == {}
    assert memory.workflows_path == file_place.home / "workflows.db"


async def test_an_open_home_is_opened_again_and_again(used: Path) -> None:
    before = sqlite3.connect(used / "vigie.db").execute("SELECT count(*) FROM journal").fetchone()
    for _ in range(3):
        memory = await Memory.open(used, clock=SystemClock())
        assert (await memory.verify_journal()).entries == before[0] == 50
        assert await memory.check_database() == []
        await memory.close()


async def test_a_file_of_something_else_is_no_database(used: Path) -> None:
    (used / "vigie.db").write_bytes(b"this is a shopping list, not a database\n" * 400)
    before = snapshot(used)
    assert (await refusal(used)).key == "database.corrupt"
    assert snapshot(used) == before


async def test_a_damaged_page_keeps_the_program_from_starting(used: Path) -> None:
    with (used / "vigie.db").open("r+b") as file:
        for page in range(3, 12):
            file.seek(4096 * page)
            file.write(b"\xa5" * 512)
    before = snapshot(used)
    assert (await refusal(used)).key == "database.corrupt"
    assert snapshot(used) == before


async def test_a_file_that_was_cut_off_keeps_the_program_from_starting(used: Path) -> None:
    os.truncate(used / "vigie.db", 4096 * 5 + 100)
    assert (await refusal(used)).key == "database.corrupt"


async def test_damage_while_the_program_runs_is_said_too(file_place: Any) -> None:
    memory = await file_place.open()
    for number in range(300):
        await memory.of().journal.append("case.opened", actor="vigie", body={"text": "x" * 400, "n": number})
    await memory._database.write(lambda _: None)
    await file_place.close()
    memory = await file_place.open()
    with (file_place.home / "vigie.db").open("r+b") as file:
        for page in range(2, (file_place.home / "vigie.db").stat().st_size // 4096):
            file.seek(4096 * page)
            file.write(b"\xa5" * 4096)
    with pytest.raises(Permanent) as error:
        await memory.verify_journal()
    assert error.value.key == "database.corrupt"


async def test_a_database_of_a_newer_program_is_left_alone(used: Path) -> None:
    with sqlite3.connect(used / "vigie.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    error = await refusal(used)
    assert error.key == "database.newer"
    assert "9999" in error.why("fr")


@pytest.mark.parametrize("how", ["removed", "emptied"])
async def test_a_database_that_is_gone_is_not_begun_anew_without_a_word(used: Path, how: str) -> None:
    for path in used.glob("vigie.db*"):
        path.unlink()
    if how == "emptied":
        (used / "vigie.db").touch()
    before = snapshot(used)
    error = await refusal(used)
    assert error.key == "database.gone"
    assert str(used) in error.next("fr")
    assert snapshot(used) == before


async def test_a_table_that_was_taken_away_is_told_as_damage(used: Path) -> None:
    with sqlite3.connect(used / "vigie.db") as connection:
        connection.execute("DROP TABLE hosts")
    connection.close()
    memory = await Memory.open(used, clock=SystemClock())
    try:
        with pytest.raises(Permanent) as error:
            await memory.of().hosts.list()
    finally:
        await memory.close()
    assert error.value.key == "database.corrupt"


async def test_damage_of_the_engine_s_own_file_is_seen_without_opening_the_engine(used: Path) -> None:
    memory = await Memory.open(used, clock=SystemClock())
    try:
        assert await memory.check_workflows() == []
        memory.workflows_path.write_bytes(os.urandom(9000))
        assert await memory.check_workflows()
    finally:
        await memory.close()


async def test_a_folder_in_place_of_the_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "vigie.db").mkdir()
    assert (await refusal(tmp_path)).key == "database.unreadable"


@pytest.mark.parametrize("below", ["", "deeper", "deeper/still"])
async def test_a_file_in_place_of_the_home_is_said(tmp_path: Path, below: str) -> None:
    (tmp_path / "home").write_text("I was here first")
    assert (await refusal(tmp_path / "home" / below)).key == "home.not_a_folder"


async def test_a_file_in_place_of_a_folder_of_the_home_is_said(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("I was here first")
    assert (await refusal(tmp_path)).key == "home.not_a_folder"
    assert not (tmp_path / "vigie.db").exists()


async def test_a_damaged_key_is_not_replaced(used: Path) -> None:
    key = used / "keys" / "secrets.key"
    key.write_bytes(b"short")
    assert (await refusal(used)).key == "home.key_broken"
    assert key.read_bytes() == b"short"


async def test_a_key_that_others_may_read_is_closed_to_them(used: Path) -> None:
    key = used / "keys" / "audit.key"
    key.chmod(0o644)
    await (await Memory.open(used, clock=SystemClock())).close()
    assert key.stat().st_mode & 0o777 == 0o600


async def test_the_home_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    os.chown(tmp_path, _NOBODY, _NOBODY)
    error = await refusal(tmp_path)
    assert error.key == "home.not_yours"
    assert str(_NOBODY) in error.why("en")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def ordinary() -> Iterator[Path]:
    """A folder of an ordinary user, as whom the test then runs: permissions say nothing to root."""
    folder = Path(tempfile.mkdtemp(prefix="vg"))
    if os.geteuid() != 0:
        yield folder
    else:
        os.chown(folder, _NOBODY, _NOBODY)
        os.seteuid(_NOBODY)
        yield folder
        os.seteuid(0)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700)
    shutil.rmtree(folder)


async def test_a_read_only_home_is_said(ordinary: Path) -> None:
    ordinary.chmod(0o500)
    assert (await refusal(ordinary)).key == "home.read_only"
    assert (await refusal(ordinary / "home")).key == "home.read_only"


async def test_a_home_that_cannot_be_looked_into_is_said(ordinary: Path) -> None:
    ordinary.chmod(0o000)
    assert (await refusal(ordinary)).key == "home.read_only"


async def test_an_unreadable_database_is_said(ordinary: Path) -> None:
    (ordinary / "vigie.db").touch()
    (ordinary / "vigie.db").chmod(0o000)
    assert (await refusal(ordinary)).key == "database.unreadable"


async def test_a_database_that_may_only_be_read_is_said(ordinary: Path) -> None:
    await (await Memory.open(ordinary, clock=SystemClock())).close()
    (ordinary / "vigie.db").chmod(0o400)
    assert (await refusal(ordinary)).key == "database.unreadable"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte, and a home on it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "vigie", str(folder)], check=False, capture_output=True
    )
    if mount.returncode != 0:
        pytest.skip(f"no small file system can be mounted here: {mount.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def _write_until_full(memory: Memory) -> tuple[int, Permanent]:
    written = 0
    try:
        while True:
            await memory.of().journal.append("case.opened", actor="vigie", body={"text": "x" * 2000})
            written += 1
    except Permanent as error:
        return written, error


async def test_a_full_disk_stops_writing_and_loses_nothing(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    memory = await Memory.open(small_disk / "home", clock=SystemClock())
    ballast.write_bytes(b"x" * 400_000)
    written, error = await _write_until_full(memory)
    assert error.key == "home.full"
    assert written > 10
    report = await memory.verify_journal()
    assert (report.valid, report.entries) == (True, written)
    with pytest.raises(Permanent) as artefact:
        await memory.of().artefacts.put(os.urandom(500_000))
    assert artefact.value.key == "home.full"
    assert [path for path in (small_disk / "home").rglob("*") if path.name.startswith(".")] == []

    ballast.unlink()
    assert (await memory.of().journal.append("case.closed", actor="vigie")).seq == written + 1
    assert (await memory.verify_journal()).valid
    await memory.close()


async def test_a_full_disk_at_the_start_is_said(small_disk: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        (small_disk / "ballast").write_bytes(b"x" * 2_000_000)
    assert (await refusal(small_disk / "home")).key == "home.full"
    (small_disk / "ballast").unlink()
    await (await Memory.open(small_disk / "home", clock=SystemClock())).close()


async def test_a_full_disk_is_said_of_a_home_that_was_used_before(small_disk: Path) -> None:
    await (await Memory.open(small_disk / "home", clock=SystemClock())).close()
    with pytest.raises(OSError, match="No space left"):
        (small_disk / "ballast").write_bytes(b"x" * 2_000_000)
    assert (await refusal(small_disk / "home")).key == "home.full"
    (small_disk / "ballast").unlink()
    memory = await Memory.open(small_disk / "home", clock=SystemClock())
    assert (await memory.verify_journal()).valid
    await memory.close()


async def test_a_read_only_disk_is_said(small_disk: Path) -> None:
    await (await Memory.open(small_disk, clock=SystemClock())).close()
    await asyncio.to_thread(subprocess.run, ["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert (await refusal(small_disk)).key == "home.read_only"
    assert (await refusal(small_disk / "new")).key == "home.read_only"


async def test_a_limit_on_file_sizes_stops_writing_and_loses_nothing(file_place: Any) -> None:
    """The same for everybody who may mount nothing."""
    memory = await file_place.open()
    limit = (file_place.home / "vigie.db-wal").stat().st_size + 200_000
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    old_action = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, old[1]))
    try:
        written, error = await _write_until_full(memory)
        with pytest.raises(Permanent) as artefact:
            await memory.of().artefacts.put(os.urandom(limit + 1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, old_action)
    assert error.key in ("database.disk_error", "home.full")
    assert artefact.value.key == "home.full"
    assert (await memory.verify_journal()).entries == written
    assert (await memory.of().journal.append("case.closed", actor="vigie")).seq == written + 1


async def test_a_busy_database_waits_its_turn(file_place: Any) -> None:
    memory = await file_place.open()
    other = sqlite3.connect(file_place.home / "vigie.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    waiting = asyncio.create_task(memory.of().journal.append("case.opened", actor="vigie"))
    assert await memory.of().journal.read() == []
    await asyncio.sleep(0.3)
    assert not waiting.done()
    other.execute("ROLLBACK")
    other.close()
    assert (await waiting).seq == 1


@pytest.mark.slow
async def test_a_process_killed_while_it_makes_the_home_leaves_one_that_opens(file_place: Any) -> None:
    for turn in range(16):
        process = file_place.process("await memory.of().cases.new_id()")
        await asyncio.sleep(0.2 + 0.05 * turn)
        process.kill()
        await asyncio.to_thread(process.communicate)
        if turn % 4 == 3:
            memory = await file_place.open()
            await memory.of().secrets.put("x", b"y")
            assert (await memory.verify_journal()).valid
            assert await memory.check_database() == []
            await file_place.close()
            shutil.rmtree(file_place.home)


async def test_processes_that_open_a_new_home_at_once_agree(place: Any) -> None:
    code = 'print(memory._keys.audit.hex()); await memory.of().secrets.put("x", b"y")'
    processes = [place.process(code) for _ in range(6)]
    printed = [(await asyncio.to_thread(process.communicate))[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 6
    assert len(set(printed)) == 1
    assert await (await place.open()).of().secrets.get("x") == b"y"
