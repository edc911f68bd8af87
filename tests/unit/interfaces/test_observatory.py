"""Observation: what is read becomes series; what runs out is told while there is time, once, across restarts."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from vigie.domain.action import Completed
from vigie.domain.errors import Permanent, Transient
from vigie.domain.finding import Finding
from vigie.domain.host import Host
from vigie.interfaces.observatory import Observatory, measures_of
from vigie.knowledge.library import load
from vigie.memory.memory import Memory, TenantMemory
from vigie.policy.gate import Reading


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 2, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic_s(self) -> float:
        return self.at.timestamp()


class Answers:
    """A gate whose hosts say what the test has them say."""

    def __init__(self) -> None:
        self.level = 0.4
        self.asked: list[tuple[str, bool]] = []
        self.lost: set[str] = set()

    async def read(self, host: Host, readings: Sequence[Reading], *, actor: str, observing: bool) -> list[Completed]:
        self.asked.append((host.name, observing))
        if host.name in self.lost:
            raise Transient("host.unreachable", host=host.name, address="-", reason="-")
        row = {"subject": "disk:/", "name": "disk.used_ratio", "value": self.level}
        return [Completed(each.line, 0, json.dumps(row).encode() + b"\n", b"", 0.1) for each in readings]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[TenantMemory]:
    memory = await Memory.open(tmp_path / "home", clock=Clock())
    yield memory.of()
    await memory.close()


async def test_a_disk_that_fills_is_told_of_ahead_and_once_though_it_restarts(store: TenantMemory) -> None:
    clock, gate, told = Clock(), Answers(), list[Finding]()

    async def sink(finding: Finding) -> None:
        told.append(finding)

    def opened() -> Observatory:
        return Observatory(store, as_any(gate), load(), clock, sink)

    await store.hosts.save(Host("web", "local", observed_every_s=3600.0))
    await store.hosts.save(Host("other", "local"))
    observatory = opened()
    for hour in range(140):
        gate.level = 0.4 if hour < 72 else 0.4 + (hour - 72) / 130
        if hour in (30, 100):
            observatory = opened()
        await observatory.turn()
        clock.at += timedelta(hours=1)
    assert [(each.host, each.kind, each.values["case"]) for each in told] == [("web", "running_out", "disk")]
    full_at = datetime(2026, 11, 2, 1, tzinfo=UTC) + timedelta(hours=72 + 0.6 * 130)
    assert told[0].last_at < full_at - timedelta(hours=12)
    assert set(gate.asked) == {("web", True)}
    assert len(gate.asked) == 140


async def test_a_host_that_is_lost_is_looked_at_again_at_its_next_turn(store: TenantMemory) -> None:
    clock, gate = Clock(), Answers()
    gate.lost = {"gone"}
    for name in ("gone", "web"):
        await store.hosts.save(Host(name, "local", observed_every_s=300.0))

    async def sink(finding: Finding) -> None:
        raise AssertionError

    observatory = Observatory(store, as_any(gate), load(), clock, sink)
    await observatory.turn()
    await observatory.turn()
    assert sorted(gate.asked) == [("gone", True), ("web", True)]
    clock.at += timedelta(minutes=5)
    await observatory.turn()
    assert len(gate.asked) == 4
    assert len((await store.trends.list("web"))[0].points) == 2


async def test_a_host_that_tells_nothing_is_said_to(store: TenantMemory) -> None:
    class Mute(Answers):
        async def read(self, host: Host, readings: Sequence[Reading], *, actor: str, observing: bool) -> list[Completed]:
            return [Completed(each.line, 127, b"", b"sh: python3: not found", 0.1) for each in readings]

    async def sink(finding: Finding) -> None:
        raise AssertionError

    with pytest.raises(Permanent, match="not found"):
        await Observatory(store, as_any(Mute()), load(), Clock(), sink).look(Host("web", "local"))


def test_what_a_host_says_is_taken_for_numbers_only_where_it_is_some() -> None:
    rows: list[Any] = [
        {"subject": "disk:/", "name": "disk.used_ratio", "value": 0.5},
        {"subject": "disk:/", "name": "disk.used_ratio", "value": True},
        {"subject": "disk:/x\u202e", "name": "disk.used_ratio", "value": 1},
        {"subject": "a" * 300, "name": "n", "value": 1},
        {"subject": "file:/a.pem", "name": "certificate.state", "value": {"days_left": 12.5, "used_by": ["/etc/x"]}},
        {"subject": "file:/b.pem", "name": "certificate.state", "value": {"days_left": 12.5, "used_by": []}},
        {"subject": None, "name": 3, "value": []},
        [1],
        "text",
    ]
    output = b"\n".join([json.dumps(row).encode() for row in rows] + [b"NaN", b'{"value": NaN}', b"[" * 100_000, b"\xff\x00"])
    assert [(each.subject, each.name, each.value) for each in measures_of(output)] == [
        ("disk:/", "disk.used_ratio", 0.5),
        ("file:/a.pem", "certificate.days_left", 12.5),
    ]
    assert (
        len(measures_of(b"\n".join(json.dumps({"subject": str(n), "name": "n", "value": 1}).encode() for n in range(9000))))
        == 400
    )


def as_any(gate: Answers) -> Any:
    return gate
