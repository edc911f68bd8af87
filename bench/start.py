"""How soon a word is answered: `vigie --help`, and what `./run` adds to it."""

import statistics
import subprocess
import sys
import time

from bench.figure import Figure
from bench.vigie_process import ROOT, environment, home


def figures(short: bool) -> list[Figure]:
    rounds = 5 if short else 15
    with home() as where:
        env = environment(where)
        bare = [seconds([sys.executable, "-c", "pass"], env) for _ in range(rounds)]
        direct, through = [], []
        for _ in range(rounds):
            direct.append(seconds([sys.executable, "-m", "vigie", "--help"], env))
            through.append(seconds([str(ROOT / "run"), "--help"], env))
    beside = f"an empty Python starts in {statistics.median(bare):.2f} s"
    return [
        Figure("vigie --help", round(statistics.median(direct), 3), "s", "at most", 1.0, beside),
        Figure(
            "added by ./run",
            round(statistics.median(through) - statistics.median(direct), 3),
            "s",
            "at most",
            0.3,
            "median of pairs",
        ),
    ]


def seconds(argv: list[str], env: dict[str, str]) -> float:
    started = time.monotonic()
    subprocess.run(argv, env=env, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - started
