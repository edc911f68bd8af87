"""What a server costs that has nothing to do: memory and processor time, its children counted."""

import time

import psutil

from bench.figure import Figure
from bench.vigie_process import home, server


def figures(short: bool) -> list[Figure]:
    with home() as where, server(where) as (process, _):
        time.sleep(5)
        tree = psutil.Process(process.pid)
        before, started = cpu(tree), time.monotonic()
        time.sleep(10 if short else 60)
        share = 100 * (cpu(tree) - before) / (time.monotonic() - started)
        rss = sum(part.memory_info().rss for part in [tree, *tree.children(recursive=True)]) / 2**20
    return [
        Figure("resident memory, idle", round(rss), "MB", "at most", 250),
        Figure("processor, idle", round(share, 2), "% of a core", "at most", 2),
    ]


def cpu(tree: psutil.Process) -> float:
    return sum(sum(part.cpu_times()[:2]) for part in [tree, *tree.children(recursive=True)])
