"""Weighs intents against a request: what of it a pattern explains, and what it leaves unexplained."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from vigie.knowledge.requests import Intent

# Found on the project's own requests: bench/ask.py shows what they reach.
_UNEXPLAINED = 0.55
_UNKNOWN_WORD = 0.4
_IGNORED_ORDER = 1.6
_CARRIED = 0.5
_VAGUE = 0.3
_WEAK = 0.7
_TELLING = 0.4
_TERM = 0.02
_SLOT_WEIGHT = 1.0


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a pattern: ideas or kinds of things, any of which will do."""

    ideas: frozenset[str]
    kinds: frozenset[str]
    optional: bool = False
    never: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of the request that tells something. `things` are the kinds of thing it can be, with how surely."""

    place: int
    ideas: frozenset[str] = frozenset()
    weight: float = 1.0
    things: Mapping[str, float] = field(default_factory=dict)
    action: bool = False
    told: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """How well a pattern of an intent explains the request. `share` is the part of the request's weight that it explains."""

    intent: Intent
    score: float
    share: float
    taken: Mapping[str, int] = field(default_factory=dict)
    carried: frozenset[str] = frozenset()
    ideas: frozenset[str] = frozenset()


def compiled(pattern: str) -> tuple[Term, ...]:
    """Return the terms of a pattern."""
    terms = []
    for piece in pattern.split():
        never, body = piece.startswith("!"), piece.lstrip("!")
        optional = body.endswith("?")
        parts = [part.rstrip("?") for part in body.rstrip("?").split("|")]
        optional = optional or any(part.endswith("?") for part in body.split("|"))
        kinds = frozenset(part[1:-1] for part in parts if part.startswith("<"))
        terms.append(Term(frozenset(part for part in parts if not part.startswith("<")), kinds, optional, never))
    return tuple(terms)


class Scale:
    """All intents, ready to be weighed."""

    def __init__(self, intents: Iterable[Intent]) -> None:
        self._patterns = [(intent, [compiled(pattern) for pattern in intent.patterns]) for intent in intents]

    def weigh(self, units: Sequence[Unit], carried: Mapping[str, str], *, ordered: bool) -> list[Match]:
        """Return the intents that explain something of the request, best first, each by its best pattern.

        Args:
            units: what the request says.
            carried: things that an earlier request named, by kind.
            ordered: the actions among the units are orders, not told of.
        """
        total = sum(_weight(unit) for unit in units)
        by_idea: dict[str, list[Unit]] = {}
        for unit in units:
            for idea in unit.ideas:
                by_idea.setdefault(idea, []).append(unit)
        found = []
        said = frozenset(by_idea)
        kinds = frozenset(kind for unit in units for kind in unit.things) | frozenset(carried)
        for intent, patterns in self._patterns:
            matches = [
                match
                for terms in patterns
                if _possible(terms, said, kinds) and (match := _matched(intent, terms, units, by_idea, carried, total, ordered))
            ]
            if matches:
                found.append(max(matches, key=lambda match: match.score))
        return sorted(found, key=lambda match: (-match.score, match.intent.name))


def _possible(terms: Sequence[Term], said: frozenset[str], kinds: frozenset[str]) -> bool:
    """Say quickly whether everything that a pattern needs is there at all."""
    return all(
        term.optional or term.never or not term.ideas.isdisjoint(said) or not term.kinds.isdisjoint(kinds) for term in terms
    )


def _weight(unit: Unit) -> float:
    return unit.weight if unit.ideas else max(unit.weight, _UNKNOWN_WORD)


@dataclass(slots=True)
class _Explained:
    """What the terms of one pattern have explained so far."""

    places: dict[int, float] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    carried: set[str] = field(default_factory=set)
    ideas: set[str] = field(default_factory=set)
    required: int = 0

    def take(self, term: Term, units: Sequence[Unit], by_idea: Mapping[str, Sequence[Unit]], carried: Mapping[str, str]) -> bool:
        """Find what a term asks for; False when it is needed and not there."""
        held = [unit for idea in term.ideas for unit in by_idea.get(idea, ())]
        for unit in held:
            self.places[unit.place] = max(self.places.get(unit.place, 0.0), unit.weight)
            self.ideas |= unit.ideas & term.ideas
        thing = None if held else _thing(term, units, self.places, self.taken)
        if thing is not None:
            unit, kind = thing
            self.places[unit.place] = unit.things[kind] * max(_SLOT_WEIGHT, unit.weight)
            self.taken[kind] = unit.place
        if held or thing is not None:
            self.required += not term.optional
            return True
        kind = next((kind for kind in sorted(term.kinds) if kind in carried), "")
        if kind and not term.optional:
            self.carried.add(kind)
        return term.optional or bool(kind)


def _matched(
    intent: Intent,
    terms: Sequence[Term],
    units: Sequence[Unit],
    by_idea: Mapping[str, Sequence[Unit]],
    carried: Mapping[str, str],
    total: float,
    ordered: bool,
) -> Match | None:
    if any(_is_said(term, units, by_idea) for term in terms if term.never):
        return None
    found = _Explained()
    for term in terms:
        if not term.never and not found.take(term, units, by_idea, carried):
            return None
    if not found.places and not found.carried:
        return None
    if _only_possible(units, found.taken, found.places):
        return None
    return _scored(intent, units, found, total, ordered)


def _is_said(term: Term, units: Sequence[Unit], by_idea: Mapping[str, Sequence[Unit]]) -> bool:
    return any(idea in by_idea for idea in term.ideas) or any(kind in unit.things for unit in units for kind in term.kinds)


def _only_possible(units: Sequence[Unit], taken: Mapping[str, int], explained: Mapping[int, float]) -> bool:
    """Say whether a pattern holds by words alone that might be names, and nothing telling beside them."""
    weak = {place for unit in units for kind, place in taken.items() if unit.place == place and unit.things[kind] < _WEAK}
    telling = sum(unit.weight for unit in units if unit.place in explained and unit.place not in weak and unit.ideas)
    strong = any(place not in weak for place in taken.values())
    return bool(weak) and not strong and telling < _TELLING


def _thing(
    term: Term, units: Sequence[Unit], explained: Mapping[int, float], taken: Mapping[str, int]
) -> tuple[Unit, str] | None:
    free = [
        (unit.things[kind], -unit.place, unit, kind)
        for unit in units
        for kind in term.kinds
        if kind in unit.things and unit.place not in taken.values() and (unit.place not in explained or unit.things[kind] >= 0.9)
    ]
    if not free:
        return None
    best = max(free, key=lambda each: each[:2])
    return best[2], best[3]


def _scored(intent: Intent, units: Sequence[Unit], found: _Explained, total: float, ordered: bool) -> Match:
    explained = found.places
    score = sum(explained.values()) + _CARRIED * len(found.carried) + _TERM * found.required
    slots = {slot.kind for slot in intent.slots.values()}
    for unit in units:
        if unit.place in explained:
            continue
        if unit.action and ordered and not unit.told:
            score -= _IGNORED_ORDER * unit.weight
        elif slots & set(unit.things):
            score += 0.25 * max(unit.things[kind] for kind in slots & set(unit.things))
        elif unit.ideas:
            score -= _UNEXPLAINED * unit.weight
        else:
            score -= _UNKNOWN_WORD * _weight(unit)
    score -= _VAGUE if intent.effect == "vague" else 0.0
    share = sum(explained.values()) / total if total else 0.0
    return Match(
        intent, round(score, 4), min(1.0, round(share, 4)), found.taken, frozenset(found.carried), frozenset(found.ideas)
    )
