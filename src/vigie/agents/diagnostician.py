"""Diagnostician: looks where it tells most, until one cause is sure or nothing is left to learn."""

from dataclasses import replace
from datetime import datetime
from typing import ClassVar, TypeAlias

from vigie.agents.agent import Agent, capability
from vigie.agents.bench import programs_of
from vigie.agents.survey import survey
from vigie.domain.case import Case, CaseState, Phase
from vigie.domain.diagnosis import Hypothesis, Verdict
from vigie.domain.fact import Fact
from vigie.domain.host import Host
from vigie.i18n import Language
from vigie.reasoning import recall
from vigie.reasoning.complaint import Complaint
from vigie.reasoning.diagnosis import Check, Diagnosis
from vigie.reasoning.times import instant
from vigie.reasoning.wording import LANGUAGES, percent

Seen: TypeAlias = list[Fact]
_SHOWN_MOST = 3
_MOVED = 0.05


class Diagnostician(Agent):
    """Thinks with reasoning alone; every look it takes is a safe read."""

    name = "diagnostician"
    description: ClassVar[dict[Language, str]] = {
        "en": "Finds the cause: weighs what is known, takes the check that tells most, and stops honestly.",
        "fr": "Trouve la cause : pèse ce qui est connu, fait le contrôle le plus instructif, et s’arrête honnêtement.",
    }
    phases = (Phase.DIAGNOSE,)

    @capability
    async def diagnose(
        self,
        host: Host,
        case: Case,
        complaint: Complaint,
        *,
        seen: Seen,
        since: datetime | None = None,
        blind: bool = False,
    ) -> Verdict:
        """Find the cause of a case's trouble.

        Args:
            host: where.
            case: what is being worked.
            complaint: what it claims.
            seen: what was seen so far; it is added to, so that a second try goes on from there.
            since: when something was mended; what logs said until then is the past.
            blind: nobody could see what has changed.
        """
        me = f"agent:{self.name}"
        diagnosis = Diagnosis(
            self._bench.knowledge,
            host,
            complaint,
            lessons=recall.similar(await self._bench.memory.lessons.list(), complaint, host=host.name),
            tried=case.tried,
            mended=case.ending is CaseState.RESOLVED,
        )
        changes = None if blind else case.changes
        found = await survey(self._bench, host, actor=me, case=case.id, changes=changes, known=seen)
        seen[:] = [fact for fact in (*seen, *found) if not _is_past(fact, since)]
        diagnosis.add(seen)
        programs = programs_of(seen)
        leading: tuple[Hypothesis, ...] = ()
        while isinstance(step := diagnosis.next_check(), Check):
            await self._tell_check(case, step)
            read = await self._bench.observe(host, step.looks, actor=me, case=case.id, programs=programs)
            facts = [fact for fact in read if not _is_past(fact, since)]
            seen += facts
            diagnosis.add(facts)
            leading = await self._tell_odds(case, leading, diagnosis.hypotheses())
        seen[:] = diagnosis.facts
        return step

    async def _tell_check(self, case: Case, check: Check) -> None:
        title = self._bench.knowledge.probes[check.probe].title
        await self._bench.tell(
            "case.check",
            actor=f"agent:{self.name}",
            case=case.id,
            body={
                "probe": check.probe,
                "title": {"en": title.en, "fr": title.fr},
                "slots": dict(check.slots),
                "why": dict(check.why),
                "gain_bits": round(check.gain_bits, 4),
            },
        )

    async def _tell_odds(self, case: Case, before: tuple[Hypothesis, ...], now: tuple[Hypothesis, ...]) -> tuple[Hypothesis, ...]:
        """Tell the odds where they have moved; a timeline of what stayed the same says nothing."""
        leading = _by_label(now)[:_SHOWN_MOST]
        if not _has_moved(before, leading):
            return before
        await self._bench.tell(
            "case.odds",
            actor=f"agent:{self.name}",
            case=case.id,
            body={
                "hypotheses": [
                    {language: f"{each.label} {percent(each.probability, language)}" for language in LANGUAGES}
                    for each in leading
                ],
                "odds": {each.label: round(each.probability, 4) for each in leading},
            },
        )
        return leading


def _by_label(hypotheses: tuple[Hypothesis, ...]) -> tuple[Hypothesis, ...]:
    """Return what is possible, label by label: which of several things it is about does not change what it is."""
    found: dict[str, Hypothesis] = {}
    for each in hypotheses:
        if not each.ruled_out:
            known = found.get(each.label)
            found[each.label] = each if known is None else replace(known, probability=known.probability + each.probability)
    return tuple(sorted(found.values(), key=lambda one: -one.probability))


def _is_past(fact: Fact, since: datetime | None) -> bool:
    """Say whether a log's complaint ended before `since`."""
    if since is None or not fact.name.startswith("log.") or not isinstance(fact.value, dict):
        return False
    last = instant(fact.value.get("last"))
    return last is not None and last < since


def _has_moved(before: tuple[Hypothesis, ...], now: tuple[Hypothesis, ...]) -> bool:
    if [each.label for each in before] != [each.label for each in now]:
        return True
    return any(abs(one.probability - other.probability) >= _MOVED for one, other in zip(before, now, strict=True))
