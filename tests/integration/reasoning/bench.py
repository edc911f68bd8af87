"""Works a laboratory's fault from the first look to the verified end, with reasoning alone and no gate between."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from vigie.domain.action import Plan
from vigie.domain.baseline import Baseline
from vigie.domain.diagnosis import Verdict, VerdictKind
from vigie.domain.fact import Fact
from vigie.domain.host import Host
from vigie.knowledge import detection, library
from vigie.knowledge.models import Probe
from vigie.lab.stack import Stack
from vigie.reasoning import baseline, planning, verification
from vigie.reasoning.complaint import Complaint
from vigie.reasoning.diagnosis import Check, Diagnosis
from vigie.reasoning.facts import Facts
from vigie.reasoning.looks import Look, Looks, is_open
from vigie.reasoning.probing import Batch
from vigie.reasoning.verification import Judged

KNOWN = library.load()


@dataclass
class Worked:
    """What came of a fault."""

    verdict: Verdict
    checks: list[Check]
    diagnosis: Diagnosis
    plan: Plan | None = None
    judged: list[Judged] = field(default_factory=list)
    failed: str = ""
    seconds: float = 0.0


@dataclass
class Hands:
    """Runs lines in the laboratory."""

    stack: Stack
    host: Host
    artefacts: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    async def on(cls, stack: Stack) -> "Hands":
        host = stack.host("lab")
        outputs = [await stack.enter(line) for line in detection.lines(KNOWN)]
        found = detection.found(KNOWN, outputs, host.focus)
        assert found
        return cls(stack, replace(host, manager=found[0].manager.name, options=found[0].options()))

    async def observe(self, looks: Iterable[Look], programs: Sequence[str] | None = None) -> list[Fact]:
        batch = Batch(
            [(KNOWN.probes[look.probe], dict(look.slots)) for look in looks], self.host, programs=programs, knowledge=KNOWN
        )
        while pending := batch.pending():
            batch.take(pending, await asyncio.gather(*[self.stack.enter(line.line, stdin=line.stdin) for line in pending]))
        return batch.facts(datetime.now(UTC))

    async def read_all(self, wanted: Callable[[Probe], bool]) -> list[Fact]:
        facts, found = Facts(), await self.observe([Look("tools")])
        facts.add(found)
        programs = next(
            list(map(str, fact.value)) for fact in found if fact.name == "host.programs" and isinstance(fact.value, list)
        )
        looks = Looks(KNOWN.probes)
        for _ in range(5):
            probes = [probe for probe in KNOWN.probes.values() if wanted(probe)]
            todo = list(dict.fromkeys(look for probe in probes for look in looks.every(probe, facts) if is_open(look, facts)))
            if not todo:
                break
            seen = await self.observe(todo, programs)
            facts.add(seen)
            found += seen
        return found

    async def baseline(self) -> Baseline:
        names = {probe.name for probe in baseline.survey(KNOWN, self.host)}
        facts = await self.read_all(lambda probe: probe.name in names)
        self.artefacts |= {hashlib.sha256(body).hexdigest(): body for body in baseline.contents(facts).values()}
        return baseline.baseline(self.host.name, facts, datetime.now(UTC))

    async def run(self, line: str, source: str | None) -> int | None:
        stdin = None
        if source is not None:
            kind, _, name = source.partition(":")
            stdin = KNOWN.scripts[name].source if kind == "script" else self.artefacts[source]
        return (await self.stack.enter(line, stdin=stdin, timeout_s=60)).rc


async def work(hands: Hands, former: Baseline | None, complaint: Complaint) -> Worked:
    """Diagnose, plan, mend, verify."""
    began = time.monotonic()
    diagnosis = Diagnosis(KNOWN, hands.host, complaint)
    diagnosis.add(await hands.read_all(lambda probe: probe.survey))
    changes = []
    if former is not None:
        names = {probe.name for probe in baseline.survey(KNOWN, hands.host)}
        now = datetime.now(UTC)
        changes = baseline.diff(former, await hands.read_all(lambda probe: probe.name in names), now)
        diagnosis.add(baseline.change_facts(changes))
    checks: list[Check] = []
    while isinstance(step := diagnosis.next_check(), Check):
        checks.append(step)
        diagnosis.add(await hands.observe(step.looks))
    worked = Worked(step, checks, diagnosis)
    if step.kind is VerdictKind.CAUSE and step.leader is not None:
        worked.plan = planning.plan(KNOWN, step.leader, diagnosis.facts, changes, hands.host)
        if worked.plan is not None:
            worked.failed = await _mend(hands, worked.plan)
            worked.judged = await _verify(hands, worked, complaint)
    worked.seconds = time.monotonic() - began
    return worked


async def _mend(hands: Hands, plan: Plan) -> str:
    for line in plan.precondition:
        if await hands.run(line, None) != 0:
            return f"precondition: {line}"
    for step in plan.steps:
        if await hands.run(step.line, step.stdin) != 0:
            return step.line
        for _ in range(40):
            if await hands.run(step.goal, step.feeds.get(step.goal)) == 0:
                break
            await asyncio.sleep(0.1)
        else:
            return f"goal: {step.goal}"
    return ""


async def _verify(hands: Hands, worked: Worked, complaint: Complaint) -> list[Judged]:
    assert worked.plan is not None
    assert worked.verdict.leader is not None
    aims = verification.checks(worked.plan, worked.verdict.leader, worked.diagnosis.facts, complaint)
    since = datetime.now(UTC)
    rounds: list[Judged] = []
    ends, good_since = time.monotonic() + 20, None
    while time.monotonic() < ends:
        looked_at = datetime.now(UTC)
        rounds.append(verification.judge(aims, worked.diagnosis.facts, await hands.observe(aims.looks), since=since))
        if rounds[-1].symptoms_gone and not rounds[-1].broken:
            good_since = good_since or time.monotonic()
            if time.monotonic() - good_since >= aims.sustain_s:
                break
        else:
            good_since, since = None, looked_at
        await asyncio.sleep(1)
    return rounds
