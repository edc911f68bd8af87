"""How fast log lines are kept, in how much memory, and how long a search takes over many of them."""

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from array import array
from pathlib import Path

from bench.figure import Figure
from vigie.memory.lines.store import About, Lines, LineStore, Question

FULL, SHORT = 10_000_000, 500_000
BATCH = 8192
SEARCHES = 100
KINDS = [About("info", "orders", "served <*>"), About("error", "stock", "failed <*>")]


def figures(short: bool) -> list[Figure]:
    lines = SHORT if short else FULL
    told = subprocess.run([sys.executable, "-m", "bench.lines", str(lines)], capture_output=True, text=True, check=True)
    found = json.loads(told.stdout)
    over = f"{lines:,} lines"
    return [
        Figure("lines kept", found["lines_per_s"], "lines/s of processor", "at least", 100_000, over),
        Figure("memory while keeping", found["mb"], "MB", "at most", 400, over),
        Figure("search p95", found["p95_ms"], "ms", "at most", 200, f"{over}, {SEARCHES} searches, median {found['p50_ms']} ms"),
        Figure(
            "search p95, processor time",
            found["p95_cpu_ms"],
            "ms",
            "at most",
            200,
            f"{over}: what a busy machine adds is not in it",
        ),
    ]


def measure(count: int) -> dict[str, float]:
    dice = random.Random(7)
    pool = [_line(dice) for _ in range(1 << 16)]
    with tempfile.TemporaryDirectory() as folder:
        store = LineStore(Path(folder) / "events.db")
        spent = 0.0
        for begin in range(0, count, BATCH):
            at = dice.randrange(len(pool) - BATCH)
            texts = [b"%d %b" % (begin + place, text) for place, text in enumerate(pool[at : at + BATCH])]
            lines = Lines(
                array("d", range(begin, begin + BATCH)), texts, array("H", (place % 100 == 0 for place in range(BATCH))), KINDS
            )
            started = time.process_time()
            store.keep("web1", "a.log", lines)
            spent += time.process_time() - started
        both = [_searched(store, pool, dice, count) for _ in range(SEARCHES)]
        took, spent_cpu = sorted(wall for wall, _ in both), sorted(cpu for _, cpu in both)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak_kb = int(status.partition("VmHWM:")[2].split()[0])
    p50, p95 = statistics.median(took), took[int(0.95 * len(took))]
    return {
        "lines_per_s": round(count / spent),
        "mb": round(peak_kb / 1024),
        "p50_ms": round(1000 * p50),
        "p95_ms": round(1000 * p95),
        "p95_cpu_ms": round(1000 * spent_cpu[int(0.95 * len(spent_cpu))]),
    }


def _line(dice: random.Random) -> bytes:
    where = f"10.0.{dice.randrange(256)}.{dice.randrange(256)}"
    said = f"request of user{dice.randrange(5000)} for item{dice.randrange(3000)} served in {dice.randrange(300)} ms"
    stamp = f"2026-05-12T06:00:00.{dice.randrange(1000):03d}Z"
    return f"{stamp} INFO orders: {said} from {where} id={dice.getrandbits(48):012x}".encode()


def _searched(store: LineStore, pool: list[bytes], dice: random.Random, count: int) -> tuple[float, float]:
    words = dice.choice(pool).decode().split()
    user, item, identifier = words[5], words[7], words[-1]
    asked = dice.choice(
        (
            Question(identifier),
            Question(f"{user} {item}"),
            Question(item),
            Question(f"request {dice.randrange(count)}"),
            Question("served", since_s=count / 2, until_s=count / 2 + 100),
            Question(user, level="error"),
            Question("never said"),
        )
    )
    started, spent = time.perf_counter(), time.process_time()
    store.find(asked)
    return time.perf_counter() - started, time.process_time() - spent


if __name__ == "__main__":
    json.dump(measure(int(sys.argv[1])), sys.stdout)
