"""From facts to the next check or to a verdict: causes compete, the most telling look comes next, and it stops honestly."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from vigie.domain.diagnosis import Hypothesis, Verdict, VerdictKind
from vigie.domain.fact import Fact, Source
from vigie.domain.finding import Finding
from vigie.domain.host import Host
from vigie.knowledge.library import Knowledge
from vigie.knowledge.models import Cause
from vigie.reasoning import blame, explanation, odds, posterior, relations, symptoms, usual
from vigie.reasoning import times as times_of
from vigie.reasoning.checks import GAIN_MIN_BITS, Check, Chooser, Prospect, looks_for, together
from vigie.reasoning.complaint import Complaint
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import House, text_of
from vigie.reasoning.looks import Look, Looks
from vigie.reasoning.odds import Candidate
from vigie.reasoning.posterior import Posterior
from vigie.reasoning.recall import Boosts
from vigie.reasoning.standing import Standing
from vigie.reasoning.times import Times, beginning
from vigie.reasoning.trouble import CLAIMED, signs_of

SURE = 0.9
# How the host was when it was well, and as whom it is read.
_WELL = ("baseline.taken", "log.usual", "endpoint.usual", "service.usual", "host.user")
NOTHING_WRONG_FROM = 0.6
_LIKELY = 0.1
# Words and memory only say where to look first: together a factor of six at most.
_CLAIMS_MOST = math.log(6.0)
_SPOKEN_OF = math.log(2.0)
_GUESSED = frozenset(("name", "near"))
_CHANGES = "baseline.diff"
_OF_READERS = ("service.script", "file.setting")
_VARIABLE = re.compile(r"\{([a-z_]+)\}")

__all__ = ["Check", "Diagnosis"]


class Diagnosis:
    """One host's trouble, thought through from facts alone; it reads nothing itself.

    Give it facts with `add`, ask `next_check`: it names the look to take, or the verdict.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        host: Host,
        complaint: Complaint,
        *,
        lessons: Boosts | None = None,
        tried: Sequence[str] = (),
        now: datetime | None = None,
        mended: bool = False,
    ) -> None:
        """Begin to think.

        Args:
            knowledge: what may be wrong, and how it is seen.
            host: where.
            complaint: what is claimed.
            lessons: what past cases make likelier.
            tried: causes whose remedy did not help.
            now: the present; None: the latest fact's time.
            mended: a fault was mended, and what users suffered from is gone: another is looked for only where one still shows.
        """
        self._mended = mended
        self._knowledge = knowledge
        self._host = host
        self._complaint = complaint
        self._boosts = lessons or Boosts()
        self._tried = frozenset(tried)
        self._now = now
        self._facts = Facts(_finding_fact(finding) for finding in complaint.findings)
        self._looks = Looks(knowledge.probes)
        self._asked: set[Look] = set()
        self._standing: Standing | None = None

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Return all that is known, what follows from it included."""
        self.standing()
        return tuple(self._facts)

    def add(self, facts: Iterable[Fact]) -> None:
        """Take facts in."""
        self._facts.add(facts)
        self._standing = None

    def hypotheses(self) -> tuple[Hypothesis, ...]:
        """Return every cause with its odds, likeliest first, the excluded last."""
        return self.standing().hypotheses()

    def next_check(self) -> Check | Verdict:
        """Return the look to take next, never one taken before; or the verdict when no look is worth it."""
        standing = self.standing()
        if self._mended and standing.signs.good and not standing.signs.firm:
            return self._verdict(VerdictKind.NO_FAULT, standing, None)
        leader = standing.leader
        if leader is not None and standing.confidence(leader) >= SURE:
            prospect = self._proof_of(standing, leader) or self._spoken_of(standing, leader) or self._name_of(standing, leader)
            if prospect is not None:
                return self._take(prospect, standing)
            reader = self._reader_of(standing, leader)
            if reader is not None:
                return self._take(Prospect(reader, 0.0, self._looks.cost_s(reader), (leader,)), standing)
            if standing.candidates[leader].proved:
                return self._verdict(VerdictKind.CAUSE, standing, leader)
        best = self._best(standing)
        if best is not None:
            return self._take(best, standing)
        seen_well = not standing.signs.firm and standing.sober.nothing_wrong >= NOTHING_WRONG_FROM and standing.signs.good
        if seen_well and not self._is_blind():
            return self._verdict(VerdictKind.NO_FAULT, standing, None)
        return self._verdict(VerdictKind.UNDECIDED, standing, None)

    def standing(self) -> Standing:
        """Return how things stand: candidates, odds, symptoms."""
        if self._standing is None:
            self._standing = self._stand()
        return self._standing

    def _stand(self) -> Standing:
        now = self._now or self._facts.latest_at()
        known = usual.of({name: self._facts.named(name) for name in _WELL})
        settled = times_of.settled_at(self._facts.named("service.uptime_s"), House(self._facts).listeners())
        times = Times(now, None, known, settled)
        since = beginning(self._facts, self._complaint.findings, now, times) if now else None
        times = replace(times, since=since)
        self._facts.add(blame.blamed(self._facts, self._complaint, self._knowledge.lexicons))
        self._facts.replace_derived(relations.derive(self._facts, times))
        signs = symptoms.signs(self._knowledge.symptoms, self._knowledge.probes, self._facts, times)
        candidates: list[Candidate] = []
        unlooked = 0.0
        for cause in self._knowledge.causes.values():
            found = self._candidates(cause, times)
            candidates.extend(found)
            if not found:
                unlooked += cause.prior
        boosted = posterior.compete(candidates, unlooked_prior=unlooked, nothing_log_odds=signs.log_odds)
        sober = posterior.compete(candidates, unlooked_prior=unlooked, nothing_log_odds=signs.log_odds, sober=True)
        return Standing(tuple(candidates), boosted, sober, signs, times)

    def _candidates(self, cause: Cause, times: Times) -> list[Candidate]:
        """Return the cause's candidates; none where nobody can look for what it would concern."""
        claims = self._claims(cause)
        bindings = odds.bindings_of(cause, self._facts, times)
        if bindings:
            share = math.log(cause.prior / len(bindings))
            made = [Candidate(cause, one, True, share, claims) for one in bindings]
            weighed = [odds.weigh(one, self._facts, times, self._looks) for one in made]
            return [replace(one, excluded="tried") for one in weighed] if cause.name in self._tried else weighed
        plain = Candidate(cause, {}, False, math.log(cause.prior), claims)
        if any(self._looks.to_see(pattern.fact, self._facts) for pattern in cause.bind):
            return [odds.weigh(plain, self._facts, times, self._looks)]
        if any(self._looks.was_tried(pattern.fact, self._facts) for pattern in cause.bind):
            return [replace(plain, excluded="absent")]
        return []

    def _claims(self, cause: Cause) -> float:
        total = math.log(self._boosts.of(cause.name, cause.label))
        for concept, factor in cause.words.items():
            strength = self._complaint.concepts.get(concept, 0.0)
            total += strength * math.log(factor)
        return max(-_CLAIMS_MOST, min(_CLAIMS_MOST, total))

    def _best(self, standing: Standing) -> Prospect | None:
        prospects = self._prospects(standing, standing.posterior)
        worth = [one for one in prospects if one.gain_bits >= GAIN_MIN_BITS]
        return worth[0] if worth else None

    def _proof_of(self, standing: Standing, leader: int) -> Prospect | None:
        """Return the look that shows what the leader still has to show, or what would refute it."""
        candidate = standing.candidates[leader]
        musts = {
            look
            for evidence in candidate.open
            if evidence.must or evidence.never
            for look in looks_for(evidence, candidate, self._looks, self._facts)
        }
        return next((one for one in self._prospects(standing, standing.posterior) if one.look in musts), None)

    def _spoken_of(self, standing: Standing, leader: int) -> Prospect | None:
        """Return a look at a second fault: one that is proved, and that the complaint speaks of more than of the leader."""
        for index in standing.order:
            candidate = standing.candidates[index]
            speaks = candidate.log_claims - standing.candidates[leader].log_claims
            if index == leader or not candidate.proved or speaks < _SPOKEN_OF:
                continue
            open_looks = {
                look for evidence in candidate.open for look in looks_for(evidence, candidate, self._looks, self._facts)
            }
            found = next((one for one in self._prospects(standing, standing.posterior) if one.look in open_looks), None)
            if found is not None:
                return found
        return None

    def _name_of(self, standing: Standing, leader: int) -> Prospect | None:
        """Return the look that shows what the leader's label, or its first remedy, is still made of."""
        candidate = standing.candidates[leader]
        first = [self._knowledge.remedies[name] for name in candidate.cause.remedies[:1]]
        made_of = {*_VARIABLE.findall(candidate.cause.label), *(slot for remedy in first for slot in remedy.slots)}
        wanted = made_of - candidate.bindings.keys()
        looks = {
            look
            for evidence in candidate.open
            if wanted & evidence.see.take.keys()
            for look in looks_for(evidence, candidate, self._looks, self._facts)
        }
        return next((one for one in self._prospects(standing, standing.posterior) if one.look in looks), None) if looks else None

    def _reader_of(self, standing: Standing, leader: int) -> Look | None:
        """Return a look that may tell who really reads the file, where that is a guess or whoever reads it is well by itself."""
        bindings = standing.candidates[leader].bindings
        told = self._facts.about("file.used_by", f"file:{bindings.get('path')}")
        service = self._facts.about("service.troubled", f"service:{bindings.get('service')}")
        signs = {sign for fact in service for sign in signs_of(fact)}
        if not told or (signs - CLAIMED and any(text_of(fact, "how") not in _GUESSED for fact in told)):
            return None
        open_looks = (look for name in _OF_READERS for look in self._looks.to_see(name, self._facts))
        return next((look for look in open_looks if look not in self._asked), None)

    def _prospects(self, standing: Standing, shares: Posterior) -> list[Prospect]:
        chooser = Chooser(self._looks, self._facts, frozenset(self._asked))
        return chooser.prospects(standing.candidates, shares)

    def _take(self, prospect: Prospect, standing: Standing) -> Check:
        also = together(prospect.look, self._prospects(standing, standing.posterior))
        self._asked |= {prospect.look, *also}
        why = explanation.why_look(prospect, standing, self._looks)
        slots = tuple(dict(look.slots) for look in also)
        return Check(prospect.look.probe, dict(prospect.look.slots), prospect.gain_bits, prospect.cost_s, why, slots)

    def _verdict(self, kind: VerdictKind, standing: Standing, leader: int | None) -> Verdict:
        deciding = self._deciding(standing) if kind is VerdictKind.UNDECIDED else None
        lead = standing.hypothesis(leader) if leader is not None else None
        confidence = {
            VerdictKind.CAUSE: standing.confidence(leader) if leader is not None else 0.0,
            VerdictKind.NO_FAULT: standing.sober.nothing_wrong,
            VerdictKind.UNDECIDED: max(standing.sober.candidates, default=0.0),
        }[kind]
        told = explanation.explain(kind, standing, self._facts, leader=leader, deciding=deciding, looks=self._looks)
        return Verdict(kind, lead, standing.hypotheses(), min(confidence, 0.98), deciding.probe if deciding else None, told)

    def _deciding(self, standing: Standing) -> Look | None:
        """Return the look that would decide, were it possible: for what is likeliest, then for what could not be looked for."""
        alive = [index for index in standing.order if standing.candidates[index].alive]
        likely = [index for index in alive if standing.sober.candidates[index] >= _LIKELY]
        for index in likely:
            look = self._open_look(standing.candidates[index])
            if look is not None:
                return look
        return self._blind_look(standing) or next(
            (look for index in alive if (look := self._open_look(standing.candidates[index])) is not None), None
        )

    def _open_look(self, candidate: Candidate) -> Look | None:
        """Return the look that would tell most of one candidate."""
        by_weight = sorted(candidate.open, key=lambda one: (not one.must, -abs(odds.log_ratio(*one.seen))))
        for evidence in by_weight:
            if evidence.check is not None:
                return Look.of(evidence.check.probe, odds.filled_slots(evidence.check, candidate.bindings) or {})
        return None

    def _is_blind(self) -> bool:
        """Say whether a sign of trouble could not be looked for at all: then that none was seen says little."""
        if self._facts.unavailable(_CHANGES, {}) is not None:
            return True
        firm = {symptom.see.fact for symptom in self._knowledge.symptoms.values() if not symptom.loose}
        return any(self._looks.refused(name, self._facts) for name in firm)

    def _blind_look(self, standing: Standing) -> Look | None:
        """Return the look that failed and would show the likeliest of the causes that nobody could look for."""
        seen = {candidate.cause.name for candidate in standing.candidates}
        blind = [cause for cause in self._knowledge.causes.values() if cause.name not in seen]
        for cause in sorted(blind, key=lambda one: -(math.log(one.prior) + self._claims(one))):
            for pattern in cause.bind:
                look = self._looks.failed(pattern.fact, self._facts)
                if look is not None:
                    return look
        return None


def _finding_fact(finding: Finding) -> Fact:
    return Fact(
        f"finding-{finding.key}"[:80],
        finding.host,
        finding.subject,
        "finding.seen",
        {
            "kind": finding.kind,
            "count": finding.count,
            "first": finding.first_at.isoformat(),
            "last": finding.last_at.isoformat(),
            "excerpt": finding.excerpt,
        },
        finding.last_at,
        Source(finding.source, finding.excerpt),
    )
