"""Hosts that answer what no host should, and one that is cut off in the middle: from an order to what a person is told."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.integration.tools.sshd_server import Sshd, sshd, start_sshd

from vigie import config
from vigie.app import build
from vigie.domain.fleet import Ending, Order
from vigie.domain.host import Autonomy
from vigie.interfaces import fleet
from vigie.interfaces.services import Services

__all__ = ["sshd", "start_sshd"]
PERSON = "person:owner"
WILD = r"printf 'a\033[2J\033]0;owned\007\000b\377\342\200\256c\rd\n'; printf '\033[31mred\033[0m\000\n' >&2"


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    async with build(config.load({}, home=tmp_path / "home")) as opened:
        yield opened


async def test_control_characters_zero_bytes_and_broken_letters_reach_nobody(services: Services, sshd: Sshd) -> None:
    await services.store.hosts.save(sshd.host())
    said = fleet.document(await fleet.run(services, ["web"], WILD, actor=PERSON), "en")
    result = json.loads(json.dumps(said))["results"][0]
    assert (result["outcome"], result["rc"]) == ("done", 0)
    for output in (result["stdout"], result["stderr"]):
        assert all(char == "\n" or char.isprintable() for char in output), output
    assert result["stdout"].startswith("a")
    assert "red" in result["stderr"]
    # The connection under it goes on.
    again = fleet.document(await fleet.run(services, ["web"], "echo well", actor=PERSON), "en")
    assert again["results"][0]["stdout"] == "well\n"


async def test_a_host_cut_off_in_a_change_is_looked_at_before_it_is_changed_again(
    services: Services, sshd: Sshd, tmp_path: Path
) -> None:
    host = replace(sshd.host(), autonomy=Autonomy.ACT)
    await services.store.hosts.save(host)
    order = Order(f"sleep 2; mkdir {tmp_path}/made", ("web",), 20.0)
    running = asyncio.create_task(services.gate.fleet.run(order, [host], actor=PERSON))
    await asyncio.sleep(1.0)
    sshd.cut()
    (answer,) = await running
    assert answer.ending is Ending.UNKNOWN
    # It was not sent a second time, and it is waited for, not guessed at.
    assert (tmp_path / "made").is_dir() or not answer.completed
    outlook = await services.gate.fleet.outlook(order, [host])
    assert outlook.unseen == ("web",)
    assert outlook.needs_approval
    kinds = [(row.kind, row.body.get("outcome")) for row in await services.store.journal.read() if row.kind.startswith("fleet.")]
    assert ("fleet.ended", "unknown") in kinds
    assert sum(kind == "fleet.begun" for kind, _ in kinds) == 1
