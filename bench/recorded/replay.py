"""Diagnoses and plans from a recording alone: what the product would have asked, it is answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bench.recorded.faults import Fault
from bench.recorded.recording import Recording
from vigie.domain.action import Plan
from vigie.domain.diagnosis import Verdict, VerdictKind
from vigie.domain.fact import Fact, Source, Value
from vigie.i18n import Language
from vigie.knowledge.library import Knowledge, load
from vigie.reasoning import baseline, planning, relations
from vigie.reasoning.complaint import understand
from vigie.reasoning.diagnosis import Check, Diagnosis
from vigie.reasoning.facts import UNAVAILABLE, Facts
from vigie.reasoning.looks import Look, Looks, is_open
from vigie.reasoning.probing import fact_id
from vigie.reasoning.times import ALWAYS

_CHECKS_MOST = 80
_PAGES = "endpoint.pages"


@dataclass
class Replayed:
    """What was thought; `used` are the probes that were read, `missing` the looks that the recording has no answer to."""

    verdict: Verdict
    plan: Plan | None
    checks: list[Look] = field(default_factory=list)
    missing: list[Look] = field(default_factory=list)
    diagnosis: Diagnosis | None = None

    @property
    def label(self) -> str | None:
        if self.verdict.kind is VerdictKind.NO_FAULT:
            return "no_fault"
        leader = self.verdict.leader
        return leader.label if self.verdict.kind is VerdictKind.CAUSE and leader is not None else None

    @property
    def cited(self) -> set[str]:
        """The probes whose facts speak for the verdict."""
        assert self.diagnosis is not None
        leader = self.verdict.leader
        known = {fact.id: fact for fact in self.diagnosis.facts}
        ids = leader.facts_for if leader is not None else ()
        return {probe for one in ids if one in known for probe in _probes_of(known[one], known)}


def replay(
    recording: Recording,
    ticket: str,
    *,
    knowledge: Knowledge | None = None,
    well_known: bool = True,
    language: Language = "en",
    without: Sequence[str] = (),
    tried: Sequence[str] = (),
) -> Replayed:
    """Work a recording.

    Args:
        recording: what the host answered.
        ticket: what its users say.
        knowledge: the released one when not given.
        well_known: whether there was a baseline.
        language: of the ticket.
        without: probes that cannot be read.
        tried: causes whose remedy did not help.
    """
    known = knowledge or load()
    diagnosis = Diagnosis(known, recording.host, understand(ticket, language_hint=language), tried=tried)
    changes = recording.changes if well_known and "baseline.diff" not in without else ()
    seen = _survey(recording, known, without, pages=not well_known)
    if well_known and "baseline.diff" not in without:
        now = max(fact.at for fact in seen)
        seen += [*recording.usual, *baseline.change_facts(changes, host=recording.host.name, at=now)]
    elif well_known:
        seen += [*recording.usual, _refused(recording.host.name, Look("baseline.diff"), max(fact.at for fact in seen))]
    diagnosis.add(seen)
    checks: list[Look] = []
    missing: list[Look] = []
    while isinstance(step := diagnosis.next_check(), Check) and len(checks) < _CHECKS_MOST:
        checks += step.looks
        missing += [look for look in step.looks if look not in recording.answers]
        diagnosis.add(fact for look in step.looks for fact in answer(recording, look, without))
    assert isinstance(step, Verdict)
    plan = None
    if step.kind is VerdictKind.CAUSE and step.leader is not None:
        plan = planning.plan(known, step.leader, diagnosis.facts, changes, recording.host)
    return Replayed(step, plan, checks, missing, diagnosis)


def worked(fault: Fault, recording: Recording, **how: object) -> Replayed:
    return replay(recording, fault.ticket["en"], **how)  # type: ignore[arg-type]  # passed on as they are


def answer(recording: Recording, look: Look, without: Sequence[str]) -> list[Fact]:
    """Return what a look showed; one that was not recorded or is taken away cannot be taken."""
    if look.probe not in without and look in recording.answers:
        return recording.answers[look]
    when = max(fact.at for facts in recording.answers.values() for fact in facts)
    return [_refused(recording.host.name, look, when)]


def _survey(recording: Recording, known: Knowledge, without: Sequence[str], *, pages: bool) -> list[Fact]:
    facts, found = Facts(), list[Fact]()
    looks = Looks(known.probes)
    probes = [probe for probe in known.probes.values() if probe.survey and (pages or probe.name != _PAGES)]
    for _ in range(6):
        facts.replace_derived(relations.derive(facts, ALWAYS))
        todo = dict.fromkeys(look for probe in probes for look in looks.every(probe, facts) if is_open(look, facts))
        if not todo:
            break
        seen = [fact for look in todo for fact in answer(recording, look, without)]
        facts.add(seen)
        found += seen
    return found


def _probes_of(fact: Fact, known: dict[str, Fact]) -> set[str]:
    if fact.probe is not None:
        return {fact.probe}
    return {
        probe for one in fact.source.line.split() if one in known and one != fact.id for probe in _probes_of(known[one], known)
    }


def _refused(host: str, look: Look, when: datetime) -> Fact:
    slots: dict[str, Value] = dict(look.slots)
    value: dict[str, Value] = {"slots": slots, "why": "refused", "detail": "", "tried": []}
    subject = f"probe:{look.probe}"
    made_id = fact_id(host, subject, UNAVAILABLE, value, when)
    return Fact(made_id, host, subject, UNAVAILABLE, value, when, Source(look.probe), look.probe)
