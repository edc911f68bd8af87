"""How much the facts speak for a cause: log-odds from evidence seen and evidence looked for and not seen.

`diagnosis.py` makes the candidates compete; `checks.py` asks what would still be worth a look.
"""

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from vigie.domain.fact import Fact
from vigie.knowledge.models import Cause, Check, Evidence, Pattern
from vigie.reasoning import matching
from vigie.reasoning.facts import Facts
from vigie.reasoning.looks import Looks
from vigie.reasoning.times import Times

# One piece of evidence never decides alone: at most a factor of a hundred.
_MOST = math.log(100.0)
# Half as much again for what the same probe said of the same thing: it is hardly independent.
_SAME_VOICE = 0.5
_BY_THE_WAY = 0.5
_HALF_LIFE_S = 30 * 60.0

Exclusion = Literal["tried", "absent"]


@dataclass(frozen=True, slots=True)
class Testimony:
    """What one piece of evidence says of a candidate.

    `fact` shows it: the thing seen, or that the probe was read and did not show it. `weight` is its log likelihood ratio.
    `loose`: it was not looked for here in particular, it did not come by where it might have; that excludes nothing.
    """

    evidence: Evidence
    fact: str
    seen: bool
    weight: float
    voice: tuple[str, str]
    topic: tuple[str, str]
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A cause bound to things of a host, with all that is said of it.

    `bound` False: what it would concern has not been found yet. `out`: the testimony that excludes it; `excluded`: it was tried
    in vain, or there is nothing here that it could concern. `open` are the pieces of
    evidence that nobody has looked for. `missing` counts those that must be seen and have not been.
    """

    cause: Cause
    bindings: dict[str, str]
    bound: bool
    log_prior: float
    log_claims: float
    testimonies: tuple[Testimony, ...] = ()
    out: Testimony | None = None
    open: tuple[Evidence, ...] = ()
    missing: int = 0
    log_evidence: float = 0.0
    excluded: Exclusion | None = None

    @property
    def log_weight(self) -> float:
        """Return its weight against the others, claims and memory included."""
        return self.sober_log_weight + self.log_claims

    @property
    def sober_log_weight(self) -> float:
        """Return its weight from evidence alone."""
        return self.log_prior + self.log_evidence if self.alive else -math.inf

    @property
    def alive(self) -> bool:
        """Say whether it may still be the one."""
        return self.out is None and self.excluded is None

    @property
    def proved(self) -> bool:
        """Say whether everything that must be seen was seen."""
        return self.bound and self.alive and self.missing == 0

    def label(self) -> str:
        """Return what it is filed under."""
        words = {"role": "app", **_words(self.bindings)}
        parts = [matching.fill(part, words) for part in self.cause.label.split(".")]
        return ".".join(part for part in itertools.takewhile(lambda part: part is not None, parts) if part)


def bindings_of(cause: Cause, facts: Facts, times: Times, *, limit: int = 200) -> list[dict[str, str]]:
    """Return what the cause could concern on this host; one empty binding when it concerns the host as a whole.

    A thing that one alternative has found is left to it by those that follow.
    """
    if not cause.bind:
        return [{}]
    found: dict[frozenset[tuple[str, str]], dict[str, str]] = {}
    spoken_for: set[str] = set()
    for pattern in cause.bind:
        subjects: set[str] = set()
        for match in matching.find(pattern, facts, {}, times=times):
            if match.fact.subject in spoken_for:
                continue
            subjects.add(match.fact.subject)
            found.setdefault(frozenset(match.bindings.items()), match.bindings)
            if len(found) >= limit:
                return list(found.values())
        spoken_for |= subjects
    return list(found.values())


def weigh(candidate: Candidate, facts: Facts, times: Times, looks: Looks | None = None) -> Candidate:
    """Return the candidate with everything that the facts say of it; of one not yet found, only what concerns the whole host."""
    bindings = dict(candidate.bindings)
    testimonies: list[Testimony] = []
    unknown: list[Evidence] = []
    missing, out = 0, None
    for evidence in candidate.cause.evidence:
        if not candidate.bound and matching.mentions(evidence.see):
            continue
        testimony = _heard(evidence, facts, bindings, times) or _missed(evidence, facts, bindings, times, looks)
        if testimony is None:
            unknown.append(evidence)
            missing += evidence.must
            continue
        testimonies.append(testimony)
        if evidence.must and not testimony.seen and testimony.loose:
            missing += 1
        elif out is None and ((evidence.must and not testimony.seen) or (evidence.never and testimony.seen)):
            out = testimony
    return replace(
        candidate,
        bindings=bindings,
        testimonies=tuple(testimonies),
        out=out,
        open=tuple(unknown),
        missing=missing,
        log_evidence=_total(testimonies),
    )


def filled_slots(check: Check, bindings: Mapping[str, str]) -> dict[str, str] | None:
    """Return the slots of a check with their variables replaced; None when one is not known yet."""
    slots = {name: matching.fill(template, bindings) for name, template in check.slots.items()}
    known = {name: value for name, value in slots.items() if value is not None}
    return known if len(known) == len(slots) else None


def topic_of(pattern: Pattern, bindings: Mapping[str, str]) -> tuple[str, str]:
    """Return a name for what a pattern asks, equal for equal questions."""
    subject = matching.fill(pattern.subject, bindings) if pattern.subject else ""
    asked = ",".join(f"{name}:{condition!r}" for name, condition in sorted(pattern.value.items()))
    return f"{pattern.fact} {subject or pattern.subject}", asked


def age_weight(at: datetime, now: datetime | None) -> float:
    """Return how much a sight of `at` still says: half after half an hour, never nothing."""
    if now is None:
        return 1.0
    return max(0.1, math.pow(0.5, max(0.0, (now - at).total_seconds()) / _HALF_LIFE_S))


def freshness(fact: Fact, now: datetime | None) -> float:
    """Return how much a fact still says; a change tells of the past and is as true now as when it was noticed."""
    tells_of_the_past = fact.name.startswith("change.") or fact.probe == "baseline.diff"
    return 1.0 if tells_of_the_past else age_weight(fact.at, now)


def log_ratio(given_it: float, given_other: float) -> float:
    """Return the log of a likelihood ratio, limited so that nothing decides alone."""
    return max(-_MOST, min(_MOST, math.log(given_it / given_other)))


def _heard(evidence: Evidence, facts: Facts, bindings: dict[str, str], times: Times) -> Testimony | None:
    given_it, given_other = evidence.seen
    match = matching.first(evidence.see, facts, bindings, times=times)
    if match is not None:
        bindings.update(match.bindings)
        weight = log_ratio(given_it, given_other) * freshness(match.fact, times.now)
        return Testimony(evidence, match.fact.id, True, weight, _voice(match.fact), (match.fact.id, ""))
    ran = _looked(evidence, facts, bindings)
    if ran is None:
        return None
    weight = log_ratio(1 - given_it, 1 - given_other) * freshness(ran, times.now)
    return Testimony(evidence, ran.id, False, weight, (ran.id, ""), topic_of(evidence.see, bindings))


def _missed(evidence: Evidence, facts: Facts, bindings: Mapping[str, str], times: Times, looks: Looks | None) -> Testimony | None:
    """What has no check of its own and did not come by, although everything that shows such things was read."""
    if evidence.check is not None or looks is None:
        return None
    ran = looks.exhausted(evidence.see.fact, facts)
    if ran is None:
        return None
    given_it, given_other = evidence.seen
    loose = not evidence.see.fact.startswith("change.")
    weight = log_ratio(1 - given_it, 1 - given_other) * freshness(ran, times.now) * (_BY_THE_WAY if loose else 1.0)
    return Testimony(evidence, ran.id, False, weight, (ran.id, evidence.see.fact), topic_of(evidence.see, bindings), loose)


def _looked(evidence: Evidence, facts: Facts, bindings: Mapping[str, str]) -> Fact | None:
    if evidence.check is None:
        return None
    slots = filled_slots(evidence.check, bindings)
    return None if slots is None else facts.ran(evidence.check.probe, slots)


def _voice(fact: Fact) -> tuple[str, str]:
    return fact.probe or fact.source.line, fact.subject


def _total(testimonies: Iterable[Testimony]) -> float:
    """Add up what is said, each fact once, and what one voice says of one thing with a falling weight."""
    strongest: dict[tuple[tuple[str, str], bool], Testimony] = {}
    for one in testimonies:
        key = (one.topic, one.weight > 0)
        known = strongest.get(key)
        if known is None or abs(one.weight) > abs(known.weight):
            strongest[key] = one
    voices: dict[tuple[tuple[str, str], bool], list[float]] = {}
    for one in strongest.values():
        voices.setdefault((one.voice, one.weight > 0), []).append(one.weight)
    total = 0.0
    for weights in voices.values():
        weights.sort(key=abs, reverse=True)
        total += sum(weight * _SAME_VOICE**rank for rank, weight in enumerate(weights))
    return total


def _words(bindings: Mapping[str, str]) -> dict[str, str]:
    return {name: _label_word(value) for name, value in bindings.items()}


def _label_word(value: str) -> str:
    word = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in value.lower()).strip("_")
    return word or "unknown"
