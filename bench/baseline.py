"""How long a quiet host's baseline takes: this machine, whole."""

import statistics

from bench.figure import Figure
from bench.vigie_process import home, vigie


def figures(short: bool) -> list[Figure]:
    with home() as where:
        vigie(where, "host", "add", "here", "local")
        took = []
        for _ in range(3 if short else 5):
            code, answer, seconds = vigie(where, "baseline", "take", "here")
            assert code == 0, answer
            took.append(seconds)
    return [
        Figure(
            "baseline of this machine",
            round(statistics.median(took), 2),
            "s",
            "at most",
            5.0,
            f"the whole command, worst {max(took):.1f} s",
        )
    ]
