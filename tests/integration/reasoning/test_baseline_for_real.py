"""A baseline of a real small host, and what is told of it after it was broken."""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vigie.domain.fact import Fact
from vigie.domain.host import Host
from vigie.knowledge import detection, library
from vigie.lab.stack import Stack, running
from vigie.reasoning import baseline
from vigie.reasoning.facts import Facts
from vigie.reasoning.looks import Looks, is_open
from vigie.reasoning.probing import Batch

pytestmark = pytest.mark.slow
KNOWN = library.load()


@pytest.fixture
async def stack() -> AsyncIterator[Stack]:
    with tempfile.TemporaryDirectory(prefix="vb-", ignore_cleanup_errors=True) as folder:
        async with running(parent=Path(folder)) as built:
            yield built


async def identified(stack: Stack) -> Host:
    host = stack.host("lab")
    outputs = [await stack.enter(line) for line in detection.lines(KNOWN)]
    (found,) = detection.found(KNOWN, outputs, host.focus)
    return replace(host, manager=found.manager.name, options=found.options())


async def look(stack: Stack, host: Host) -> list[Fact]:
    facts, found, looks = Facts(), [], Looks(KNOWN.probes)
    probes = baseline.survey(KNOWN, host)
    for _ in range(5):
        todo = list(dict.fromkeys(each for probe in probes for each in looks.every(probe, facts) if is_open(each, facts)))
        batch = Batch([(KNOWN.probes[each.probe], dict(each.slots)) for each in todo], host)
        while lines := batch.pending():
            batch.take(lines, await asyncio.gather(*(stack.enter(line.line, stdin=line.stdin) for line in lines)))
        fresh = batch.facts(datetime.now(UTC))
        facts.add(fresh)
        found += fresh
    assert [fact.subject for fact in found if fact.name == "probe.unavailable"] == []
    return found


async def test_a_quiet_host_shows_no_change_and_a_broken_one_shows_each(stack: Stack) -> None:
    host = await identified(stack)
    assert host.manager == "supervisord"
    began = time.monotonic()
    facts = await look(stack, host)
    taken = baseline.baseline("lab", facts, datetime.now(UTC), seconds=time.monotonic() - began)
    assert taken.seconds < 15  # measured 1.3 s; the bench holds it to 5
    await asyncio.sleep(1.5)  # customers go on buying meanwhile
    assert baseline.diff(taken, await look(stack, host), datetime.now(UTC)) == []

    paths = stack.layout
    paths.shop_ini.write_text(
        paths.shop_ini.read_text(encoding="utf-8").replace("slow_query_ms = 100", "slow_query_ms = 900"), encoding="utf-8"
    )
    paths.proxy_conf.chmod(0o600)
    with closing(sqlite3.connect(paths.database, timeout=20)) as connection:
        (index,) = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = 'orders'"
        ).fetchone()
        connection.execute(f"DROP INDEX {index}")
        connection.commit()
    await stack.control("stop worker")
    changes = baseline.diff(taken, await look(stack, host), datetime.now(UTC))
    told = {(fact.name, fact.subject.rpartition("/")[2]) for fact in baseline.change_facts(changes, host="lab")}
    assert told - {("change.latency", "")} == {
        ("change.setting", "shop.ini"),
        ("change.file", "shop.ini"),
        ("change.mode", "proxy.conf"),
        ("change.index", index),
        ("change.service", "service:worker"),
        ("probe.ran", "probe:baseline.diff"),
    }
