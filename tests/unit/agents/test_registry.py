"""The team: found however a name is written, paused for every process, and extended by the owner's own files."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from vigie.agents.registry import Registry, plain
from vigie.clock import SystemClock
from vigie.domain.case import Phase
from vigie.domain.errors import BadUsage, Permanent
from vigie.memory.memory import Memory, TenantMemory

OWN = '''"""One of our own."""

from typing import ClassVar

from vigie.agents.agent import Agent, capability


class {kind}(Agent):
    """Ours."""

    name = "{name}"
    description: ClassVar[dict[str, str]] = {{"en": "Ours.", "fr": "À nous."}}

    @capability
    async def greet(self) -> str:
        """Greet."""
        return "hello"
'''


@pytest.fixture
async def memory(tmp_path: Path) -> AsyncIterator[TenantMemory]:
    opened = await Memory.open(tmp_path / "home", clock=SystemClock())
    yield opened.of()
    await opened.close()


@pytest.mark.parametrize(
    "way", ["classifier", "real-classifier", "RealClassifierAgent", "CLASSIFIER", "classifier_agent", "real_classifier"]
)
def test_all_ways_to_write_a_name_mean_the_same(way: str) -> None:
    assert plain(way) == "classifier"


def test_names_that_differ_stay_apart() -> None:
    assert plain("disk-usage") != plain("disk")
    assert plain("DiskUsageAgent") == plain("disk_usage")


async def test_nobody_of_that_name_is_said_with_the_team(memory: TenantMemory) -> None:
    with pytest.raises(BadUsage) as refused:
        Registry(memory).find("plumber")
    assert "triage" in refused.value.why()


async def test_an_empty_name_finds_nobody(memory: TenantMemory) -> None:
    with pytest.raises(BadUsage):
        Registry(memory).find("the-agent")


async def test_a_pause_holds_in_every_process_until_it_is_lifted(memory: TenantMemory) -> None:
    await Registry(memory).pause("Real-Resolver", by="person:ann")
    other = Registry(memory)
    assert await other.resting(Phase.ACT) == "resolver"
    assert await other.resting(Phase.REPORT) is None
    assert [each.name for each in await other.members() if each.paused] == ["resolver"]
    await other.resume("resolver", by="person:ann")
    assert await Registry(memory).resting(Phase.ACT) is None


async def test_a_pause_is_in_the_journal_once(memory: TenantMemory) -> None:
    registry = Registry(memory)
    await registry.pause("resolver", by="person:ann")
    await registry.pause("resolver", by="person:ann")
    rows = [(row.kind, row.actor, row.body) for row in await memory.journal.read()]
    assert rows == [("agent.paused", "person:ann", {"agent": "resolver"})]


async def test_the_owners_own_agents_join_the_team(memory: TenantMemory, tmp_path: Path) -> None:
    (tmp_path / "greeter.py").write_text(OWN.format(kind="Greeter", name="greeter"))
    assert Registry(memory, folder=tmp_path).find("GreeterAgent").name == "greeter"


async def test_a_file_that_others_may_write_is_not_run(memory: TenantMemory, tmp_path: Path) -> None:
    path = tmp_path / "greeter.py"
    path.write_text(OWN.format(kind="Greeter", name="greeter"))
    path.chmod(0o666)
    with pytest.raises(Permanent) as refused:
        Registry(memory, folder=tmp_path)
    assert refused.value.key == "agent.writable_by_others"


@pytest.mark.parametrize("body", ["def (", "import nothing_of_that_name", "1 / 0"])
async def test_a_broken_file_is_named(memory: TenantMemory, tmp_path: Path, body: str) -> None:
    (tmp_path / "greeter.py").write_text(body)
    with pytest.raises(Permanent) as refused:
        Registry(memory, folder=tmp_path)
    assert refused.value.key == "agent.broken"
    assert "greeter.py" in refused.value.what()


async def test_two_agents_of_one_name_are_refused(memory: TenantMemory, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(OWN.format(kind="Mine", name="resolver"))
    with pytest.raises(Permanent) as refused:
        Registry(memory, folder=tmp_path)
    assert refused.value.key == "agent.twice"
