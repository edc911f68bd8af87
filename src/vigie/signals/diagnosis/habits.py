"""When each thing was said, and what of it is out of the ordinary of these very logs.

Time is cut into windows. The best interval of a saying is the one in which its lines are most surprising against the rest of the
logs (Kulldorff's scan statistic, 1997); what comes in regular bursts from the beginning on is ordinary.
"""

import itertools
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isnan, log
from statistics import median

from vigie.signals.diagnosis.columns import CONTINUES, Columns, Saying
from vigie.signals.diagnosis.wording import Badness

WINDOWS = 240
_EVENTS_MAX = 20_000
# A burst of one line says little, however short it is: no interval counts as shorter than this share of the whole.
_SHARE_MIN = 1 / 60
_RISES = (1.5, 4.0, 20.0)
_PERIODS_MIN = 3
_REGULAR = 0.2
_LARGER = 4.0
_BLIP_S, _BLIP = 5.0, 9.0
_TRAFFIC_MIN = 60
_BEGINNING = 0.02
_ORDINARY = 0.25
_STRENGTH_MAX = 400.0


@dataclass(slots=True)
class Timeline:
    """The windows over all logs, and what is said in each. Times in seconds; `volume[w]` counts ordinary lines."""

    origin_s: float
    width_s: float
    end_s: float
    counts: "dict[int, array[int]]"
    events: "dict[int, array[int]]"
    volume: list[int]
    by_service: dict[str, list[int]]
    timeless: bool = False

    def window(self, at_s: float) -> int:
        """Return which window an instant is in."""
        return min(WINDOWS - 1, max(0, int((at_s - self.origin_s) / self.width_s)))


@dataclass(slots=True)
class Oddity:
    """Something said that is not ordinary here: when, in which lines, and how surprising.

    `strength` is a log likelihood ratio; `kind` is `new`, `burst`, `silence`; `indices` are lines, oldest first.
    """

    saying: Saying
    kind: str
    first_s: float
    last_s: float
    count: int
    strength: float
    indices: "array[int]" = field(default_factory=lambda: array("I"))


def timeline(columns: Columns, at_s: Sequence[float], *, timeless: bool) -> Timeline:
    """Cut the logs into windows.

    Args:
        columns: what was read.
        at_s: the instant of each line, clocks already set right; no NaN.
        timeless: the instants are mere line numbers.
    """
    low, high = (min(at_s), max(at_s)) if len(at_s) else (0.0, 1.0)
    width = max((high - low) / WINDOWS, 1e-6) * (1 + 1e-9)
    counts = {saying.number: array("I", bytes(4 * WINDOWS)) for saying in columns.sayings}
    events = {saying.number: array("I") for saying in columns.sayings if saying.badness or saying.is_change or saying.is_recovery}
    for index, number in enumerate(columns.says):
        if number == CONTINUES:
            continue
        counts[number][int((at_s[index] - low) / width)] += 1
        listed = events.get(number)
        if listed is not None and len(listed) < _EVENTS_MAX:
            listed.append(index)
    volume = [1] * WINDOWS
    by_service: dict[str, list[int]] = {}
    for saying in columns.sayings:
        own = by_service.setdefault(saying.service, [0] * WINDOWS)
        if saying.badness > Badness.MURMUR:
            continue
        for window, count in enumerate(counts[saying.number]):
            own[window] += count
            volume[window] += count
    for listed in events.values():  # several logs follow each other in the columns, not in time
        if any(at_s[one] > at_s[two] for one, two in itertools.pairwise(listed)):
            listed[:] = array("I", sorted(listed, key=at_s.__getitem__))
    return Timeline(low, width, high, counts, events, volume, by_service, timeless)


def oddity(line: Timeline, saying: Saying, at_s: Sequence[float]) -> Oddity | None:
    """Return in what interval a saying is out of the ordinary; None when it nowhere is."""
    indices = line.events.get(saying.number)
    if not indices:
        return None
    counts = line.counts[saying.number]
    if _is_periodic(line, indices, at_s):
        typical = median(sorted(_bursts(line, indices, at_s).values()))
        largest = max(_bursts(line, indices, at_s).items(), key=lambda burst: burst[1])
        if largest[1] < _LARGER * typical + 3:
            return None
    best = _best_interval(counts, line.volume, line.by_service[saying.service])
    if best is None:
        return None
    begin, end, strength = best
    low, high = line.origin_s + begin * line.width_s, line.origin_s + (end + 1) * line.width_s
    inside = array("I", (index for index in indices if low - 1e-9 <= at_s[index] <= high))
    if not inside:
        return None
    span = line.end_s - line.origin_s
    if at_s[inside[0]] - line.origin_s < _BEGINNING * span and high - low > _ORDINARY * span:
        return None  # so it was from the beginning on: that it stopped is no trouble
    kind = "new" if at_s[inside[0]] <= at_s[indices[0]] + 1e-9 else "burst"
    count = sum(counts[begin : end + 1])
    if at_s[inside[-1]] - at_s[inside[0]] < _BLIP_S and not line.timeless:  # one occasion, however many lines it wrote
        strength = min(strength, _BLIP)
    return Oddity(saying, kind, at_s[inside[0]], at_s[inside[-1]], count, min(strength, _STRENGTH_MAX), inside)


def _best_interval(counts: Sequence[int], volume: Sequence[int], own: Sequence[int]) -> tuple[int, int, float] | None:
    total, lines = sum(counts), sum(volume)
    even = 1 / WINDOWS
    # A window's due share is by time, by all traffic or by that of the service, whichever excuses more.
    shares = [max(even, told / lines) for told in volume]
    if sum(own) >= _TRAFFIC_MIN:
        shares = [max(share, told / sum(own)) for share, told in zip(shares, own, strict=True)]
    best: tuple[int, int, float] | None = None
    for rise in _RISES:
        run = _largest_run([count - rise * total * share for count, share in zip(counts, shares, strict=True)])
        begin, end = _stretched(counts, shares, *run)
        inside = sum(counts[begin : end + 1])
        share = min(0.999, max(_SHARE_MIN, sum(shares[begin : end + 1])))
        outside = [count for window, count in enumerate(counts) if not begin <= window <= end]
        strength = _surprise(inside, total, share) / _dispersion(outside)
        if strength > 0 and (best is None or strength > best[2]):
            best = (begin, end, strength)
    return best


def _largest_run(values: Sequence[float]) -> tuple[int, int]:
    best, best_begin, best_end = float("-inf"), 0, 0
    run, begin = 0.0, 0
    for place, value in enumerate(values):
        if run <= 0:
            run, begin = 0.0, place
        run += value
        if run > best:
            best, best_begin, best_end = run, begin, place
    return best_begin, best_end


def _stretched(counts: Sequence[int], shares: Sequence[float], begin: int, end: int) -> tuple[int, int]:
    """Move both ends of an interval to where it surprises most."""
    total = sum(counts)
    for _ in range(2):
        begin = end - _furthest(counts[end::-1], shares[end::-1], total)
        end = begin + _furthest(counts[begin:], shares[begin:], total)
    return begin, end


def _furthest(counts: Sequence[int], shares: Sequence[float], total: int) -> int:
    best, best_at = -1.0, 0
    inside, share = 0, 0.0
    for at, (count, part) in enumerate(zip(counts, shares, strict=True)):
        inside, share = inside + count, share + part
        surprise = _surprise(inside, total, min(0.999, max(_SHARE_MIN, share)))
        if surprise > best + 1e-9:
            best, best_at = surprise, at
    return best_at


def _surprise(inside: int, total: int, share: float) -> float:
    """Return the log likelihood ratio of `inside` of `total` lines within `share` of the whole."""
    outside, expected = total - inside, total * share
    if inside <= expected:
        return 0.0
    return inside * log(inside / expected) + (outside * log(outside / (total - expected)) if outside else 0.0)


def _dispersion(counts: Sequence[int]) -> float:
    """Return how much more the counts vary than chance would have them: 1 for a steady rate."""
    total = sum(counts)
    if len(counts) < 8 or total < 8:
        return 1.0
    mean = total / len(counts)
    return max(1.0, sum((count - mean) ** 2 for count in counts) / len(counts) / mean)


def _bursts(line: Timeline, indices: Sequence[int], at_s: Sequence[float]) -> dict[float, int]:
    """Return the bursts of a saying: when each began, and how many lines it has."""
    gaps = sorted(at_s[after] - at_s[before] for before, after in itertools.pairwise(indices))
    if not gaps:
        return {at_s[indices[0]]: 1}
    apart = max(2 * line.width_s, 3 * gaps[len(gaps) // 2])
    bursts: dict[float, int] = {}
    begin, last = at_s[indices[0]], at_s[indices[0]]
    for index in indices:
        if at_s[index] - last > apart:
            begin = at_s[index]
        bursts[begin] = bursts.get(begin, 0) + 1
        last = at_s[index]
    return bursts


def _is_periodic(line: Timeline, indices: Sequence[int], at_s: Sequence[float]) -> bool:
    """Say whether a saying comes back at regular intervals, all through the logs."""
    span = line.end_s - line.origin_s
    for begins in (list(_bursts(line, indices, at_s)), [at_s[index] for index in indices]):
        gaps = [after - before for before, after in itertools.pairwise(begins)]
        if len(gaps) < _PERIODS_MIN - 1 or isnan(span):
            continue
        usual = median(gaps)
        if usual <= 0 or begins[0] - line.origin_s > 1.3 * usual or line.end_s - begins[-1] > 1.6 * usual + line.width_s:
            continue
        odd = sum(abs(gap - usual) > _REGULAR * usual + line.width_s for gap in gaps)
        if odd <= 0.1 * len(gaps):
            return True
    return False


def silences(line: Timeline, columns: Columns) -> list[Oddity]:
    """Return the services that spoke all the time and then stopped well before the others did."""
    found = []
    for service in line.by_service:
        own = [line.counts[saying.number] for saying in columns.sayings if saying.service == service]
        counts = [sum(told) for told in zip(*own, strict=True)]
        total = sum(counts)
        filled = [window for window, count in enumerate(counts) if count]
        if total < 60 or not filled or len(line.by_service) < 2:
            continue
        last, first = filled[-1], filled[0]
        longest = max((after - before for before, after in itertools.pairwise(filled)), default=0)
        quiet = WINDOWS - 1 - last
        if quiet < 6 or quiet <= 3 * longest or (last - first) < quiet or first > WINDOWS // 3:
            continue
        others = sum(line.volume[last + 1 :]) / max(1, quiet)
        if others < 0.2 * sum(line.volume) / WINDOWS:
            continue
        sayings = [saying for saying in columns.sayings if saying.service == service]
        strength = min(_STRENGTH_MAX, total / (last - first + 1) * quiet)
        found.append(_silence(line, columns, sayings, strength))
    return found


def _silence(line: Timeline, columns: Columns, sayings: Sequence[Saying], strength: float) -> Oddity:
    numbers = {saying.number for saying in sayings}
    last = max((index for index, number in enumerate(columns.says) if number in numbers), key=lambda index: columns.at_s[index])
    saying = columns.sayings[columns.says[last]]
    return Oddity(saying, "silence", columns.at_s[last], line.end_s, 1, strength, array("I", [last]))


def nearest(indices: Sequence[int], at_s: Sequence[float], instant_s: float) -> int:
    """Return how many of the lines come before an instant."""
    return bisect_left(indices, instant_s, key=at_s.__getitem__)
