"""Artefacts and secrets: sealed on the disk, and told when they were altered."""

import asyncio
import hashlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from vigie.domain.errors import Permanent
from vigie.memory.memory import Memory, TenantMemory

SECRET = b"correct horse battery staple"


@pytest.fixture
async def memory(file_place: Any) -> Memory:
    memory: Memory = await file_place.open()
    return memory


@pytest.fixture
async def mine(memory: Memory) -> TenantMemory:
    return memory.of()


def the_file(memory: Memory, artefact: str) -> Path:
    return memory.home / "artefacts" / "default" / artefact[:2] / artefact


async def key_of(deed: Any) -> str:
    with pytest.raises(Permanent) as error:
        await deed
    return error.value.key


@pytest.mark.parametrize("content", [b"", b"x", bytes(range(256)) * 8000], ids=["empty", "one byte", "two megabytes"])
async def test_an_artefact_comes_back_under_the_hash_of_its_content(mine: TenantMemory, content: bytes) -> None:
    artefact = await mine.artefacts.put(content)
    assert artefact == hashlib.sha256(content).hexdigest()
    assert await mine.artefacts.get(artefact) == content


async def test_the_same_bytes_are_kept_once(memory: Memory, mine: TenantMemory) -> None:
    artefacts = await asyncio.gather(*(mine.artefacts.put(SECRET) for _ in range(8)))
    assert len(set(artefacts)) == 1
    kept = the_file(memory, artefacts[0]).stat()
    await mine.artefacts.put(SECRET)
    assert the_file(memory, artefacts[0]).stat().st_mtime_ns == kept.st_mtime_ns
    assert [path.name for path in (memory.home / "artefacts").rglob("*") if path.is_file()] == [artefacts[0]]


async def test_nothing_of_the_content_is_on_the_disk_in_clear(memory: Memory, mine: TenantMemory) -> None:
    await mine.artefacts.put(SECRET)
    await mine.secrets.put("db", SECRET)
    assert await mine.secrets.get("db") == SECRET
    assert [path for path in memory.home.rglob("*") if path.is_file() and SECRET in path.read_bytes()] == []


@pytest.mark.parametrize("position", [0, 15, -1])
async def test_an_altered_artefact_is_told_and_put_right_by_putting_it_again(
    memory: Memory, mine: TenantMemory, position: int
) -> None:
    artefact = await mine.artefacts.put(SECRET)
    file = the_file(memory, artefact)
    sealed = bytearray(file.read_bytes())
    sealed[position] ^= 1
    file.write_bytes(sealed)
    assert await key_of(mine.artefacts.get(artefact)) == "artefact.corrupt"
    assert await mine.artefacts.put(SECRET) == artefact
    assert await mine.artefacts.get(artefact) == SECRET


async def test_one_artefact_cannot_stand_for_another(memory: Memory, mine: TenantMemory) -> None:
    one, other = await mine.artefacts.put(b"one"), await mine.artefacts.put(b"other")
    the_file(memory, one).write_bytes(the_file(memory, other).read_bytes())
    assert await key_of(mine.artefacts.get(one)) == "artefact.corrupt"


@pytest.mark.parametrize("name", ["0" * 64, "", "../../keys/audit.key", "A" * 64])
async def test_what_was_never_put_is_missing(mine: TenantMemory, name: str) -> None:
    assert await key_of(mine.artefacts.get(name)) == "artefact.missing"


async def test_an_altered_or_moved_secret_is_not_opened(memory: Memory, mine: TenantMemory) -> None:
    await mine.secrets.put("one", b"one")
    await mine.secrets.put("other", b"other")
    with sqlite3.connect(memory.home / "vigie.db") as connection:
        connection.execute(
            "UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE name = 'other'), "
            "wrapped_key = (SELECT wrapped_key FROM secrets WHERE name = 'other') WHERE name = 'one'"
        )
        connection.execute("UPDATE secrets SET sealed = x'00' WHERE name = 'other'")
    connection.close()
    for name in ("one", "other"):
        assert await key_of(mine.secrets.get(name)) == "home.secret_unreadable"


async def test_another_homes_key_opens_no_secret(file_place: Any, memory: Memory, mine: TenantMemory) -> None:
    await mine.secrets.put("db", SECRET)
    await file_place.close()
    (file_place.home / "keys" / "secrets.key").write_bytes(bytes(32))
    reopened = await file_place.open()
    assert await key_of(reopened.of().secrets.get("db")) == "home.secret_unreadable"
