"""A process is killed 500 times, at random moments and at every named point: nothing twice, nothing lost, nothing stuck."""

import asyncio
import random
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.test_kill import MENDED, MISLED, POINTS
from tests.chaos.toy import Toy, make

from bench.figure import Figure

KILLS = 500
KILLS_SHORT = 20
AT_ONCE = 2
_LONGEST_S = 4.0


@dataclass
class Tally:
    kills: int = 0
    cases: int = 0
    twice: int = 0
    lost: int = 0
    stuck: int = 0
    unproved: int = 0
    resumed_s: list[float] = field(default_factory=list)


def figures(short: bool) -> list[Figure]:
    tally = asyncio.run(_killed(KILLS_SHORT if short else KILLS))
    note = f"{tally.kills} kills in {tally.cases} cases"
    return [
        Figure("kills", tally.kills, "kills", "at least", KILLS_SHORT if short else KILLS, f"{tally.cases} cases"),
        Figure("side effects seen twice", tally.twice, "lines", "at most", 0, note),
        Figure("side effects lost", tally.lost, "lines", "at most", 0, note),
        Figure("cases stuck", tally.stuck, "cases", "at most", 0, note),
        Figure("audit chains broken", tally.unproved, "chains", "at most", 0, note),
        Figure("from restart to the case in hand, worst", round(max(tally.resumed_s), 1), "s", "at most", 5.0, note),
    ]


async def _killed(kills: int) -> Tally:
    tally = Tally()
    async with asyncio.TaskGroup() as group:
        for worker in range(AT_ONCE):
            group.create_task(_cases(kills, worker, tally))
    return tally


async def _cases(kills: int, seed: int, tally: Tally) -> None:
    moments = random.Random(seed)
    while tally.kills < kills:
        with tempfile.TemporaryDirectory(prefix="vigie-chaos-") as folder:
            misleading = moments.random() < 0.5
            await _case(make(Path(folder), misleading=misleading), moments, tally, [*MISLED, *MENDED] if misleading else MENDED)


async def _case(toy: Toy, moments: random.Random, tally: Tally, expected: list[str]) -> None:
    tally.cases += 1
    runs = 0
    while True:
        point = moments.choice(POINTS) if moments.random() < 0.3 else None
        after_s = None if point else moments.uniform(0.5, _LONGEST_S + runs / 10)
        try:
            answer = await toy.run(crash_at=point, kill_after_s=after_s)
        except AssertionError:
            tally.stuck += 1
            return
        if answer is not None:
            break
        tally.kills += 1
        runs += 1
    done = toy.ledger()
    tally.twice += sum(max(0, done.count(line) - 1) for line in set(done))
    tally.lost += sum(line not in done for line in expected)
    tally.stuck += answer["state"] != "resolved"
    tally.unproved += not answer["valid"]
    tally.resumed_s.append(float(answer["resumed_s"]))
