"""Made-up logs with a known trouble or none: how many are judged right, and how fast; `tests/haystacks/` makes them."""

import time
from collections.abc import Callable, Sequence

from tests.haystacks.first import FIRST
from tests.haystacks.fourth import FOURTH
from tests.haystacks.judging import texts, wrong
from tests.haystacks.second import SECOND
from tests.haystacks.third import THIRD
from tests.haystacks.world import Haystack

from bench.figure import Figure
from vigie.signals.diagnosis.diagnose import diagnose

LARGE = 100_000


def figures(short: bool) -> list[Figure]:
    made: Sequence[Callable[[], Haystack]] = (*FIRST, *SECOND, *THIRD, *FOURTH)
    right, speeds, missed = 0, [], []
    for make in made[:: 4 if short else 1]:
        hay = make()
        given = texts(hay)
        began = time.process_time()
        verdict = diagnose(given)
        seconds = time.process_time() - began
        speeds.append((verdict.lines, verdict.lines / seconds))
        if wrong(hay, verdict):
            missed.append(hay.name)
        else:
            right += 1
    least = 0.95 * len(speeds)
    large = [speed for lines, speed in speeds if lines >= LARGE]
    total = sum(lines for lines, _ in speeds) / sum(lines / speed for lines, speed in speeds)
    return [
        Figure("haystacks judged right", right, f"of {len(speeds)}", "at least", least, f"wrong: {', '.join(missed) or 'none'}"),
        Figure("diagnosis, all haystacks", round(total), "lines/s of processor", "at least", 50_000, "one process"),
        *(
            Figure(
                "diagnosis, the slowest of 100,000 lines", round(speed), "lines/s of processor", "at least", 50_000, "one process"
            )
            for speed in sorted(large)[:1]
        ),
    ]
