"""A process that is given up ends with all that it started, whenever it is given up."""

import asyncio
from pathlib import Path

import pytest

from vigie.tools import processes
from vigie.tools.shell import SEARCH_PATH

ENVIRONMENT = {"PATH": SEARCH_PATH}


@pytest.mark.parametrize("turns", range(12))
async def test_given_up_while_it_starts_it_is_gone_and_nobody_waits_for_ever(tmp_path: Path, turns: int) -> None:
    argv = ["sh", "-c", f"sleep 3; touch {tmp_path}/lived; sleep 60"]
    running = asyncio.ensure_future(processes.run(argv, timeout_s=60, env=ENVIRONMENT))
    for _ in range(turns):
        await asyncio.sleep(0)
    running.cancel()
    done, _ = await asyncio.wait([running], timeout=5)
    assert done
    assert running.cancelled()
    assert not (tmp_path / "lived").exists()


async def test_one_that_cannot_be_started_says_so_though_nobody_asks_any_more() -> None:
    running = asyncio.ensure_future(processes.run(["/no/such/program"], timeout_s=5, env=ENVIRONMENT))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises((asyncio.CancelledError, OSError)):
        await asyncio.wait_for(running, 5)
