"""How many rows a second the journal takes, each with its own durable commit, beside what the same disk can sync at all.

`python -m bench.journal` prints `{rows_per_s, fdatasync_per_s, …}` as JSON.
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench.figure import Figure
from vigie.clock import SystemClock
from vigie.domain.fact import Value
from vigie.memory.memory import Memory

# As a gate's intent: a line, what it may do, and what the witness said.
BODY: dict[str, Value] = {
    "line": "systemctl restart example.service",
    "class": "reversible-change",
    "effects": ["restarts a service"],
    "witness": "x" * 200,
}
WAL_BYTES_A_ROW = 16_000


def figures(short: bool) -> list[Figure]:
    measured = asyncio.run(measure(1000 if short else 5000))
    beside = f"{measured['fdatasync_per_s']:.0f} fdatasync/s on this disk"
    return [
        Figure("journal, one durable commit a row", measured["rows_per_s"], "rows/s", "at least", 1000, beside),
        Figure("verifying the chain", measured["verified_rows_per_s"], "rows/s", "at least", 10_000),
        Figure("another process's row is seen", measured["seen_s"], "s", "at most", 0.3, f"worst {measured['seen_worst_s']} s"),
    ]


async def measure(rows: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        before = fdatasync_per_s(Path(folder))
        memory = await Memory.open(Path(folder) / "home", clock=SystemClock())
        journal = memory.of().journal
        started = time.perf_counter()
        for number in range(rows):
            await journal.append(
                "action.intent", actor="agent:service", case="C-1", body={**BODY, "n": number}, ref=f"a-{number}"
            )
        rows_per_s = rows / (time.perf_counter() - started)
        started = time.perf_counter()
        report = await memory.verify_journal()
        verified_per_s = rows / (time.perf_counter() - started)
        assert (report.valid, report.entries) == (True, rows)
        seen = [await seconds_until_seen(memory, offset_s=0.023 * turn) for turn in range(10)]
        await memory.close()
        after = fdatasync_per_s(Path(folder))
    return {
        "rows_per_s": round(rows_per_s),
        "fdatasync_per_s": round((before + after) / 2),
        "verified_rows_per_s": round(verified_per_s),
        "seen_s": round(statistics.median(seen), 3),
        "seen_worst_s": round(max(seen), 3),
    }


def fdatasync_per_s(folder: Path) -> float:
    """Write into a file as large as the journal's write-ahead file, syncing each time: what a row costs at the least."""
    path = folder / "syncs"
    path.write_bytes(bytes(WAL_BYTES_A_ROW * 1000))
    descriptor = os.open(path, os.O_WRONLY)
    count, started = 0, time.perf_counter()
    while (passed := time.perf_counter() - started) < 1.0:
        os.pwrite(descriptor, bytes(WAL_BYTES_A_ROW), WAL_BYTES_A_ROW * (count % 1000))
        os.fdatasync(descriptor)
        count += 1
    os.close(descriptor)
    path.unlink()
    return count / passed


async def seconds_until_seen(memory: Memory, offset_s: float) -> float:
    """Let one wait and another, that shares nothing with it but the file, write."""
    other = await Memory.open(memory.home, clock=SystemClock())
    last = (await memory.verify_journal()).entries
    waiting = asyncio.create_task(memory.of().journal.wait(last, 10))
    await asyncio.sleep(0.3 + offset_s)  # the poll must not always be equally far
    await other.of().journal.append("case.opened", actor="vigie")
    written_at = time.perf_counter()
    assert await waiting
    seconds = time.perf_counter() - written_at
    await other.close()
    return seconds


if __name__ == "__main__":
    json.dump(asyncio.run(measure(5000)), sys.stdout)
    print()
