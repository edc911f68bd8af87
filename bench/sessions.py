"""Odd sessions: learned from ordinary ones alone, judged on others, by training sets of different samples and orders.

The data set is a folder `hdfs_sessions` of the shelf: train_normal.txt, test_normal.txt, test_abnormal.txt; a line is a session.
F1 is projected to the numbers of the whole data set (553,366 ordinary and 16,838 odd sessions) from the measured rates.
"""

import random
import time
from collections.abc import Iterator
from pathlib import Path

from bench import shelf
from bench.figure import Figure
from vigie.signals.sessions import SessionModel

ORDINARY, ODD = 553_366, 16_838
Sessions = list[tuple[str, ...]]


def figures(short: bool) -> list[Figure]:
    where = shelf.folder("hdfs_sessions")
    train, normal, odd = (read(where / name) for name in ("train_normal.txt", "test_normal.txt", "test_abnormal.txt"))
    began, judged = time.process_time(), 0
    f1, false_rates, seeded = [], [], []
    for name, learned, ordinary, abnormal in protocols(train, normal, odd, 5 if short else 20):
        model = SessionModel(learned)
        false = sum(model.judge(session).score >= 0.5 for session in ordinary) / len(ordinary)
        recall = sum(model.judge(session).score >= 0.5 for session in abnormal) / len(abnormal)
        judged += len(learned) + len(ordinary) + len(abnormal)
        f1.append(projected(recall, false))
        if name in ("fixed", "order", "seed"):
            false_rates.append(false)
        if name == "seed":
            seeded.append(f1[-1])
    us = 1e6 * (time.process_time() - began) / judged
    return [
        Figure("mean F1, training sets drawn at random", round(sum(seeded) / len(seeded), 3), "", "at least", 0.97, "projected"),
        Figure(
            "worst F1: fixed, file order, random, events joined or split, 1,000 to learn from",
            round(min(f1), 3),
            "",
            "at least",
            0.9,
        ),
        Figure(
            "worst share of ordinary sessions taken for odd: fixed, file order, random",
            round(max(false_rates), 5),
            "",
            "at most",
            0.001,
        ),
        Figure("processor time", round(us, 1), "µs a session", "at most", 100),
    ]


def protocols(
    train: Sessions, normal: Sessions, odd: Sessions, parsers: int
) -> Iterator[tuple[str, Sessions, Sessions, Sessions]]:
    half = len(train) // 2
    yield "fixed", train, normal, odd
    yield "order", train[:half], train[half:], odd
    pool = train + normal
    for seed in range(5):
        order = random.Random(seed).sample(range(len(pool)), len(pool))
        yield "seed", [pool[n] for n in order[: len(train)]], [pool[n] for n in order[len(train) :]], odd
    for seed in range(parsers):
        chance = random.Random(seed)
        events = sorted({event for session in train for event in session})
        one, other = chance.sample(events, 2)
        yield "joined", joined(train, one, other), joined(normal, one, other), joined(odd, one, other)
        yield "split", split(train, one, chance), split(normal, one, chance), split(odd, one, chance)
    yield "small", random.Random(0).sample(train, 1000), normal, odd


def joined(sessions: Sessions, one: str, other: str) -> Sessions:
    """A coarser parser takes two events for one."""
    return [tuple(one if event == other else event for event in session) for session in sessions]


def split(sessions: Sessions, one: str, chance: random.Random) -> Sessions:
    """A finer parser takes one event for two."""
    return [tuple(event + chance.choice("ab") if event == one else event for event in session) for session in sessions]


def projected(recall: float, false_rate: float) -> float:
    found = recall * ODD
    return 2 * found / (found + false_rate * ORDINARY + ODD)


def read(path: Path) -> Sessions:
    return [tuple(line.split()) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
