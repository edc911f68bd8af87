"""From the line that a program writes to the finding: how long it takes while few lines come, and while 5,000 a second do.

A process of its own writes to a file that the watch follows and keeps, as it does in use; now and then it writes an error that
was never said before, with the moment in it. Each becomes a finding.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.figure import Figure
from vigie.clock import SystemClock
from vigie.collectors.file import FileCollector
from vigie.collectors.keeping import Keeper
from vigie.collectors.loop import Loop
from vigie.domain.fact import Value
from vigie.domain.finding import Finding
from vigie.memory.lines.store import LineStore
from vigie.signals.pipeline import Pipeline

RATES = {"ordinary load": 50, "5,000 lines a second": 5000}
FULL_S, SHORT_S = 60, 10
TICK_S = 0.02
WRITER = """
import random, sys, time
path, rate, seconds, tick = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
dice = random.Random(3)
began, said, errors = time.time(), 0, 0
with open(path, "a", buffering=1 << 20) as log:
    while (now := time.time()) - began < seconds:
        due = int((now - began) * rate)
        while said < due:
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
            log.write(f"{stamp} INFO orders: request of user{dice.randrange(5000)} for item{dice.randrange(3000)}"
                      f" served in {dice.randrange(300)} ms id={dice.getrandbits(48):012x}\\n")
            said += 1
        if (now - began) * 5 > errors:  # of one service each: many of one would be told as a storm
            errors += 1
            log.write(f'level=error service=shop-{errors} msg="no room on shelf" at={time.time():.6f}\\n')
        log.flush()
        time.sleep(tick)
"""


class Cursors:
    """Positions in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, Value]] = {}

    async def get(self, source: str) -> dict[str, Value] | None:
        return self._kept.get(source)

    async def set(self, source: str, position: dict[str, Value]) -> None:
        self._kept[source] = position


def figures(short: bool) -> list[Figure]:
    found = []
    for load, rate in RATES.items():
        took, kept = asyncio.run(_measured(rate, SHORT_S if short else FULL_S))
        took.sort()
        p50, p99 = statistics.median(took), took[min(len(took) - 1, int(0.99 * len(took)))]
        note = f"{len(took)} errors among {kept:,} lines; median {1000 * p50:.0f} ms"
        if rate < 1000:
            found.append(Figure(f"line to finding, median, {load}", round(1000 * p50), "ms", "at most", 100, note))
        found.append(Figure(f"line to finding, p99, {load}", round(1000 * p99), "ms", "at most", 1000, note))
    return found


async def _measured(rate: int, seconds: float) -> tuple[list[float], int]:
    took: list[float] = []

    async def sink(finding: Finding) -> None:
        _, _, said = finding.excerpt.partition("at=")
        if said:
            took.append(time.time() - float(said))

    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "app.log"
        log.touch()
        clock = SystemClock()
        keeper = Keeper(lambda: LineStore(Path(folder) / "events.db"), clock=clock)
        loop = Loop([FileCollector("web1", [str(log)], clock=clock)], Pipeline(), sink, Cursors(), clock=clock, keeper=keeper)
        watching = asyncio.create_task(loop.run())
        await asyncio.sleep(1)
        command = [sys.executable, "-c", WRITER, str(log), str(rate), str(seconds), str(TICK_S)]
        writer = await asyncio.to_thread(subprocess.Popen, command)
        await asyncio.to_thread(writer.wait)
        await asyncio.sleep(2)
        await loop.stop()
        await watching
        kept = keeper.kept
        await keeper.close()
    return took, kept


if __name__ == "__main__":
    json.dump(
        [f"{figure.what}: {figure.value} {figure.unit} ({figure.note})" for figure in figures(short=True)], sys.stdout, indent=1
    )
