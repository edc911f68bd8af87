"""The command line on a real, broken host: worked alone, approved, handed over to a server, carried on after a kill.

One laboratory and one home serve all tests; a test that leaves the host broken leaves it so for the next.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from tests.integration.cli.command_line import CommandLine, Ended

from vigie.lab.demo import Demo
from vigie.lab.scenarios.scenario import Health
from vigie.lab.stack import Stack, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240), pytest.mark.asyncio(loop_scope="module")]
SCENARIO = "wrong_setting"
PROMISED = {
    *("case", "state", "label", "labels", "confidence", "diagnosis", "evidence", "actions", "verified", "rolled_back"),
    *("report", "seconds"),
}


class Broken:
    """A host that was well, was recorded, and was then broken."""

    def __init__(self, stack: Stack, vigie: CommandLine) -> None:
        self.stack = stack
        self.vigie = vigie
        self._tickets = 0

    async def run(self, *words: str) -> Ended:
        """Run a command beside the event loop."""
        return await asyncio.to_thread(self.vigie, *words)

    def work(self, *words: str) -> tuple[str, ...]:
        """Return the words that work a complaint nobody has made before."""
        self._tickets += 1
        return ("work", "--host", "shop", "--json", "--ticket", f"Tout le site répond 502 Bad Gateway ({self._tickets})", *words)

    async def is_well(self) -> bool:
        """Ask the laboratory's own oracle."""
        return (await Demo.scenarios()[SCENARIO].oracle(self.stack)).health is Health.HEALTHY


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recorded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Broken]:
    async with running() as stack:
        recorded = Broken(stack, CommandLine(tmp_path_factory.mktemp("cli") / "home"))
        host = stack.host("shop")
        added = await recorded.run("host", "add", "shop", host.address, "--focus", host.focus[0], "--autonomy", "act")
        assert added.code == 0, added.err
        taken = await recorded.run("baseline", "take", "shop")
        assert taken.code == 0, taken.err
        yield recorded


@pytest_asyncio.fixture(loop_scope="module")
async def broken(recorded: Broken) -> Broken:
    scenario = Demo.scenarios()[SCENARIO]
    if await scenario.cause(recorded.stack) is None:
        await scenario.break_down(recorded.stack)
    return recorded


async def test_a_case_is_worked_to_its_end_without_a_server(broken: Broken) -> None:
    changed = (await broken.run("baseline", "diff", "shop", "--json")).json["changes"]
    assert any(change["kind"] == "setting" for change in changed)
    words = broken.work("--lang", "fr")
    ended = await broken.run(*words)
    answer = ended.json
    assert set(answer) >= PROMISED
    assert (ended.code, answer["state"], answer["verified"]) == (0, "resolved", True), ended.err
    assert all(action["outcome"] == "done" for action in answer["actions"])
    assert answer["evidence"]
    assert "Réparé" in answer["report"]
    assert await broken.is_well()
    again = await broken.run(*words)
    assert again.json["case"] == answer["case"], "the same ticket within an hour is the same case"
    assert (await broken.run("audit", "verify", "--json")).json["valid"] is True
    backups = (await broken.run("backup", "ls", "--case", answer["case"], "--json")).json["backups"]
    assert [backup["case"] for backup in backups] == [answer["case"]]


async def test_under_observation_nothing_is_touched(broken: Broken) -> None:
    ended = await broken.run(*broken.work("--autonomy", "observe"))
    assert (ended.code, ended.json["state"]) == (1, "escalated"), ended.err
    assert {action["outcome"] for action in ended.json["actions"]} <= {"proposed", "refused"}
    assert not await broken.is_well()


async def test_with_a_server_running_it_does_the_work(broken: Broken) -> None:
    with broken.vigie.up("--port", "0") as (_, said):
        refused = await broken.run(*broken.work("--autonomy", "propose"))
        assert (refused.code, refused.json["state"]) == (4, "waiting"), refused.err
        refused = await broken.run("case", "reject", refused.json["case"], "--reason", "pas maintenant", "--json")
        assert (refused.code, refused.json["state"]) == (0, "escalated"), refused.err
        assert not [action for action in refused.json["actions"] if action["outcome"] == "done"]
        waiting = await broken.run(*broken.work("--autonomy", "propose"))
        assert {action["outcome"] for action in waiting.json["actions"]} == {"waiting"}
        case, shown_hash = waiting.json["case"], waiting.json["plan"]["hash"]
        unread = await broken.run("case", "approve", case, "--json")
        assert (unread.code, unread.error["code"]) == (4, "cli.hash_needed")
        other = await broken.run("case", "approve", case, "--hash", "0" * 64, "--json")
        assert (other.code, other.error["code"]) == (1, "approval.hash")
        ended = await broken.run("case", "approve", case, "--hash", shown_hash, "--json")
        assert (ended.code, ended.json["state"]) == (0, "resolved"), ended.err
        twice = await broken.run("case", "approve", case, "--hash", shown_hash, "--json")
        assert (twice.code, twice.error["code"]) == (1, "cli.case_not_waiting")
        note = json.loads((broken.vigie.home / "run" / "up.json").read_text())
        headers = {"Authorization": f"Bearer {note['token']}"}
        async with httpx.AsyncClient(base_url=said["address"], headers=headers, trust_env=False) as client:
            shown: dict[str, Any] = (await client.get(f"/api/v1/cases/{ended.json['case']}")).json()
            metrics = (await client.get("/metrics")).text
    assert shown["state"] == "resolved"
    assert shown["timeline"][0]["text"]
    assert 'vigie_cases_total{state="resolved"} 1.0' in metrics
    assert 'vigie_gate_actions_total{class="reversible-change",outcome="done"}' in metrics
    assert await broken.is_well()


async def test_an_interrupted_command_keeps_its_case_and_a_killed_one_is_carried_on_by_the_next(broken: Broken) -> None:
    words = broken.work()
    began = broken.vigie.start(*words)
    await asyncio.sleep(3)
    began.send_signal(2)
    out, err = await asyncio.to_thread(began.communicate, timeout=60)
    assert "Traceback" not in err
    if began.returncode == 130:
        assert json.loads(out)["error"]["code"] == "cli.interrupted"
    began = broken.vigie.start(*words, VIGIE_CRASH_AT="after_intent")
    await asyncio.to_thread(began.communicate, timeout=60)
    assert began.returncode == -9
    listed = await broken.run("case", "ls", "--json")
    assert listed.json["cases"][0]["state"] == "resolved", listed.err
    ended = await broken.run(*words)
    assert (ended.code, ended.json["state"]) == (0, "resolved"), ended.err
    assert await broken.is_well()
    assert (await broken.run("audit", "verify", "--json")).json["valid"] is True


async def test_at_the_end_of_its_time_a_case_is_handed_over(broken: Broken) -> None:
    ended = await broken.run(*broken.work("--timeout", "1"))
    assert (ended.code, ended.json["state"]) == (1, "escalated"), ended.err
    assert ended.json["seconds"]["total"] < 16
