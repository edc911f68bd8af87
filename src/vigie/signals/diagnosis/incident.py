"""Which of the oddities make one incident, and whether there is one at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from vigie.signals.diagnosis.habits import Oddity, Timeline
from vigie.signals.diagnosis.wording import OTHERS, OWN, Badness

# An oddity alone must be this surprising to be one (a log likelihood ratio: 1 in e^9 by chance, over some hundred sayings).
ODD = 7.0
# The best of many intervals surprises more by chance than one that lasts to the end, or begins with the first of its lines.
_ODD_BURST = 12.0
_SURE = 11.0
# How much a silence speaks for trouble, beside the lines' own weights.
_SILENCE = 1.2
_APART_S = 45.0
_APART_SHARE = 0.02
WEIGHTS = {
    Badness.NONE: 0.0,
    Badness.MURMUR: 0.2,
    Badness.WARNING: 0.5,
    Badness.ERROR: 1.0,
    Badness.CRITICAL: 1.3,
    Badness.DECISIVE: 2.0,
}
_ONE_MAX = 60.0
_SERVICES_WEIGH = 0.4


@dataclass(slots=True)
class Incident:
    """Oddities that overlap in time, and the rare lines around them. Instants in seconds, on the clock that was set right."""

    first_s: float
    last_s: float
    oddities: list[Oddity] = field(default_factory=list)

    @property
    def weight(self) -> float:
        """Return how much speaks for it: surprise times badness, more when several services are hit."""
        services = {oddity.saying.service for oddity in self.oddities}
        return sum(map(weight, self.oddities)) * (1 + _SERVICES_WEIGH * (len(services) - 1))


def weight(oddity: Oddity) -> float:
    """Return how much one oddity speaks for trouble."""
    factor = _SILENCE if oddity.kind == "silence" else WEIGHTS[oddity.saying.badness]
    if oddity.saying.badness is Badness.MURMUR and not oddity.saying.sorts & (OWN | OTHERS):
        factor /= 2
    return min(_ONE_MAX, oddity.strength) * factor


def incidents(line: Timeline, oddities: Sequence[Oddity]) -> list[Incident]:
    """Return the incidents, the one that most speaks for first; none when nothing is wrong."""
    apart = max(_APART_S, _APART_SHARE * (line.end_s - line.origin_s))
    odd = sorted((oddity for oddity in oddities if is_odd(oddity)), key=lambda one: one.first_s)
    found: list[Incident] = []
    for oddity in odd:
        if found and oddity.first_s <= found[-1].last_s + apart:
            found[-1].oddities.append(oddity)
            found[-1].last_s = max(found[-1].last_s, oddity.last_s)
        else:
            found.append(Incident(oddity.first_s, oddity.last_s, [oddity]))
    for oddity in oddities:  # what is too rare to surprise by itself, but said just then
        if not is_odd(oddity):
            for incident in found:
                if (
                    incident.first_s - apart <= oddity.first_s
                    and oddity.last_s <= incident.last_s + apart
                    and oddity.kind == "new"
                ):
                    incident.oddities.append(oddity)
    return sorted((incident for incident in found if _is_trouble(incident)), key=lambda one: -one.weight)


def is_odd(oddity: Oddity) -> bool:
    """Say whether something is out of the ordinary by itself: surprising enough, or decisive however rare."""
    return oddity.strength >= (_ODD_BURST if oddity.kind == "burst" else ODD) or _is_decisive(oddity)


def _is_decisive(oddity: Oddity) -> bool:
    return oddity.saying.badness is Badness.DECISIVE


def _is_trouble(incident: Incident) -> bool:
    """Say whether an incident is worth a cause: surprising enough for how bad its words are."""
    weights = [weight(oddity) for oddity in incident.oddities]
    bad = [oddity for oddity in incident.oddities if oddity.saying.badness >= Badness.WARNING or oddity.kind == "silence"]
    if any(_is_decisive(oddity) for oddity in incident.oddities):
        return True
    worst = max((oddity.saying.badness for oddity in incident.oddities), default=Badness.NONE)
    if worst < Badness.ERROR and not any(oddity.kind == "silence" for oddity in bad):
        return sum(weights) >= 3 * _SURE and len(bad) > 0
    return max(weights, default=0.0) >= _SURE or (sum(weights) >= 1.5 * _SURE and len(bad) > 1)
