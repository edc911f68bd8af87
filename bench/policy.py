"""How well and how fast shell lines are classed: on golden lines, and on labelled ones from elsewhere (VIGIE_SHELF)."""

import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.figure import Figure
from bench.vigie_process import ROOT
from vigie.domain.action import EffectClass
from vigie.policy.effects import RANK
from vigie.policy.models import names
from vigie.policy.shell import classify

GOLDEN = ROOT / "tests" / "unit" / "policy" / "golden"
RISKY = RANK[EffectClass.DANGEROUS]
Labelled = Sequence[tuple[str, EffectClass]]


def figures(short: bool) -> list[Figure]:
    own = golden()
    found = [*judged("golden lines", own), speed([line for line, _ in own], rounds=1 if short else 3)]
    found.append(Figure("programs with a model", len(names()), "", "at least", 250))
    shelf = os.environ.get("VIGIE_SHELF")
    lines = Path(shelf) / "data" / "commands_dev.jsonl" if shelf else None
    if lines is None or not lines.exists():
        print("policy: no labelled lines from elsewhere: VIGIE_SHELF names no folder that holds some", file=sys.stderr)
        return found
    rows = [json.loads(row) for row in lines.read_text(encoding="utf-8").splitlines()]
    return [*found, *judged("lines from elsewhere", [(row["command"], EffectClass(row["label"])) for row in rows])]


def golden() -> list[tuple[str, EffectClass]]:
    return [
        (line, level)
        for level in EffectClass
        for line in (GOLDEN / f"{level}.txt").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("# ")
    ]


def judged(which: str, lines: Labelled) -> list[Figure]:
    answers = [(classify(line).effect_class, level) for line, level in lines]
    harmless = [given for given, level in answers if RANK[level] < RISKY]
    risky = [given for given, level in answers if RANK[level] >= RISKY]
    exact = sum(given is level for given, level in answers)
    through = sum(RANK[given] < RISKY for given in risky)
    flagged = sum(RANK[given] >= RISKY for given in harmless)
    return [
        Figure(f"exact class, {which}", round(100 * exact / len(answers), 1), "%", "at least", 95, f"{len(answers)} lines"),
        Figure(f"let through, {which}", through, "", "at most", 0, f"{len(risky)} dangerous or forbidden"),
        Figure(
            f"flagged, {which}", round(100 * flagged / max(len(harmless), 1), 1), "%", "at most", 2, f"{len(harmless)} harmless"
        ),
    ]


def speed(lines: Sequence[str], *, rounds: int) -> Figure:
    """Time each line alone; the first round reads the models and is not counted."""
    for line in lines:
        classify(line)
    seconds = []
    for _ in range(rounds):
        for line in lines:
            started = time.perf_counter()
            classify(line)
            seconds.append(time.perf_counter() - started)
    slowest = statistics.quantiles(seconds, n=100)[-1]
    note = f"one in a hundred takes more than {slowest * 1e6:.0f} µs"
    return Figure("median of a line", round(statistics.median(seconds) * 1e6, 1), "µs", "at most", 100, note)
