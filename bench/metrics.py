"""Anomalies in metric series, by the protocol of the Numenta Anomaly Benchmark, at a threshold from the other half of the series.

Windows, worth of a detection and cost of a false one as in Lavin and Ahmad 2015, standard profile. The data set is a folder `nab`
of the shelf: CATEGORY/SERIES.csv and windows.json.
"""

import csv
import json
import math
import random
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bench import shelf
from bench.figure import Figure
from vigie.signals.metric import MetricModel

FALSE, SEEDS = 0.11, 5


@dataclass
class Series:
    """Scores of the points that count, what each is worth, and the window it lies in (-1 for none)."""

    windows: int
    points: list[tuple[float, float, int]] = field(default_factory=list)

    def gain(self, threshold: float) -> float:
        best: dict[int, float] = {}
        total = 0.0
        for score, worth, window in self.points:
            if score < threshold:
                continue
            if window < 0:
                total += FALSE * worth
            else:
                best[window] = max(best.get(window, -1.0), worth)
        reachable = len({window for _, _, window in self.points if window >= 0})
        return total + sum(best.values()) - (reachable - len(best))


def figures(short: bool) -> list[Figure]:
    where = shelf.folder("nab")
    spans = json.loads((where / "windows.json").read_text(encoding="utf-8"))
    began, points, corpus = time.process_time(), 0, []
    for name, windows in sorted(spans.items()):
        corpus.append(judged(where / name, windows))
        points += len(corpus[-1].points)
    us = 1e6 * (time.process_time() - began) / points
    results = [halves(corpus, seed) for seed in range(SEEDS if short else 20)]
    first = results[:SEEDS]
    note = (
        f"{len(corpus)} series, one configuration; published there: ARTime 71.6, HTM 69.0, CAD OSE 65.9, windowed Gaussian 42.5"
    )
    return [
        Figure("score, mean of five seeded halves at the other half's threshold", mean(first), "", "at least", 62, note),
        Figure(f"the same, mean of {len(results)} seeds", mean(results), "", "at least", 62),
        Figure("score on all series at the shipped threshold 0.5", score(corpus, 0.5), "", "at least", 62),
        Figure("processor time, reading the file counted", round(us, 1), "µs a number", "at most", 50),
    ]


def judged(path: Path, windows: list[list[str]]) -> Series:
    with path.open(newline="") as stream:
        rows = [(instant(row["timestamp"]), float(row["value"])) for row in csv.DictReader(stream)]
    index = {at: number for number, (at, _) in enumerate(rows)}
    bounds = [(index[instant(first)], index[instant(last)]) for first, last in windows]
    model, series = MetricModel(), Series(len(bounds))
    probation = min(int(0.15 * len(rows)), 750)
    for number, (at, value) in enumerate(rows):
        verdict = model.judge(value, at)
        if number >= probation:
            series.points.append((verdict.score if verdict else 0.0, *worth(number, bounds)))
    return series


def worth(number: int, bounds: list[tuple[int, int]]) -> tuple[float, int]:
    value, window = -1.0, -1
    for each, (first, last) in enumerate(bounds):
        if first <= number <= last:
            return sigmoid(-(last - number + 1) / (last - first + 1)) / sigmoid(-1.0), each
        if number > last:
            after = (number - last) / (last - first)
            value = sigmoid(after) if after <= 3 else -1.0
    return value, window


def sigmoid(x: float) -> float:
    return 2 / (1 + math.exp(5 * x)) - 1


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text.partition(".")[0])


def halves(corpus: list[Series], seed: int) -> float:
    order = random.Random(seed).sample(range(len(corpus)), len(corpus))
    left, right = ([corpus[n] for n in part] for part in (order[::2], order[1::2]))
    return (score(right, best_threshold(left)) + score(left, best_threshold(right))) / 2


def best_threshold(corpus: list[Series]) -> float:
    told = sorted({point[0] for series in corpus for point in series.points if point[0] > 0})
    candidates = told[:: max(1, len(told) // 60)]
    return max(candidates, key=lambda threshold: score(corpus, threshold))


def score(corpus: list[Series], threshold: float) -> float:
    windows = sum(series.windows for series in corpus)
    raw = sum(series.gain(threshold) for series in corpus)
    return round(100 * (raw + windows) / (2 * windows), 1)


def mean(values: list[float]) -> float:
    return round(sum(values) / len(values), 1)
