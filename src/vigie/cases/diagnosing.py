"""The first half of a life: look, understand, find the cause. Nothing here changes anything."""

import asyncio
from datetime import datetime, timedelta

from vigie.cases.ending import escalate, fail_or_escalate, journal_of
from vigie.cases.limits import Failure
from vigie.cases.phase import Answer, Fallback
from vigie.cases.team import Team
from vigie.cases.work import Work
from vigie.domain.case import Case, CaseState, Phase
from vigie.domain.diagnosis import Hypothesis, Verdict, VerdictKind
from vigie.domain.errors import Permanent
from vigie.domain.fact import Fact

# A second look after a mend is worth it only with this much time left to act on what it finds.
_WORTH_ANOTHER_S = 20.0
_PATHS_TOLD = 8
# For one try of the phase; a host that is well takes a few seconds.
CHANGES_S = 40.0


async def open_case(work: Work, team: Team) -> Answer:
    """Meet the host, and see what has changed since it was well."""
    host = await team.monitor.meet(await work.the_host())
    work.host = host
    try:
        async with asyncio.timeout(CHANGES_S):
            changes = await team.monitor.changes(host, case=work.case.id, seen=work.seen)
    except TimeoutError:
        # What has changed is the best of clues, and not the only one: a host that answers slowly is looked at all the same.
        work.blind = True
        await work.tell("case.changes_unseen", seconds=round(CHANGES_S))
        return Phase.UNDERSTAND
    await work.change(changes=tuple(changes))
    if changes:
        await work.tell(
            "case.changes", actor="agent:monitor", count=len(changes), paths=[each.path for each in changes[:_PATHS_TOLD]]
        )
    return Phase.UNDERSTAND


async def understand(work: Work, team: Team) -> Answer:
    """Read what the case complains of."""
    claim = await team.triage.understand(work.case)
    if not (claim.areas or claim.symptoms):
        await work.tell("case.no_claim", actor="agent:triage", language=claim.language)
        return Phase.DIAGNOSE
    await work.tell(
        "case.understood",
        actor="agent:triage",
        language=claim.language,
        areas=[*sorted(claim.areas, key=lambda area: -claim.areas.get(area, 0.0))],
        symptoms=list(claim.symptoms),
    )
    return Phase.DIAGNOSE


async def diagnose(work: Work, team: Team) -> Answer:
    """Look for the cause with the checks that tell most, until it is sure enough or nothing is left to learn."""
    host = await work.the_host()
    claim = await team.triage.understand(work.case)
    if work.case.actions and not work.seen:
        # Things have changed since: by our mend, or by our taking it back.
        await work.change(changes=tuple(await team.monitor.changes(host, case=work.case.id, seen=work.seen)))
    since = await _mended_at(work) if work.case.verified else None
    verdict = await team.diagnostician.diagnose(host, work.case, claim, seen=work.seen, since=since, blind=work.blind)
    facts, work.seen = work.seen, []
    # Evidence of an earlier verdict stays; what it said of the same things is told apart by its instant.
    kept = {fact.id: fact for fact in (*_cited(work.case), *facts)}
    return await _judged(work, verdict, tuple(kept.values()))


async def _mended_at(work: Work) -> datetime | None:
    """Return since when the cause was seen gone without a break; what a mend itself stirred up had settled by then."""
    verified = [row for row in await journal_of(work) if row.kind == "case.verified"]
    lasted_s = verified[-1].body.get("seconds") if verified else None
    return verified[-1].at - timedelta(seconds=float(lasted_s)) if isinstance(lasted_s, int | float) else None


async def _judged(work: Work, verdict: Verdict, facts: tuple[Fact, ...]) -> Answer:
    if work.case.labels:
        return await _after_a_mend(work, verdict, facts)
    await work.change(verdict=verdict, facts=facts)
    match verdict.kind:
        case VerdictKind.CAUSE:
            assert verdict.leader is not None
            await work.tell(
                "case.diagnosed",
                actor="agent:diagnostician",
                label=verdict.leader.label,
                cause=verdict.leader.cause,
                confidence=verdict.confidence,
                facts=list(verdict.leader.facts_for),
            )
            return Phase.PLAN
        case VerdictKind.NO_FAULT if not work.case.tried:
            await work.tell("case.nothing_wrong", actor="agent:diagnostician", confidence=verdict.confidence)
            await work.change(ending=CaseState.NO_FAULT)
            return Phase.REPORT
        case _:
            await work.tell(
                "case.undecided",
                actor="agent:diagnostician",
                hypotheses=[*[*dict.fromkeys(each.label for each in verdict.hypotheses if not each.ruled_out)][:5]],
                check=verdict.deciding_check,
            )
            return await escalate(work, Permanent("case.undecided"))


async def _after_a_mend(work: Work, verdict: Verdict, facts: tuple[Fact, ...]) -> Answer:
    """Another fault behind the one that was mended is mended too; the first one's verdict stays where nothing else is found."""
    leader, mended = verdict.leader, work.case.verdict.leader if work.case.verdict else None
    if verdict.kind is VerdictKind.NO_FAULT:
        await work.change(ending=CaseState.RESOLVED)
    is_another = leader is not None and mended is not None and not _same_thing(leader, mended)
    if verdict.kind is VerdictKind.CAUSE and is_another and leader is not None and work.left_s > _WORTH_ANOTHER_S:
        await work.tell("case.another", actor="agent:diagnostician", label=leader.label, confidence=verdict.confidence)
        await work.change(verdict=verdict, facts=facts, verified=False, approval=None, ending=None)
        return Phase.PLAN
    return await _enough(work)


def _same_thing(one: Hypothesis, other: Hypothesis) -> bool:
    """Say whether two hypotheses blame the same thing in the same way: mending it back and forth would be no mend."""
    places = {value for value in one.slots.values() if value.startswith("/")} & set(other.slots.values())
    return one.cause == other.cause and (one.slots == other.slots or bool(places))


async def _enough(work: Work) -> Answer:
    """End after a mend: well where what users complained of is gone, else with a person."""
    if work.case.ending is CaseState.RESOLVED:
        return Phase.REPORT
    return await escalate(work, Permanent("case.more_remains"))


async def _open_failed(work: Work, failure: Failure) -> Answer:
    return await fail_or_escalate(work, failure)


async def _not_understood(_work: Work, _failure: Failure) -> Answer:
    # Words help, but the machines are asked all the same.
    return Phase.DIAGNOSE


async def _not_diagnosed(work: Work, failure: Failure) -> Answer:
    if work.case.labels:
        return await _enough(work)
    if work.case.verdict is None or work.case.tried:
        await work.change(verdict=Verdict(VerdictKind.UNDECIDED, None, (), 0.0))
    return await fail_or_escalate(work, failure)


def _cited(case: Case) -> list[Fact]:
    if case.verdict is None:
        return []
    ids = {
        fact
        for each in (case.verdict.leader, *case.verdict.hypotheses)
        if each
        for fact in (*each.facts_for, *each.facts_against)
    }
    return [fact for fact in case.facts if fact.id in ids]


FALLBACKS: dict[Phase, Fallback] = {
    Phase.OPEN: _open_failed,
    Phase.UNDERSTAND: _not_understood,
    Phase.DIAGNOSE: _not_diagnosed,
}
