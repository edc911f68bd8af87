"""Verifier: looks from outside whether a mend helped, long enough, and that nothing else has changed."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, TypeAlias

from vigie.agents.agent import Agent, capability
from vigie.agents.bench import programs_of
from vigie.domain.action import Plan
from vigie.domain.case import Case, Phase
from vigie.domain.diagnosis import Hypothesis
from vigie.domain.fact import Fact, Value
from vigie.domain.host import Host
from vigie.domain.watch import Watch
from vigie.i18n import Language, language_of
from vigie.reasoning import complaint, verification
from vigie.reasoning.facts import Facts
from vigie.reasoning.outside import answers_well
from vigie.reasoning.sayings import Saying
from vigie.reasoning.verification import Aims, Better, Judged

_EVERY_S = 1.0
# Services need a moment to come up and queues to drain; after this, what is not good is not mended.
_SETTLE_S = 25.0
# Two faults that are both sure share the odds.
_LIKELY = 0.2
_WATCH_EVERY_S = 60.0
_WATCH_FOR = timedelta(hours=1)

Looked: TypeAlias = Callable[[bool], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a verification saw, each thing said in both languages: `still` is not good yet, `broken` was good before.

    `helped`: the cause is gone, and something that users suffered from with it, or the rest has another likely cause.
    """

    helped: bool
    symptoms_gone: bool
    good: tuple[Saying, ...]
    still: tuple[Saying, ...]
    broken: tuple[Saying, ...]
    sustained_s: float


@dataclass(slots=True)
class _Lasting:
    """How long something has held without a break."""

    since_s: float | None = None
    lasted_s: float = 0.0

    def note(self, holds: bool, now_s: float) -> None:
        """Take one look into account."""
        self.since_s = (now_s if self.since_s is None else self.since_s) if holds else None
        self.lasted_s = 0.0 if self.since_s is None else now_s - self.since_s

    @property
    def holds(self) -> bool:
        """Say whether it held at the last look."""
        return self.since_s is not None


class Verifier(Agent):
    """Repeats what users suffered from. One good look is not enough: it must stay good."""

    name = "verifier"
    description: ClassVar[dict[Language, str]] = {
        "en": "Checks from outside that the trouble is gone, for long enough, and that nothing else has changed.",
        "fr": "Vérifie de l’extérieur que le trouble a disparu, assez longtemps, et que rien d’autre n’a changé.",
    }
    phases = (Phase.VERIFY,)

    @capability
    async def verify(self, host: Host, case: Case, plan: Plan, leader: Hypothesis, *, looked: Looked) -> Seen:
        """Look again and again until it has been good for long enough, or has not become good in time.

        `looked` is told after each round whether it was good.
        """
        aims = verification.checks(plan, leader, case.facts, self._claim(case), knowledge=self._bench.knowledge)
        clock = self._bench.clock
        since = clock.now()
        ends_s = clock.monotonic_s() + _SETTLE_S
        all_good, cause_gone = _Lasting(), _Lasting()
        while True:
            looked_at = clock.now()
            facts = await self._look(host, case, aims)
            judged = verification.judge(aims, case.facts, facts, since=since)
            now_s = clock.monotonic_s()
            all_good.note(judged.verdict is Better.BETTER, now_s)
            cause_gone.note(judged.cause_gone and not judged.broken, now_s)
            await looked(all_good.holds)
            await self._tell_look(case, judged, all_good.lasted_s)
            helped = judged.cause_gone and (judged.symptoms_gone or _helped(aims, facts, case, leader))
            is_over = now_s >= ends_s and not all_good.holds
            # Half a success that lasts is another fault's half: whoever looks for that one need not wait.
            is_half = helped and cause_gone.lasted_s >= aims.sustain_s
            if is_over or is_half or all_good.lasted_s >= aims.sustain_s:
                lasted_s = round(max(all_good.lasted_s, cause_gone.lasted_s), 1)
                return Seen(helped, judged.symptoms_gone, judged.good, judged.still, judged.broken, lasted_s)
            if not all_good.holds:
                # What was begun before the mend may still complain at its end: from here on, it must be quiet for long enough.
                since = looked_at
            await asyncio.sleep(_EVERY_S)

    @capability
    async def keep_watch(self, case: Case) -> Watch | None:
        """Have what was mended looked at again for a while; None where there is nothing to look at."""
        if case.plan is None or case.verdict is None or case.verdict.leader is None:
            return None
        aims = verification.checks(case.plan, case.verdict.leader, case.facts, self._claim(case), knowledge=self._bench.knowledge)
        check = next((found for found in (_request_check(aims), _goodness_check(aims)) if found is not None), None)
        if check is None:
            return None
        until = self._bench.clock.now() + _WATCH_FOR
        watch = Watch(f"W-{case.id}", case.host, check, _WATCH_EVERY_S, until, case.id)
        await self._bench.memory.watches.save(watch)
        return watch

    def _claim(self, case: Case) -> complaint.Complaint:
        return complaint.understand(
            case.ticket, case.findings, language_of(case.language), lexicons=self._bench.knowledge.lexicons
        )

    async def _look(self, host: Host, case: Case, aims: Aims) -> list[Fact]:
        return await self._bench.observe(
            host, aims.looks, actor=f"agent:{self.name}", case=case.id, programs=programs_of(case.facts)
        )

    async def _tell_look(self, case: Case, judged: Judged, sustained_s: float) -> None:
        good, bad = len(judged.good), len(judged.still) + len(judged.broken)
        await self._bench.tell(
            "case.looked",
            actor=f"agent:{self.name}",
            case=case.id,
            body={
                "good": good,
                "of": good + bad,
                "seconds": round(sustained_s, 1),
                "still": [told(each) for each in (*judged.still, *judged.broken)],
            },
        )


def told(saying: Saying) -> dict[str, Value]:
    """Return a sentence as the journal keeps it."""
    return {"en": saying.en, "fr": saying.fr}


def _helped(aims: Aims, facts: Sequence[Fact], case: Case, leader: Hypothesis) -> bool:
    """Say whether a mend that left something ill is worth keeping: what is left is another fault's."""
    if not aims.requests:
        return True
    now = Facts(facts)
    answers = [(request, request.answer(now)) for request in aims.requests]
    if any(answer is not None and answers_well(request, answer, now) for request, answer in answers):
        return True
    others = case.verdict.hypotheses if case.verdict else ()
    return any(each.cause != leader.cause and not each.ruled_out and each.probability >= _LIKELY for each in others)


def _request_check(aims: Aims) -> dict[str, Value] | None:
    for request in aims.requests:
        look = request.look()
        quick: dict[str, Value] = {"below": 500, "above": 0}
        see: Value = {"fact": "endpoint.status", "value": {".": quick}}
        return {"probe": look.probe, "slots": dict(look.slots), "see": see}
    return None


def _goodness_check(aims: Aims) -> dict[str, Value] | None:
    for goodness, bindings in aims.goodness:
        look = next((each for each in aims.looks if each.probe == goodness.check.probe), None)
        if look is None or goodness.absent:
            continue
        see = goodness.see.model_copy(update={"take": {}}).model_dump(mode="json", exclude_defaults=True)
        return {"probe": look.probe, "slots": dict(look.slots), "see": see, "bindings": dict(bindings)}
    return None
