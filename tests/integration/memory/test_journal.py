"""The journal on each database, with several processes and many hands at once."""

import asyncio
import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.integration.memory.test_stores import a_case

from vigie.clock import FixedClock
from vigie.domain.errors import Permanent
from vigie.memory.memory import Memory, TenantMemory


async def test_a_journal_that_is_gone_with_its_head_is_missed_where_there_are_cases(file_place: Any) -> None:
    memory = await file_place.open()
    await memory.of().journal.append("case.opened", actor="vigie", case="C-1")
    await memory.of().cases.save(a_case())
    await file_place.close()
    _emptied(file_place.home)
    report = await (await file_place.open()).verify_journal()
    assert (report.entries, report.valid, report.first_bad) == (0, False, 1)


def _emptied(home: Path) -> None:
    """Take rows and their head as somebody would who knows the tables, and not the key."""
    with sqlite3.connect(home / "vigie.db") as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("DELETE FROM journal")
        connection.execute("DELETE FROM journal_head")
    connection.close()


async def test_a_journal_that_is_gone_with_its_head_is_missed_where_nothing_else_is_kept(file_place: Any) -> None:
    memory = await file_place.open()
    for _ in range(3):
        await memory.of().journal.append("inventory.added", actor="person:ann")
    await file_place.close()
    _emptied(file_place.home)
    memory = await file_place.open()
    report = await memory.verify_journal()
    assert (report.entries, report.valid, report.first_bad) == (0, False, 1)
    for _ in range(3):
        await memory.of().journal.append("inventory.added", actor="person:eve")
    report = await memory.verify_journal()
    assert (report.valid, report.first_bad) == (False, 3), "rows of its own do not make up for those that were taken"


async def test_a_home_of_before_its_anchor_is_as_valid_as_it_was(file_place: Any) -> None:
    memory = await file_place.open()
    await memory.of().journal.append("inventory.added", actor="person:ann")
    await file_place.close()
    anchor = file_place.home / "keys" / "journal.head"
    assert anchor.stat().st_mode & 0o777 == 0o600
    anchor.unlink()
    memory = await file_place.open()
    assert (await memory.verify_journal()).valid
    await memory.of().journal.append("inventory.added", actor="person:ann")
    await file_place.close()
    assert anchor.exists()


async def test_rows_are_counted_from_one_and_read_in_order(mine: TenantMemory, clock: FixedClock) -> None:
    for number in range(5):
        await mine.journal.append("case.opened", actor="vigie", case=f"C-{number}", body={"n": number})
    rows = await mine.journal.read()
    assert [row.seq for row in rows] == [1, 2, 3, 4, 5]
    assert [row.body["n"] for row in rows] == [0, 1, 2, 3, 4]
    assert {row.at for row in rows} == {clock.now()}


async def test_what_append_returns_is_what_is_read(mine: TenantMemory) -> None:
    written = await mine.journal.append("action.intent", actor="agent:storage", case="C-1", body={"line": "df"}, ref="a-1")
    assert await mine.journal.read() == [written]
    assert await mine.journal.of_ref("a-1") == [written]
    assert await mine.journal.of_ref("a-2") == []


async def test_a_reader_gets_one_case_after_a_number_and_no_more_than_it_asks_for(mine: TenantMemory) -> None:
    for number in range(10):
        await mine.journal.append("host.read", actor="vigie", case=f"C-{number % 2}")
    rows = await mine.journal.read(after=3, case="C-1", limit=2)
    assert [(row.seq, row.case) for row in rows] == [(4, "C-1"), (6, "C-1")]


@pytest.mark.parametrize(
    "value",
    [
        None,
        "NUL \0, é, 🛟, a lone \ud83d, \u2028",
        {"deep": [1, 2.5, True, {"x": []}]},
        2**60,
        1e300,
        "x" * 300_000,
    ],
    ids=["none", "odd text", "nested", "large integer", "large float", "long text"],
)
async def test_a_body_comes_back_as_it_was(memory: Memory, value: Any) -> None:
    journal = memory.of().journal
    await journal.append("case.opened", actor="vigie", body={"value": value})
    assert (await journal.read())[0].body == {"value": value}
    assert (await memory.verify_journal()).valid


async def test_each_reader_has_its_own_place(mine: TenantMemory) -> None:
    await mine.journal.move_cursor("outbox", 7)
    await mine.journal.move_cursor("outbox", 9)
    assert await mine.journal.cursor("outbox") == 9
    assert await mine.journal.cursor("console") == 0


@pytest.mark.parametrize("change", ["UPDATE journal SET actor = 'nobody'", "DELETE FROM journal"])
async def test_the_database_itself_refuses_to_change_a_row(memory: Memory, change: str) -> None:
    await memory.of().journal.append("case.opened", actor="vigie")
    with pytest.raises(DBAPIError, match="the journal only grows"):
        await memory._database.write(lambda connection: connection.execute(text(change)))
    assert (await memory.verify_journal()).valid


async def test_the_database_itself_refuses_to_replace_or_empty(memory: Memory) -> None:
    await memory.of().journal.append("case.opened", actor="vigie")
    trick = (
        "INSERT OR REPLACE INTO journal SELECT seq, at, tenant, case_id, kind, 'nobody', body, ref, hash FROM journal"
        if memory.database_url is None
        else "TRUNCATE journal"
    )
    with pytest.raises(DBAPIError, match="the journal only grows"):
        await memory._database.write(lambda connection: connection.execute(text(trick)))


async def _fill(memory: Memory, rows: int) -> None:
    for number in range(rows):
        await memory.of().journal.append("case.opened", actor="vigie", case="C-1", body={"n": number})


async def _tamper(memory: Memory, *changes: str) -> None:
    """Change rows as somebody with full rights on the database would, its triggers gone."""
    if memory.database_url is None:
        off = [f"DROP TRIGGER journal_no_{what}" for what in ("update", "delete", "replace")]
    else:
        off = ["ALTER TABLE journal DISABLE TRIGGER ALL"]

    def work(connection: Any) -> None:
        for statement in (*off, *changes):
            connection.execute(text(statement))

    await memory._database.write(work)


@pytest.mark.parametrize(
    ("changes", "first_bad"),
    [
        (["UPDATE journal SET body = replace(body, '120', '121') WHERE seq = 121"], 121),
        (["UPDATE journal SET at = 'yesterday' WHERE seq = 2"], 2),
        (["UPDATE journal SET tenant = 'other' WHERE seq = 200"], 200),
        (["UPDATE journal SET case_id = NULL WHERE seq = 1"], 1),
        (["DELETE FROM journal WHERE seq = 57"], 57),
        (["DELETE FROM journal WHERE seq = 57", "UPDATE journal SET seq = seq - 1 WHERE seq > 57 AND seq < 59"], 57),
        (
            [
                "UPDATE journal SET seq = 1000 WHERE seq = 80",
                "UPDATE journal SET seq = 80 WHERE seq = 81",
                "UPDATE journal SET seq = 81 WHERE seq = 1000",
            ],
            80,
        ),
        (["DELETE FROM journal WHERE seq > 150"], 151),
        (
            [
                "DELETE FROM journal WHERE seq > 150",
                "UPDATE journal_head SET seq = 150, hash = (SELECT hash FROM journal WHERE seq = 150)",
            ],
            151,
        ),
        (["DELETE FROM journal_head"], 201),
        (
            [
                "INSERT INTO journal SELECT 201, at, tenant, case_id, kind, actor, body, ref, hash FROM journal WHERE seq = 200",
            ],
            201,
        ),
    ],
    ids=[
        "flipped", "no instant", "another tenant", "no case", "dropped", "dropped and closed up", "swapped",
        "truncated", "truncated with its head", "head gone", "copied",
    ],
)  # fmt: skip
async def test_of_two_hundred_rows_the_first_bad_one_is_named(memory: Memory, changes: list[str], first_bad: int) -> None:
    await _fill(memory, 200)
    assert (await memory.verify_journal()).valid
    await _tamper(memory, *changes)
    report = await memory.verify_journal()
    assert (report.valid, report.first_bad) == (False, first_bad)


async def test_nothing_is_written_to_a_journal_without_its_head(memory: Memory) -> None:
    await _fill(memory, 2)
    await _tamper(memory, "DELETE FROM journal_head")
    with pytest.raises(Permanent, match="head"):
        await memory.of().journal.append("case.opened", actor="vigie")


async def test_a_journal_is_not_continued_with_another_key(place: Any) -> None:
    memory = await place.open()
    await _fill(memory, 3)
    await place.close()
    key = place.home / "keys" / "audit.key"
    kept = key.read_bytes()
    key.write_bytes(bytes(32))
    with pytest.raises(Permanent) as other:
        await place.open()
    key.unlink()
    with pytest.raises(Permanent) as missing:
        await place.open()
    assert (other.value.key, missing.value.key) == ("journal.other_key", "journal.key_missing")
    assert not key.exists()
    key.write_bytes(kept)
    assert (await (await place.open()).verify_journal()).valid


async def test_a_happening_of_this_process_wakes_the_waiting(mine: TenantMemory) -> None:
    waiting = asyncio.create_task(mine.journal.wait(0, 30))
    await asyncio.sleep(0.05)
    await mine.journal.append("case.opened", actor="vigie")
    assert await asyncio.wait_for(waiting, 5)


async def test_a_happening_of_somebody_else_wakes_the_waiting(place: Any) -> None:
    waiting_side, writing_side = await place.open(), await place.open()
    waiting = asyncio.create_task(waiting_side.of().journal.wait(0, 30))
    await asyncio.sleep(0.05)
    await writing_side.of().journal.append("case.opened", actor="vigie")
    assert await asyncio.wait_for(waiting, 5)


async def test_waiting_ends_with_its_time_and_other_tenants_do_not_end_it(memory: Memory) -> None:
    waiting = asyncio.create_task(memory.of().journal.wait(0, 0.4))
    await memory.of("other").journal.append("case.opened", actor="vigie")
    assert not await waiting
    assert not await memory.of().journal.wait(1, 0)


async def test_what_is_there_already_is_not_waited_for(mine: TenantMemory) -> None:
    await mine.journal.append("case.opened", actor="vigie")
    assert await mine.journal.wait(0, 0)


async def test_the_stores_serve_other_event_loops_too(mine: TenantMemory) -> None:
    seen: list[bool] = []
    thread = threading.Thread(target=lambda: seen.append(asyncio.run(mine.journal.wait(1, 30))))
    await mine.journal.append("case.opened", actor="vigie")
    thread.start()
    await mine.journal.append("case.opened", actor="vigie")
    await asyncio.to_thread(thread.join, 10)
    assert seen == [True]


async def test_a_cancelled_append_leaves_a_whole_chain(memory: Memory) -> None:
    journal = memory.of().journal
    tasks = [asyncio.create_task(journal.append("case.opened", actor="vigie")) for _ in range(40)]
    await asyncio.sleep(0.005)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await journal.append("case.closed", actor="vigie")
    report = await memory.verify_journal()
    assert report.valid
    assert report.entries >= 21


_APPENDS = """
for number in range({rows}):
    row = await memory.of().journal.append("case.opened", actor="vigie", body={{"n": number}})
    print(row.seq, flush=True)
"""


async def test_processes_take_turns_and_make_one_chain(place: Any) -> None:
    processes = [place.process(_APPENDS.format(rows=60)) for _ in range(4)]
    printed = [await asyncio.to_thread(process.communicate) for process in processes]
    assert [process.returncode for process in processes] == [0] * 4
    numbers = sorted(int(number) for out, _ in printed for number in out.split())
    assert numbers == list(range(1, 241))
    report = await (await place.open()).verify_journal()
    assert (report.valid, report.entries) == (True, 240)


async def test_a_killed_writer_loses_nothing_it_was_told_is_written(place: Any) -> None:
    process = place.process(_APPENDS.format(rows=100_000))
    for _ in range(50):
        await asyncio.to_thread(process.stdout.readline)
    process.kill()
    told = 50 + len((await asyncio.to_thread(process.communicate))[0].splitlines()) - 1  # the last line may be cut
    memory = await place.open()
    report = await memory.verify_journal()
    assert report.valid
    assert report.entries >= told
    assert (await memory.of().journal.append("case.opened", actor="vigie")).seq == report.entries + 1


async def test_the_body_is_stored_in_one_way_only(memory: Memory) -> None:
    await memory.of().journal.append("case.opened", actor="vigie", body={"b": 1, "a": 2})
    stored = await memory._database.read(lambda connection: connection.execute(text("SELECT body FROM journal")).scalar())
    assert stored == '{"a":2,"b":1}'
    assert json.loads(str(stored)) == {"a": 2, "b": 1}
