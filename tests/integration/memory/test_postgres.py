"""What only a server can do: refuse, be away, come back."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from vigie.clock import SystemClock
from vigie.domain.errors import BadUsage, Permanent, Transient, VigieError
from vigie.memory.memory import Memory


async def refusal(home: Path, url: str) -> VigieError:
    with pytest.raises(VigieError) as error:
        await Memory.open(home, clock=SystemClock(), database_url=url)
    for language in ("en", "fr"):
        assert "hunter2" not in error.value.what(language) + error.value.why(language) + error.value.next(language)
    return error.value


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:hunter2@h/d",
        "not an address",
        "",
        "sqlite:///x.db",
        "postgresql://u:hunter2@h:port/d",
        "postgresql://u:hunter2@h/d?unheard=of",
    ],
)
async def test_what_is_no_address_of_a_server_is_said(tmp_path: Path, url: str) -> None:
    error = await refusal(tmp_path, url)
    assert isinstance(error, BadUsage)
    assert error.key == "database.bad_url"


async def test_a_server_that_is_not_there_may_come_back(tmp_path: Path) -> None:
    for url in (f"postgresql://u:hunter2@/d?host={tmp_path}", "postgresql://u:hunter2@127.0.0.1:1/d"):
        error = await refusal(tmp_path, url)
        assert isinstance(error, Transient)
        assert error.key == "database.unreachable"


async def test_a_database_that_is_not_there_is_a_refusal(tmp_path: Path, postgres_server: Any) -> None:
    error = await refusal(tmp_path, f"postgresql://postgres:hunter2@/none?host={postgres_server.folder}")
    assert isinstance(error, Permanent)
    assert error.key == "database.refused"


async def test_a_user_that_is_not_there_is_a_refusal(tmp_path: Path, postgres_server: Any) -> None:
    error = await refusal(tmp_path, f"postgresql://nobody:hunter2@/postgres?host={postgres_server.folder}")
    assert error.key == "database.refused"


async def test_addresses_are_taken_as_other_programs_write_them(tmp_path: Path, postgres_server: Any) -> None:
    url = postgres_server.new_database().replace("postgresql://", "postgres://") + "&sslmode=disable"
    memory = await Memory.open(tmp_path, clock=SystemClock(), database_url=url)
    assert memory.database_url == url
    await memory.close()


async def test_a_cut_connection_is_made_anew(tmp_path: Path, postgres_server: Any) -> None:
    memory = await Memory.open(tmp_path, clock=SystemClock(), database_url=postgres_server.new_database())
    await memory.of().journal.append("case.opened", actor="vigie")
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    with pytest.raises(Transient):
        await memory._database.write(lambda connection: connection.execute(text(cut)))
    await memory.of().journal.append("case.opened", actor="vigie")
    assert (await memory.verify_journal()).valid
    await memory.close()


@pytest.fixture
def own_server(postgres_server: Any) -> Iterator[Any]:
    """Another server, for a test that stops it."""
    folder = Path(tempfile.mkdtemp(prefix="vg"))
    server = type(postgres_server)(postgres_server.programs, folder)
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.mark.slow
async def test_while_the_server_is_down_nothing_is_half_written(tmp_path: Path, own_server: Any) -> None:
    memory = await Memory.open(tmp_path, clock=SystemClock(), database_url=own_server.new_database())
    await memory.of().journal.append("case.opened", actor="vigie")
    await asyncio.to_thread(own_server.stop)
    for _ in range(3):
        with pytest.raises(Transient) as error:
            await memory.of().journal.append("case.opened", actor="vigie")
        assert error.value.key == "database.unreachable"
    await asyncio.to_thread(own_server.start)
    assert (await memory.of().journal.append("case.opened", actor="vigie")).seq == 2
    assert (await memory.verify_journal()).valid
    await memory.close()
