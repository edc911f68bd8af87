"""The best next check: the most expected information for its cost.

Source: decision-theoretic troubleshooting, Heckerman, Breese and Rommelse 1995.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from vigie.knowledge.models import Evidence
from vigie.reasoning.facts import Facts
from vigie.reasoning.looks import Look, Looks, is_open
from vigie.reasoning.odds import Candidate, filled_slots, topic_of
from vigie.reasoning.posterior import Posterior, entropy_bits
from vigie.reasoning.relations import MADE_FROM

# Below this no look is worth its cost: the odds would stay as they are.
GAIN_MIN_BITS = 0.004
_COST_MIN_S = 0.02
# A candidate nobody has found yet shows itself where it is looked for, if it is the one.
_SHOWS_ITSELF = (0.9, 0.15)
_MUST_SHOW = 0.97
_CONSIDERED = 60
_WORTH_A_LOOK = 1e-4

Topic = tuple[str, str]


# The host is asked no more at a time.
_TOGETHER_MOST = 8


@dataclass(frozen=True, slots=True)
class Check:
    """A look to take next: what it should tell, what it costs, and why it is the best.

    `also`: other slots of the same probe, read in the same breath.
    """

    probe: str
    slots: dict[str, str]
    gain_bits: float
    cost_s: float
    why: dict[str, str] = field(default_factory=dict)
    also: tuple[dict[str, str], ...] = ()

    @property
    def looks(self) -> list[Look]:
        """Return all that is to be read."""
        return [Look.of(self.probe, slots) for slots in (self.slots, *self.also)]


@dataclass(slots=True)
class _Outcome:
    """What one look may show on one topic: P(seen | candidate) by candidate, and otherwise."""

    given: dict[int, float] = field(default_factory=dict)
    otherwise: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Prospect:
    """A look with its worth, and the candidates that it concerns, likeliest first."""

    look: Look
    gain_bits: float
    cost_s: float
    concerns: tuple[int, ...]

    @property
    def rate(self) -> float:
        """Return bits a second."""
        return self.gain_bits / max(self.cost_s, _COST_MIN_S)


class Chooser:
    """Weighs every look that could still tell something."""

    def __init__(self, looks: Looks, facts: Facts, asked: frozenset[Look]) -> None:
        self._looks = looks
        self._facts = facts
        self._asked = asked

    def prospects(self, candidates: Sequence[Candidate], posterior: Posterior) -> list[Prospect]:
        """Return what is worth a look, best first; equal ones in a fixed order."""
        outcomes = self._outcomes(candidates, posterior)
        before = posterior.entropy_bits
        shares = (*posterior.candidates, posterior.something_else, posterior.nothing_wrong)
        found: list[Prospect] = []
        for look, topics in outcomes.items():
            gains = sorted((_gain(outcome, shares, before) for outcome in topics.values()), reverse=True)
            gain = min(before, sum(value * 0.5**rank for rank, value in enumerate(gains)))
            concerned = {index for outcome in topics.values() for index in outcome.given}
            order = tuple(sorted(concerned, key=lambda index: -posterior.candidates[index]))
            found.append(Prospect(look, gain, self._looks.cost_s(look), order))
        return sorted(found, key=lambda one: (-one.rate, one.look.probe, one.look.slots))

    def _outcomes(self, candidates: Sequence[Candidate], posterior: Posterior) -> dict[Look, dict[Topic, _Outcome]]:
        found: dict[Look, dict[Topic, _Outcome]] = {}
        ranked = sorted(range(len(candidates)), key=lambda index: -posterior.candidates[index])[:_CONSIDERED]
        for index in ranked:
            if posterior.candidates[index] < _WORTH_A_LOOK:
                break
            for look, topic, given, otherwise in self._asks(candidates[index]):
                if not self._may_try(look):
                    continue
                outcome = found.setdefault(look, {}).setdefault(topic, _Outcome())
                outcome.given[index] = max(given, outcome.given.get(index, 0.0))
                outcome.otherwise.append(otherwise)
        return found

    def _may_try(self, look: Look) -> bool:
        return look not in self._asked and self._looks.knows(look.probe) and is_open(look, self._facts)

    def _asks(self, candidate: Candidate) -> Iterable[tuple[Look, Topic, float, float]]:
        for evidence in candidate.open:
            given = max(evidence.seen[0], _MUST_SHOW) if evidence.must else evidence.seen[0]
            given = min(given, 1 - _MUST_SHOW) if evidence.never else given
            for look in looks_for(evidence, candidate, self._looks, self._facts):
                yield look, topic_of(evidence.see, candidate.bindings), given, evidence.seen[1]
        if candidate.bound:
            return
        for pattern in candidate.cause.bind:
            for look in self._looks.to_see(pattern.fact, self._facts):
                yield look, ("bind", pattern.fact), *_SHOWS_ITSELF


def together(best: Look, prospects: Sequence[Prospect]) -> list[Look]:
    """Return what is read along with a look: the same of other things, where that is worth a look as well."""
    others = [
        one.look for one in prospects if one.look.probe == best.probe and one.look != best and one.gain_bits >= GAIN_MIN_BITS
    ]
    return others[: _TOGETHER_MOST - 1]


def looks_for(evidence: Evidence, candidate: Candidate, looks: Looks, facts: Facts) -> list[Look]:
    """Return the looks that would show a piece of evidence: its own check, or what a derived fact is made from."""
    if evidence.check is not None:
        slots = filled_slots(evidence.check, candidate.bindings)
        return [] if slots is None else [Look.of(evidence.check.probe, slots)]
    return looks.to_see(evidence.see.fact, facts) if evidence.see.fact in MADE_FROM else []


def _gain(outcome: _Outcome, shares: Sequence[float], before: float) -> float:
    """Return the expected fall of entropy when the look says seen or not seen."""
    otherwise = sum(outcome.otherwise) / len(outcome.otherwise)
    seen = [share * outcome.given.get(index, otherwise) for index, share in enumerate(shares)]
    probability = sum(seen)
    if not 0.0 < probability < 1.0:
        return 0.0
    unseen = [share - part for share, part in zip(shares, seen, strict=True)]
    after_seen = entropy_bits([part / probability for part in seen])
    after_unseen = entropy_bits([max(0.0, part) / (1.0 - probability) for part in unseen])
    return max(0.0, before - probability * after_seen - (1.0 - probability) * after_unseen)
