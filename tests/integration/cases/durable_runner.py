"""Lives toy legs: `python durable_runner.py HOME CASE SECONDS_A_STEP [OTHER…]`; each step writes a line to HOME/steps.

It ends once its own case and the others that are named have ended.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from vigie.cases.durable import Durable
from vigie.cases.steps import Steps

home = Path(sys.argv[1])
pause_s = float(sys.argv[3])


def a_step(case: str, name: str) -> Callable[[], Awaitable[str]]:
    async def work() -> str:
        await asyncio.sleep(pause_s)
        with (home / "steps").open("a") as out:
            out.write(f"{case} {name}\n")
        return name

    return work


async def life(_tenant: str, case: str, _leg: int, steps: Steps) -> str:
    for name in ("one", "two", "three", "four"):
        await steps(name, a_step(case, name))
    with (home / "ended").open("a") as out:
        out.write(f"{case}\n")
    return "resolved"


async def main() -> None:
    durable = Durable(home, life)
    await durable.launch()
    await durable.start("default", sys.argv[2], 0)
    print("launched", flush=True)
    wanted = {sys.argv[2], *sys.argv[4:]}
    while not wanted <= set((home / "ended").read_text().split() if (home / "ended").exists() else []):
        await asyncio.sleep(0.05)
        await durable.take_over()
    await durable.close()


if __name__ == "__main__":
    asyncio.run(main())
