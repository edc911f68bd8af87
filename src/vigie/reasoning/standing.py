"""How a diagnosis stands at one moment: the candidates, their odds with and without claims, and the symptoms."""

import functools
from dataclasses import dataclass

from vigie.domain.diagnosis import Hypothesis
from vigie.reasoning.odds import Candidate
from vigie.reasoning.posterior import SOMETHING_ELSE_FLOOR, Posterior
from vigie.reasoning.symptoms import Signs
from vigie.reasoning.times import Times

_SURE = 0.9
# Where a thing was heard of, and how it was put.
_HEARSAY = frozenset({"log", "message", "service", "template", "says"})


@dataclass(frozen=True)
class Standing:
    """Candidates with their shares: `posterior` counts claims and memory too, `sober` only evidence."""

    candidates: tuple[Candidate, ...]
    posterior: Posterior
    sober: Posterior
    signs: Signs
    times: Times

    @functools.cached_property
    def order(self) -> tuple[int, ...]:
        """Return the candidates' places, likeliest first."""
        return tuple(sorted(range(len(self.candidates)), key=lambda index: (-self.sober.candidates[index], index)))

    @functools.cached_property
    def leader(self) -> int | None:
        """Return the candidate to believe first; of several that are sure, the one that the complaint speaks of."""
        alive = [index for index in self.order if self.candidates[index].alive]
        sure = [index for index in alive if self.candidates[index].proved and self.confidence(index) >= _SURE]
        if sure:
            return max(sure, key=lambda index: (self.candidates[index].log_claims, self.posterior.candidates[index]))
        return alive[0] if alive else None

    def confidence(self, index: int) -> float:
        """Return how sure a candidate is against those that would explain the same; two faults at once may both be sure."""
        beside = sum(
            self.sober.candidates[other] for other in self.order if other != index and self._may_stand_beside(index, other)
        )
        if not beside:
            return self.sober.candidates[index]
        known = 1.0 - beside - self.sober.something_else
        unknown = max(self.sober.something_else_at_odds, known * SOMETHING_ELSE_FLOOR / (1.0 - SOMETHING_ELSE_FLOOR))
        again = sum(
            self.sober.candidates[other]
            for other in self.order
            if other != index and _heard_twice(self.candidates[index], self.candidates[other])
        )
        return min(1.0, (self.sober.candidates[index] + again) / max(1e-9, known + again + unknown))

    def rivals(self, index: int) -> list[int]:
        """Return who else would explain what this candidate explains, likeliest first."""
        return [
            other
            for other in self.order
            if other != index and self.candidates[other].alive and not self._may_stand_beside(index, other)
        ]

    def others_sure(self, index: int) -> list[int]:
        """Return the candidates that seem true besides this one."""
        return [
            other
            for other in self.order
            if other != index
            and self.candidates[other].proved
            and self._may_stand_beside(index, other)
            and self.confidence(other) >= _SURE
        ]

    def hypothesis(self, index: int) -> Hypothesis:
        """Return a candidate as the case keeps it."""
        candidate = self.candidates[index]
        return Hypothesis(
            candidate.cause.name,
            candidate.label(),
            dict(candidate.bindings),
            self.sober.candidates[index],
            tuple(dict.fromkeys(one.fact for one in candidate.testimonies if one.weight > 0)),
            tuple(dict.fromkeys(one.fact for one in candidate.testimonies if one.weight < 0 or one is candidate.out)),
            not candidate.alive,
        )

    def hypotheses(self) -> tuple[Hypothesis, ...]:
        """Return all candidates, likeliest first, the excluded last."""
        return tuple(self.hypothesis(index) for index in self.order)

    def _may_stand_beside(self, one: int, other: int) -> bool:
        """Say whether two candidates can be true at once: each proved, on facts of its own, and not mistaken for each other."""
        left, right = self.candidates[one], self.candidates[other]
        if not (left.proved and right.proved):
            return False
        if left.cause.name == right.cause.name and left.bindings.get("path", "") == right.bindings.get("path"):
            return True  # one change of one file, seen from two sides
        if _heard_twice(left, right):
            return True
        if right.cause.name in left.cause.look_alikes or left.cause.name in right.cause.look_alikes:
            return False
        return not (self._own_facts(one) & self._own_facts(other))

    @functools.cached_property
    def _own(self) -> tuple[frozenset[str], ...]:
        shared = self.signs.facts()
        return tuple(
            frozenset(one.fact for one in candidate.testimonies if one.seen and one.weight > 0) - shared
            for candidate in self.candidates
        )

    def _own_facts(self, index: int) -> frozenset[str]:
        return self._own[index]


def _heard_twice(one: Candidate, other: Candidate) -> bool:
    """Say whether two candidates are one thing that two logs tell of, as a server's and that of the program it refuses."""
    if one.cause.name != other.cause.name or one.bindings.get("log") == other.bindings.get("log"):
        return False
    left, right = ({name: value for name, value in each.bindings.items() if name not in _HEARSAY} for each in (one, other))
    return "log" in one.bindings and "log" in other.bindings and left == right
