"""What runs here dies with us."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from vigie.domain.host import Host
from vigie.tools import processes
from vigie.tools.hands import Hands

RUNNER = """
import asyncio, sys
from pathlib import Path
from vigie.domain.host import Host
from vigie.tools.hands import Hands

class NoSecrets:
    async def get(self, name):
        return None

async def main():
    way = await Hands(secrets=NoSecrets(), folder=Path("/")).on(Host("here", "local"))
    await way.run(sys.argv[1], timeout_s=60)

asyncio.run(main())
"""


async def wait_for(path: Path) -> None:
    for _ in range(200):
        if path.exists():
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"{path} never came")


@pytest.mark.skipif(not processes.die_with_us(), reason="no setpriv --pdeathsig on this machine")
async def test_when_we_are_killed_the_line_and_its_children_go_too(tmp_path: Path) -> None:
    pid, alive = tmp_path / "pid", tmp_path / "alive"
    line = f"(while :; do date > {alive}; sleep 0.1; done) & echo $$ > {pid}; wait"
    us = subprocess.Popen([sys.executable, "-c", RUNNER, line], env={"PYTHONPATH": os.pathsep.join(sys.path)})  # noqa: ASYNC220  # it is killed, not awaited
    await wait_for(alive)
    us.send_signal(signal.SIGKILL)
    us.wait()
    await asyncio.sleep(0.5)
    alive.unlink(missing_ok=True)
    await asyncio.sleep(0.5)
    assert not alive.exists()


async def test_when_the_task_is_cancelled_the_line_goes_too(tmp_path: Path) -> None:
    alive = tmp_path / "alive"

    class NoSecrets:
        async def get(self, name: str) -> bytes | None:
            return None

    way = await Hands(secrets=NoSecrets(), folder=tmp_path).on(Host("here", "local"))
    running = asyncio.create_task(way.run(f"while :; do date > {alive}; sleep 0.1; done", timeout_s=60))
    await wait_for(alive)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await asyncio.sleep(0.3)
    alive.unlink(missing_ok=True)
    await asyncio.sleep(0.4)
    assert not alive.exists()
