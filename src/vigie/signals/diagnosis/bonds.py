"""Who depends on whom, and whose clock is off: from names in messages and from identifiers that flow from service to service."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import isnan
from statistics import median

from vigie.signals.diagnosis.columns import CONTINUES, Columns
from vigie.signals.diagnosis.names import Names
from vigie.signals.diagnosis.wording import Badness

_ID = re.compile(
    rb"(?<![\w-])([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{8,32}"
    rb"|(?:req|trace|rid|corr|cid|tx|txn|ord|order|job|msg|call|sess|flow|op)[-_:#][\w]{3,40})(?![\w-])"
    rb"|(?:trace|request|req|correlation|corr|transaction|rid|cid|xid|flow|call)[-_ ]?(?:id)?[\"']?[=:][ ]?[\"']?([\w-]{4,64})"
)
_LISTENS = re.compile(
    r"\b(?:listening|listens|bound|serving|started|ready|accepting)\b[^\n]{0,60}?(?:port[ =:]+|:)(\d{2,5})\b", re.IGNORECASE
)
_WORD = re.compile(rb"[\w-]{4,64}")
_DIGIT = re.compile(rb"\d")
_BESIDE = 8
_IDS_MAX = 60_000
_LINES_MAX = 30_000
_SLICES = 6
_SKEW_MIN_S = 3.0
_SHARED_MIN = 6
_QUARTER_S = 900.0


@dataclass(slots=True)
class Bonds:
    """`calls[a, b]` is how often a names b as one it needs; `together` are those who work on the same requests.

    `first_ill[b, a]` is how often b complained of a request of which a had complained before.

    `skew_s[log]` is by how much a log's clock is ahead.
    """

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    together: Counter[frozenset[str]] = field(default_factory=Counter)
    first_ill: Counter[tuple[str, str]] = field(default_factory=Counter)
    skew_s: list[float] = field(default_factory=list)


def names_of(columns: Columns) -> Names:
    """Return the services by their names, and by the ports that they say they listen on."""
    names = Names(saying.service for saying in columns.sayings)
    for saying in columns.sayings:
        heard = _LISTENS.search(saying.message)
        if heard and saying.badness is Badness.NONE:
            names.listens(heard[1], saying.service)
    return names


def bonds(columns: Columns, names: Names) -> Bonds:
    """Find who calls whom and which clocks are off."""
    flows = _flows(columns)
    found = Bonds(skew_s=_skews(columns, flows))
    for flow in flows:
        _follow(columns, flow, found)
    for saying in columns.sayings:
        weight = min(50, saying.lines)
        for mention in names.mentions(saying.message, saying.service):
            edge = (mention.name, saying.service) if mention.incoming else (saying.service, mention.name)
            found.calls[edge] += max(1, round(weight * mention.sure))
    return found


def _flows(columns: Columns) -> list[list[int]]:
    """Return, for each identifier that more than one service or log names, the lines that do, in the order of the logs."""
    if len({saying.service for saying in columns.sayings}) < 2:
        return []
    by_id: dict[bytes, list[int]] = defaultdict(list)
    finder = _Finder(columns)
    for number, log in enumerate(columns.logs):
        index = columns.begins[number]
        wanted = _slices(columns, number)
        for block in log.blocks():
            for part in wanted:
                begin, end = max(part.start, index), min(part.stop, index + len(block))
                if begin < end:
                    finder.note(block[begin - index : end - index], begin, by_id)
            index += len(block)
    return [flow for flow in by_id.values() if 2 <= len(flow) <= 200 and _is_shared(columns, flow)]


def _slices(columns: Columns, log: int) -> list[range]:
    """Return which lines of a log are searched for identifiers: all, or the same slices of time in each log."""
    span = columns.span(log)
    if len(columns.says) <= _LINES_MAX:
        return [span]
    told = [at for at in (columns.at_s[index] for index in (span.start, span.stop - 1)) if not isnan(at)] if span else []
    if len(told) < 2:
        return []
    share = _LINES_MAX / len(columns.says) / _SLICES
    found = []
    for slice_ in range(_SLICES):
        begin_s = told[0] + (told[1] - told[0]) * slice_ / _SLICES
        begin = bisect_left(columns.at_s, begin_s, span.start, span.stop)
        end = bisect_left(columns.at_s, begin_s + share * (told[1] - told[0]), begin, span.stop)
        found.append(range(begin, min(end, begin + _LINES_MAX // _SLICES)))
    return found


class _Finder:
    """Finds the identifier of a line where its saying has always had it, which is much faster than looking everywhere."""

    def __init__(self, columns: Columns) -> None:
        self._says = columns.says
        self._before = [_what_stands_before(saying.sample.encode("utf-8", "replace")) for saying in columns.sayings]

    def note(self, block: Sequence[bytes], index: int, by_id: dict[bytes, list[int]]) -> None:
        """Note the identifiers of some lines, the first of which has the given index."""
        for line, number in zip(block, self._says[index : index + len(block)], strict=True):
            before = self._before[number] if number != CONTINUES else None
            if before is not None:
                name = _id_behind(line, before)
                if name is not None and (name in by_id or len(by_id) < _IDS_MAX):
                    by_id[name].append(index)
            index += 1


def _what_stands_before(sample: bytes) -> bytes | None:
    """Return what stands before the identifier; nothing to go by when it changes, None when there is no identifier."""
    found = _ID.search(sample)
    if found is None:
        return None
    start = found.start(1) if found[1] is not None else found.start(2)
    before = sample[max(0, start - _BESIDE) : start]
    return b"" if len(before) < 3 or _DIGIT.search(before) else before


def _id_behind(line: bytes, before: bytes) -> bytes | None:
    at = line.find(before) if before else -1
    found = _WORD.match(line, at + len(before)) if at >= 0 else None
    if found is not None:
        return found[0]
    if before:
        return None
    looked = _ID.search(line)
    return (looked[1] or looked[2]) if looked else None


def _is_shared(columns: Columns, flow: Sequence[int]) -> bool:
    services = {columns.sayings[columns.says[index]].service for index in flow if columns.says[index] != CONTINUES}
    return len(services) > 1


def _skews(columns: Columns, flows: Sequence[Sequence[int]]) -> list[float]:
    logs = len(columns.logs)
    apart: dict[tuple[int, int], list[float]] = defaultdict(list)
    if logs > 1:
        for flow in flows:
            first: dict[int, float] = {}
            for index in flow:
                at, log = columns.at_s[index], columns.log_of(index)
                if not isnan(at):
                    first[log] = min(at, first.get(log, at))
            seen = sorted(first)
            for place, one in enumerate(seen):
                for other in seen[place + 1 :]:
                    apart[one, other].append(first[other] - first[one])
    linked = {pair: spans for pair, spans in apart.items() if len(spans) >= _SHARED_MIN}
    return _solved(logs, linked) if linked else _zones(columns)


def _solved(logs: int, linked: dict[tuple[int, int], list[float]]) -> list[float]:
    """Return each log's skew against the clock that most logs share."""
    beside: dict[int, dict[int, float]] = defaultdict(dict)
    for (one, other), spans in linked.items():
        usual = median(spans)
        spread = median([abs(span - usual) for span in spans])
        skew = usual if abs(usual) > _SKEW_MIN_S and spread < abs(usual) / 4 + 1 else 0.0
        beside[one][other], beside[other][one] = skew, -skew
    skews = [0.0] * logs
    reached: set[int] = set()
    for begin in sorted(beside):
        queue = [] if begin in reached else [begin]
        together = list(queue)
        reached.update(queue)
        while queue:
            log = queue.pop(0)
            for other, skew in beside[log].items():
                if other not in reached:
                    reached.add(other)
                    skews[other] = skews[log] + skew
                    queue.append(other)
                    together.append(other)
        if together:  # the clock in the middle is held to be right
            right = sorted(skews[log] for log in together)[len(together) // 2]
            for log in together:
                skews[log] -= right
    return skews


def _zones(columns: Columns) -> list[float]:
    """Return skews of whole quarters of an hour, where a log begins and ends by as much off the others: an unstated zone."""
    ranges: dict[int, tuple[float, float]] = {}
    for log in range(len(columns.logs)):
        span = columns.span(log)
        told = [at for at in (columns.at_s[index] for index in span) if not isnan(at)]
        if told and columns.stamped[log]:
            ranges[log] = (min(told), max(told))
    skews = [0.0] * len(columns.logs)
    if len(ranges) < 3:
        return skews
    low, high = median(begin for begin, _ in ranges.values()), median(end for _, end in ranges.values())
    near = max(120.0, 0.03 * (high - low))
    for log, (begin, end) in ranges.items():
        whole = round((begin - low) / _QUARTER_S) * _QUARTER_S
        if whole and abs(whole) > near and abs(begin - low - whole) < near and abs(end - high - whole) < near:
            skews[log] = whole
    return skews


def _follow(columns: Columns, flow: Sequence[int], found: Bonds) -> None:
    """Note who was called by whom in one flow, and who complained first."""
    lines = sorted(
        (columns.at_s[index] - found.skew_s[columns.log_of(index)], index) for index in flow if columns.says[index] != CONTINUES
    )
    order: list[str] = []
    ill: list[str] = []
    for _, index in lines:
        saying = columns.sayings[columns.says[index]]
        if saying.service not in order:
            order.append(saying.service)
        if saying.badness >= Badness.WARNING and saying.service not in ill:
            ill.append(saying.service)
    for one, other in pairwise(order):  # whether who writes first is the caller depends on when they write
        found.together[frozenset((one, other))] += 1
    for first, later in pairwise(ill):
        found.first_ill[later, first] += 1
