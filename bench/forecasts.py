"""Forecasts: how many ramps are warned of in time, and how often ordinary weeks are disturbed; all is made here, by seed.

An ordinary week has days and nights, weekends, noise that wanders, nightly jobs, logs that are rotated, releases that lift or
lower the level, caches that fill up after a restart, spikes. A ramp begins on top of an ordinary series and takes between two
hours and eight days, straight, ever faster, ever slower or in steps, until its limit is reached.
"""

import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bench.figure import Figure
from vigie.signals.forecast import Forecast, Ramp

START = datetime(2026, 3, 2, tzinfo=UTC)
STEP = timedelta(minutes=5)
DAY, WEEK = 288, 2016
RESOURCES = ("disk", "inodes", "memory", "descriptors", "connections", "queue", "errors")


def figures(short: bool) -> list[Figure]:
    hosts, ramps = (8, 100) if short else (60, 1000)
    false = sum(disturbed(name, random.Random(f"{name} {seed}")) for seed in range(hosts) for name in RESOURCES)
    outcomes = [outcome(random.Random(seed)) for seed in range(ramps)]
    in_time = [each for each in outcomes if each is not None and each[0] >= 0.2]
    near = [error for left, error in (each for each in outcomes if each is not None)]
    weeks = 2 * hosts
    return [
        Figure(
            "ramps warned of with a fifth of them left",
            round(100 * len(in_time) / ramps, 1),
            "%",
            "at least",
            95,
            f"{ramps} ramps",
        ),
        Figure("false warnings on ordinary days", round(false / weeks, 2), "a host-week", "at most", 1, f"{weeks} host-weeks"),
        Figure("error of the date told, median", round(100 * sorted(near)[len(near) // 2]), "% of what was left", "at most", 50),
    ]


def disturbed(name: str, chance: random.Random) -> int:
    """Return how often two ordinary weeks are disturbed."""
    return len(warnings(spiked(ordinary(name, chance, 2 * WEEK), chance)))


def warnings(levels: list[float]) -> list[tuple[int, Forecast]]:
    ramp = Ramp()
    told = ((number, ramp.push(level, START + number * STEP)) for number, level in enumerate(levels))
    return [(number, warned) for number, warned in told if warned is not None]


def ordinary(name: str, chance: random.Random, length: int) -> list[float]:
    base = chance.uniform(0.1, 0.6) if name not in ("queue", "errors") else chance.uniform(0.01, 0.15)
    daily = chance.uniform(0, 0.3) * (0.2 if name in ("disk", "inodes") else 1)
    weekend, phase = chance.uniform(0.2, 1), chance.randrange(DAY)
    noise, wander, pull = chance.uniform(0.001, 0.03), chance.uniform(0.0005, 0.006), chance.uniform(0.01, 0.1)
    growth = chance.uniform(0, 0.01) / WEEK
    parts = [
        jobs(chance, length),
        releases(chance, length),
        rotations(name, chance, length),
        warm_ups(name, chance, length),
    ]
    levels, drift = [], 0.0
    for number in range(length):
        drift += chance.gauss(0, wander) - pull * drift
        busy = weekend if number // DAY % 7 >= 5 else 1
        day = daily * busy * max(0, math.sin(2 * math.pi * (number + phase) / DAY))
        level = base + day + drift + growth * number + sum(part[number] for part in parts) + chance.gauss(0, noise)
        levels.append(max(0.0, level))
    room = min(1.0, chance.uniform(0.5, 0.9) / max(levels))  # who is full on an ordinary day has no ordinary days
    return [level * room for level in levels]


def jobs(chance: random.Random, length: int) -> list[float]:
    """A nightly backup or report that needs room for an hour or two."""
    height = chance.choice((0, 0, chance.uniform(0.02, 0.25)))
    at, lasts = chance.randrange(DAY), chance.randrange(6, 30)
    return [height * min(1, (n - at) % DAY / 6) if (n - at) % DAY < lasts else 0.0 for n in range(length)]


def releases(chance: random.Random, length: int) -> list[float]:
    """Now and then a new version needs more, or less, for good."""
    level, levels = 0.0, []
    for _ in range(length):
        if chance.random() < 1 / WEEK:
            level += chance.uniform(-0.1, 0.1)
        levels.append(level)
    return levels


def rotations(name: str, chance: random.Random, length: int) -> list[float]:
    """Logs grow until they are rotated, each day or each week."""
    if name not in ("disk", "inodes") or chance.random() < 0.4:
        return [0.0] * length
    height, every, at = chance.uniform(0.02, 0.25), chance.choice((DAY, DAY, WEEK)), chance.randrange(DAY)
    return [height * ((n + at) % every) / every for n in range(length)]


def warm_ups(name: str, chance: random.Random, length: int) -> list[float]:
    """After a restart a cache fills up, ever more slowly, to where it was before."""
    if name not in ("memory", "descriptors", "connections") or chance.random() < 0.3:
        return [0.0] * length
    height, takes, levels, age = chance.uniform(0.05, 0.3), chance.uniform(6, 200), [], chance.randrange(500)
    for _ in range(length):
        age = 0 if chance.random() < 1.5 / WEEK else age + 1
        levels.append(height * (1 - math.exp(-age / takes)))
    return levels


def outcome(chance: random.Random) -> tuple[float, float] | None:
    """Return how much of a ramp was left at its first warning, and the error of the date as a share of what was left."""
    before = chance.randrange(DAY // 2, WEEK)
    takes = round(math.exp(chance.uniform(math.log(24), math.log(8 * DAY))))
    name = chance.choice(RESOURCES)
    levels = spiked(list(ramp(ordinary(name, chance, before + 4 * takes), before, takes, chance)), chance)
    full = next((number for number in range(before, len(levels)) if levels[number] >= 1), len(levels))
    told = next(((number, each) for number, each in warnings(levels[:full]) if number >= before), None)
    if told is None:
        return None
    number, warned = told
    left = (full - number) / (full - before)
    return left, abs((warned.full_at - START) / STEP - full) / max(1, full - number)


def ramp(levels: list[float], before: int, takes: int, chance: random.Random) -> Iterator[float]:
    bend, steps = chance.choice((1, 1, 1.5, 0.8)), chance.choice((None, None, None, chance.randrange(10, 30)))
    room = 1 - sorted(levels[before : before + takes])[takes // 2]
    for number, level in enumerate(levels):
        share = max(0.0, (number - before) / takes)
        share = math.floor(share * steps) / steps if steps else share
        yield level + room * share**bend if number >= before else level


def spiked(levels: list[float], chance: random.Random) -> list[float]:
    """Add single samples that mean nothing."""
    return [
        min(0.99, level + chance.uniform(0.1, 0.5)) if level < 0.99 and chance.random() < 0.0005 else level for level in levels
    ]
