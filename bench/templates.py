"""Templates of logs: how many groups and texts are right on labelled systems, and how fast beside drain3.

One configuration for all systems, as they are and redrawn. The labelled logs are a folder `loghub` of the shelf;
drain3 is installed for the length of the run. Figures as in Khan et al. 2022 and Jiang et al. 2024: GA and FGA compare
groups of lines, FTA their texts.
"""

import csv
import io
import os
import random
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from bench import corpora, shelf
from bench.corpora import Line
from bench.figure import Figure
from vigie.signals.mining.blocks import BlockMiner

PEER = "drain3==0.9.11"
SETTINGS = Path(__file__).with_name("drain3.ini")
HEAD = 1000
VIGIE = f"{shlex.quote(sys.executable)} -m vigie logs mine {{file}} --csv"
PEER_SCRIPT = """
import sys
from drain3 import TemplateMiner
from drain3.template_miner_config import TemplateMinerConfig
config = TemplateMinerConfig()
config.load(sys.argv[2])
miner = TemplateMiner(config=config)
with open(sys.argv[1], encoding="utf-8", errors="replace", newline="\\n") as lines:
    found = [miner.add_log_message(line.rstrip("\\r\\n"))["cluster_id"] for line in lines]
texts = {cluster.cluster_id: cluster.get_template() for cluster in miner.drain.clusters}
import csv
rows = csv.writer(sys.stdout, lineterminator="\\n")
rows.writerow(("LineId", "EventTemplate", "ClusterId"))
rows.writerows((place, texts.get(number, "?"), number) for place, number in enumerate(found, 1))
"""


class Accuracy(NamedTuple):
    """Shares between 0 and 1."""

    ga: float
    fga: float
    fta: float


def figures(short: bool) -> list[Figure]:
    corpus = corpora.systems(shelf.folder("loghub"))
    seed = str(time.time_ns())
    found = []
    for what, draw in (("as they are", _as_it_is), ("redrawn", _redrawn)):
        scores = [
            accuracy(mined([draw(line, random.Random(f"{seed}{place}")) for place, line in enumerate(lines)]), lines)
            for lines in corpus.values()
        ]
        note = f"{len(corpus)} systems, one configuration" + (f", seed {seed}" if what == "redrawn" else "")
        for name, bar in (("ga", 0.85), ("fga", 0.85), ("fta", 0.65)):
            value = statistics.mean(getattr(score, name) for score in scores)
            found.append(Figure(f"{name.upper()}, systems {what}", round(value, 3), "", "at least", bar, note))
    return [*found, *_speeds(corpus, short=short, seed=seed)]


def _as_it_is(line: Line, _: random.Random) -> str:
    return line.message


def _redrawn(line: Line, rng: random.Random) -> str:
    return line.redrawn(rng)


def mined(messages: list[str]) -> list[tuple[str, str]]:
    """Return group and text of every message."""
    miner = BlockMiner()
    miner.take("".join(message + "\n" for message in messages).encode())
    rows = csv.DictReader(io.StringIO(b"".join(miner.finish().csv()).decode(), newline=""))
    return [(row["EventTemplate"], row["EventTemplate"]) for row in rows]


def accuracy(found: list[tuple[str, str]], lines: list[Line]) -> Accuracy:
    """Hold groups and texts against the labels."""
    mine, theirs = defaultdict(list), defaultdict(list)
    texts: dict[str, set[str]] = defaultdict(set)
    for place, ((group, text), line) in enumerate(zip(found, lines, strict=True)):
        mine[group].append(place)
        theirs[line.system, line.template].append(place)
        texts[_plain(text)].add(_plain(line.template))
    wanted = {tuple(group) for group in theirs.values()}
    right = [group for group in mine.values() if tuple(group) in wanted]
    labels = {_plain(line.template) for line in lines}
    same = sum(seen == {text} for text, seen in texts.items())
    return Accuracy(
        sum(map(len, right)) / len(lines), 2 * len(right) / (len(mine) + len(theirs)), 2 * same / (len(texts) + len(labels))
    )


def _plain(template: str) -> str:
    """Return a template in which every mask and every run of masks is one `<*>`."""
    text = re.sub(r"\s+", " ", re.sub(r"<:?[A-Z_]+\d*:?>", "<*>", template)).strip()
    before = ""
    while before != text:
        before, text = text, re.sub(r"[+-]?<\*>(?:[ .:,/_-]?[+-]?<\*>)+", "<*>", text)
    return text.replace("-<*>", "<*>")


def _speeds(corpus: dict[str, list[Line]], *, short: bool, seed: str) -> Iterator[Figure]:
    lines = corpora.mixed(corpus)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        peer = _installed(scratch)
        if peer is None:
            print(f"templates: SKIPPED: the speeds, because {PEER} could not be installed here", flush=True)
            return
        # Shorter logs tell of nothing but the learning of the first lines, which is over after some ten thousand.
        sizes = {"easy": 400_000, "hostile": 160_000} if short else {"easy": 1_000_000, "hostile": 400_000}
        for kind, draw, bar in (("easy", corpora.easy, 25), ("hostile", corpora.hostile, 8)):
            log = scratch / f"{kind}.log"
            labels = _written(log, draw(lines, sizes[kind], random.Random(f"{seed}{kind}")))
            yield from _compared(kind, bar, log, labels, {"vigie": VIGIE, "drain3": peer})


def _written(log: Path, drawn: Iterator[tuple[str, Line]]) -> list[Line]:
    labels = []
    with log.open("w", encoding="utf-8", newline="\n") as file:
        for message, line in drawn:
            file.write(message + "\n")
            labels.append(line)
    return labels


def _installed(scratch: Path) -> str | None:
    """Return the peer's command line, None when it cannot be had."""
    python = scratch / "peer/bin/python"
    try:
        subprocess.run([sys.executable, "-m", "venv", str(scratch / "peer")], check=True, capture_output=True, timeout=120)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", PEER], check=True, capture_output=True, timeout=300)
    except (subprocess.SubprocessError, OSError):
        return None
    script = scratch / "peer.py"
    script.write_text(PEER_SCRIPT, encoding="utf-8")
    return f"{shlex.quote(str(python))} {shlex.quote(str(script))} {{file}} {shlex.quote(str(SETTINGS))}"


def _compared(kind: str, bar: float, log: Path, labels: list[Line], commands: dict[str, str]) -> Iterator[Figure]:
    head = log.with_suffix(".head")
    with log.open("rb") as source:
        head.write_bytes(b"".join(line for _, line in zip(range(HEAD), source, strict=False)))
    rates, scores = {}, {}
    for who, command in commands.items():
        home = log.parent / f"home-{who}"
        home.mkdir(exist_ok=True)
        _run(command, head, home)
        start = min(_run(command, head, home)[0] for _ in range(3))
        spent, rows = _run(command, log, home)
        rates[who] = (len(labels) - HEAD) / max(spent - start, 1e-3)
        scores[who] = accuracy(rows(), labels)
    own, other = scores["vigie"], scores["drain3"]
    note = f"{rates['vigie']:,.0f} and {rates['drain3']:,.0f} lines a second of processor; GA, FGA {own.ga:.3f}, {own.fga:.3f}"
    ratio = rates["vigie"] / rates["drain3"]
    yield Figure(f"times as fast as drain3, {kind} log", round(ratio, 1), "", "at least", bar, note)
    worst = min(own.ga - other.ga, own.fga - other.fga)
    yield Figure(
        f"GA and FGA above drain3's, {kind} log", round(worst, 3), "", "at least", 0, f"drain3: {other.ga:.3f}, {other.fga:.3f}"
    )


def _run(command: str, log: Path, home: Path) -> tuple[float, Callable[[], list[tuple[str, str]]]]:
    """Return the seconds of processor that a command took, and how to read what it wrote."""
    out = log.with_suffix(".csv")
    argv = [word.replace("{file}", str(log)) for word in shlex.split(command)]
    with out.open("wb") as target:
        process = subprocess.Popen(argv, stdout=target, env=os.environ | {"VIGIE_HOME": str(home)})
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command

    def rows() -> list[tuple[str, str]]:
        with out.open(newline="", encoding="utf-8", errors="replace") as file:
            return [(row.get("ClusterId") or row["EventTemplate"], row["EventTemplate"]) for row in csv.DictReader(file)]

    return usage.ru_utime + usage.ru_stime, rows
