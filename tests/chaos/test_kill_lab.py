"""The same on a real host: the command line is killed while it mends a slow database; counters outside tell what happened."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from vigie.clock import SystemClock
from vigie.domain.host import Autonomy
from vigie.lab.orders import INDEX
from vigie.lab.scenarios.scenario import Health
from vigie.lab.scenarios.slow_database import SlowDatabase
from vigie.lab.stack import Stack, running
from vigie.memory.memory import Memory

# The other points are passed in the toy's tests; the bench kills whole cases here at random moments.
POINTS = ["after_intent", "after_act", "after_verify"]


@pytest.fixture
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    async with running() as built:
        yield built


async def vigie(home: Path, *words: str, crash_at: str | None = None) -> tuple[int, dict[str, Any]]:
    """Run the command line in a session of its own; a negative exit code is the signal that ended it."""
    environment = {"PYTHONPATH": os.pathsep.join(sys.path), "VIGIE_HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "vigie", *words, "--json"),
        env=environment | ({"VIGIE_CRASH_AT": crash_at} if crash_at else {}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        out, _ = await asyncio.wait_for(process.communicate(), 120)
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
        await process.communicate()
        pytest.fail("the case is stuck")
    assert process.returncode is not None
    return process.returncode, json.loads(out) if out else {}


def told(document: dict[str, Any]) -> dict[str, Any]:
    return {name: document.get(name) for name in ("state", "label", "actions", "verified", "error")}


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_a_killed_repair_is_done_once_as_counted_from_outside(stack: Stack, tmp_path: Path) -> None:
    memory = await Memory.open(tmp_path, clock=SystemClock())
    await memory.of().hosts.save(stack.host("shop", autonomy=Autonomy.ACT))
    await memory.close()
    assert (await vigie(tmp_path, "baseline", "take", "shop"))[0] == 0
    scenario = SlowDatabase()
    await scenario.break_down(stack)
    mark = stack.counters.mark()
    order = ("work", "--host", "shop", "--ticket", scenario.ticket["fr"], "--timeout", "300")
    for point in POINTS:
        code, document = await vigie(tmp_path, *order, crash_at=point)
        assert code == -signal.SIGKILL, f"the case never came by {point}: {told(document)}"
    code, document = await vigie(tmp_path, *order)
    assert (code, document["state"], document["label"]) == (0, "resolved", scenario.label), told(document)
    assert [each["outcome"] for each in document["actions"]] == ["done"]
    tally = stack.counters.tally(mark)
    assert tally["index.created", INDEX] == 1
    assert not [key for key in tally if key[0] in ("index.dropped", "service.started", "config.written")]
    assert (await scenario.oracle(stack)).health is Health.HEALTHY
    code, audit = await vigie(tmp_path, "audit", "verify")
    assert (code, audit["valid"]) == (0, True)
