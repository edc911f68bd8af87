"""Learns what ordinary sessions are made of, and tells what is odd about others; pure.

A session is what one request, job or block left behind: event ids in order. Several writers interleave, retries and reads come
as often as they like, so neither the exact sequence nor the exact counts are a habit. What is one is found out: an event whose
number varies while everything else stays the same depends on nothing and is left out; the counts of the rest must have been seen
together before. How often an ordinary session will look new is estimated from the training sessions alone, by how many of them
are the only one of their kind (Good 1953, the estimator he owes to Turing); a view that would cry wolf is taken coarser.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Session = Sequence[str]
_Counts = frozenset[tuple[str, int]]
_Pair = tuple[str, str]

# An alarm is a score of half or more.
_NEW_EVENT, _NEW_COUNTS, _NEW_ORDER, _ODD, _KNOWN = 0.97, 0.9, 0.7, 0.4, 0.2
# At most this share of ordinary sessions may look new to the view of counts, half of it to that of order, or this many where
# that is less. A coarser view misses more than these cry wolf.  # bench/sessions, 2026-11
_FALSE_SHARE, _FALSE_LEAST = 0.002, 3
# Writers that run side by side swap a pair now and then; a block of work that comes too early swaps several.
_SWAPS = 3
# Views are chosen on the commonest kinds of session; what is rarer does not change the choice, and the work stays bounded.
_KINDS_MAX = 2000
_TIMES_MORE = 4
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Oddity:
    """What is new about a session.

    `kind` names the sentence; `event` is what it is about; `seen` and `usual` are how often it came, or what it came before.
    """

    kind: Literal["new_event", "missing", "count", "order", "many", "combination"]
    event: str
    seen: str = ""
    usual: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A score of 0 to 1, an alarm from 0.5 on, and why; no reasons for an ordinary session."""

    score: float
    oddities: tuple[Oddity, ...] = ()


class SessionModel:
    """Judges sessions by ordinary ones.

    Args:
        sessions: ordinary sessions, each its event ids in order; empty ones are left out.
    """

    def __init__(self, sessions: Iterable[Session]) -> None:
        learned = [tuple(session) for session in sessions if session]
        kinds = Counter(frozenset(Counter(session).items()) for session in learned)
        false_max = max(_FALSE_LEAST, _FALSE_SHARE * len(learned))
        self._highest = _highest(kinds)
        self._view = _chosen(kinds, false_max)
        self._known = Counter[_Counts]()
        for kind, count in kinds.items():
            self._known[self._view.of(kind)] += count
        self._orders = _usual_orders(learned, self._view, max(_FALSE_LEAST, false_max / 2))
        self._told: dict[_Counts, tuple[Oddity, ...]] = {}

    def judge(self, session: Session) -> Judgement:
        """Return how odd a session is, and why."""
        if not session or not self._highest:
            return Judgement(0.0)
        counts = Counter(session)
        unknown = [event for event in counts if event not in self._highest]
        if unknown:
            return Judgement(_NEW_EVENT, tuple(Oddity("new_event", event, str(counts[event])) for event in unknown[:_SHOWN]))
        kind = self._view.of(frozenset(counts.items()))
        if self._view.is_used and kind not in self._known:
            if kind not in self._told:
                self._told[kind] = self._differences(kind)
            return Judgement(_NEW_COUNTS, self._told[kind])
        swapped = self._swapped(session)
        if swapped:
            score = _NEW_ORDER if len(swapped) >= _SWAPS else _ODD
            return Judgement(score, tuple(Oddity("order", a, b) for a, b in swapped[:_SHOWN]))
        many = [event for event in counts if counts[event] > _TIMES_MORE * self._highest[event]]
        if many:
            return Judgement(
                _ODD, tuple(Oddity("many", event, str(counts[event]), str(self._highest[event])) for event in many[:_SHOWN])
            )
        return Judgement(_KNOWN / self._known[kind] if self._view.is_used else 0.0)

    def _swapped(self, session: Session) -> list[_Pair]:
        if self._orders is None:
            return []
        return sorted(pair for pair in _orders(session, self._view) if pair not in self._orders)

    def _differences(self, kind: _Counts) -> tuple[Oddity, ...]:
        """Return in what a combination differs from the most alike that is known."""
        mine = dict(kind)
        ranked = ((_distance(mine, dict(known)), -count, sorted(known)) for known, count in self._known.items())
        nearest = dict(min(ranked)[2])
        found = []
        for event in sorted(mine.keys() | nearest.keys()):
            seen, usual = mine.get(event, 0), nearest.get(event, 0)
            if seen == 0 and usual:
                found.append(Oddity("missing", event, "0", str(usual)))
            elif usual == 0 and seen:
                found.append(Oddity("combination", event, str(seen), "0"))
            elif seen != usual:
                found.append(Oddity("count", event, str(seen), str(usual)))
        return tuple(found[:_SHOWN])


@dataclass(frozen=True, slots=True)
class _View:
    """What of a session's counts is looked at: all but the free events; whether they are there only, or how often."""

    free: frozenset[str]
    is_exact: bool = True
    is_used: bool = True

    def of(self, counts: _Counts) -> _Counts:
        return frozenset((event, count if self.is_exact else 1) for event, count in counts if event not in self.free)


def _chosen(kinds: Counter[_Counts], false_max: float) -> _View:
    """Return the finest view to which few enough ordinary sessions would look new."""
    common = dict(kinds.most_common(_KINDS_MAX))
    by_habit, by_constancy = _free(common, 3), _free(common, 2)
    views = [_View(by_habit), _View(by_constancy), _View(by_habit, is_exact=False), _View(by_constancy, is_exact=False)]
    return next((view for view in views if _only_ones(kinds, view) <= false_max), _View(by_constancy, is_used=False))


def _free(kinds: Iterable[_Counts], least: int) -> frozenset[str]:
    """Return the events that come in `least` or more different numbers (none at all counts) while all others stay the same."""
    free: set[str] = set()
    left = set(kinds)
    while True:
        numbers: dict[tuple[str, _Counts], int] = {}
        for kind in left:
            for event, count in kind:
                rest = kind - {(event, count)}
                numbers[event, rest] = numbers.get((event, rest), int(rest in left)) + 1
        varied, event = max(((count, event) for (event, _), count in numbers.items()), default=(0, ""))
        if varied < least:
            return frozenset(free)
        free.add(event)
        left = {frozenset(pair for pair in kind if pair[0] != event) for kind in left}


def _only_ones(kinds: Counter[_Counts], view: _View) -> int:
    seen = Counter[_Counts]()
    for kind, count in kinds.items():
        seen[view.of(kind)] += count
    return sum(count == 1 for count in seen.values())


def _orders(session: Session, view: _View) -> set[_Pair]:
    """Return which event first came before which other, among those that are looked at."""
    firsts = [event for event in dict.fromkeys(session) if event not in view.free]
    return {(before, after) for number, before in enumerate(firsts) for after in firsts[number + 1 :]}


def _usual_orders(sessions: Sequence[Session], view: _View, false_max: float) -> set[_Pair] | None:
    """Return the orders that ordinary sessions have; None when they have so many that a new one means nothing."""
    seen = Counter[_Pair]()
    kinds = Counter(tuple(dict.fromkeys(session)) for session in sessions)
    for kind, count in kinds.items():
        seen.update(dict.fromkeys(_orders(kind, view), count))
    alone = sum(any(seen[pair] == 1 for pair in _orders(kind, view)) for kind in kinds)
    return set(seen) if alone <= false_max else None


def _highest(kinds: Iterable[_Counts]) -> dict[str, int]:
    highest: dict[str, int] = {}
    for kind in kinds:
        for event, count in kind:
            highest[event] = max(count, highest.get(event, 0))
    return highest


def _distance(mine: dict[str, int], theirs: dict[str, int]) -> int:
    return sum(abs(mine.get(event, 0) - theirs.get(event, 0)) for event in mine.keys() | theirs.keys())
