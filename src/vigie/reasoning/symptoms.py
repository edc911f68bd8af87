"""What somebody outside would notice: is anything wrong at all?"""

from collections.abc import Mapping
from dataclasses import dataclass

from vigie.domain.fact import Fact
from vigie.knowledge.models import Probe, Symptom
from vigie.reasoning import matching
from vigie.reasoning.facts import Facts
from vigie.reasoning.looks import Looks
from vigie.reasoning.odds import freshness, log_ratio
from vigie.reasoning.times import Times

# All that was looked at and found good together: what is well in ten places may still be ill in an eleventh.
_MOST_FROM_SILENCE = 4.0


@dataclass(frozen=True, slots=True)
class Sign:
    """A symptom and the fact that shows it."""

    symptom: Symptom
    fact: Fact


@dataclass(frozen=True, slots=True)
class Signs:
    """What was noticed and what was looked at and found good.

    `log_odds` is how much it all speaks for "nothing wrong" against "some trouble". `blind` are symptoms that nobody looked for.
    """

    seen: tuple[Sign, ...]
    good: tuple[Symptom, ...]
    blind: tuple[Symptom, ...]
    log_odds: float

    @property
    def firm(self) -> tuple[Sign, ...]:
        """Return the signs that are a trouble by themselves."""
        return tuple(sign for sign in self.seen if not sign.symptom.loose)

    def facts(self) -> frozenset[str]:
        """Return the ids of the facts that show them."""
        return frozenset(sign.fact.id for sign in self.seen)


def signs(symptoms: Mapping[str, Symptom], probes: Mapping[str, Probe], facts: Facts, times: Times) -> Signs:
    """Return which symptoms the facts show."""
    looks = Looks(probes)
    seen: list[Sign] = []
    good: list[Symptom] = []
    blind: list[Symptom] = []
    against, silent = 0.0, 0.0
    for symptom in symptoms.values():
        shown = [match.fact for match in matching.find(symptom.see, facts, {}, times=times)]
        given_trouble, given_nothing = symptom.seen
        if shown:
            seen.extend(Sign(symptom, fact) for fact in shown)
            against += log_ratio(given_nothing, given_trouble) * max(freshness(fact, times.now) for fact in shown)
        elif _was_looked_for(symptom, facts, looks):
            good.append(symptom)
            silent += log_ratio(1 - given_nothing, 1 - given_trouble)
        elif symptom.check is not None and symptom.check.probe in probes:
            blind.append(symptom)
    return Signs(tuple(seen), tuple(good), tuple(blind), against + min(silent, _MOST_FROM_SILENCE))


def _was_looked_for(symptom: Symptom, facts: Facts, looks: Looks) -> bool:
    """Say whether the probe that would show a symptom was read, with whatever slots."""
    if symptom.check is not None:
        return bool(facts.runs(symptom.check.probe))
    return looks.exhausted(symptom.see.fact, facts) is not None
