"""How a life ends: the reason, the report, what was learnt, and who keeps an eye on it."""

from datetime import datetime

from vigie.cases.limits import Failure
from vigie.cases.phase import Answer, Fallback
from vigie.cases.team import Team
from vigie.cases.work import Work, says, told
from vigie.domain.case import Case, CaseState, Phase, Spans
from vigie.domain.errors import Permanent
from vigie.domain.happening import Happening
from vigie.i18n import LANGUAGES, text


async def escalate(work: Work, error: Permanent) -> Answer:
    """Hand the case to a person, saying why."""
    await work.tell("case.escalated", why=told(error), code=error.key)
    await work.change(ending=CaseState.ESCALATED)
    return Phase.REPORT


async def fail_or_escalate(work: Work, failure: Failure) -> Answer:
    """End a case that could not go on: a bug of ours is a failure, everything else is a person's turn."""
    if not failure.is_bug:
        return await escalate(work, Permanent(failure.key, **failure.values))
    await work.tell("case.failed", why=told(failure), code=failure.key)
    await work.change(ending=CaseState.FAILED)
    return Phase.REPORT


async def report(work: Work, team: Team) -> Answer:
    """Write what happened, for people."""
    happenings = await journal_of(work)
    await work.change(seconds=spans(work.case, happenings, work.clock.now()))
    written = await team.reporter.report(work.case, happenings)
    await work.change(report=written)
    await work.tell("case.reported", actor="agent:reporter")
    return Phase.LEARN


async def learn(work: Work, team: Team) -> Answer:
    """Keep what this case taught."""
    lessons = await team.archivist.learn(work.case)
    if lessons:
        await work.tell("case.learned", actor="agent:archivist", labels=[each.label for each in lessons])
    return Phase.WATCH


async def watch(work: Work, team: Team) -> Answer:
    """Keep an eye on what was mended."""
    if work.case.ending is CaseState.RESOLVED and work.case.plan is not None:
        set_up = await team.verifier.keep_watch(work.case)
        if set_up is not None:
            await work.tell("case.watched", actor="agent:verifier", every_s=set_up.every_s, watch=set_up.id)
    return Phase.CLOSED


async def close(work: Work) -> None:
    """Close the case; only now is it in its end state."""
    state = work.case.ending or CaseState.FAILED
    await work.tell(
        "case.closed",
        state=state.value,
        says=says(f"case.states.{state.value}"),
        label=work.case.labels[0] if work.case.labels else None,
    )
    await work.change(state=state, phase=Phase.CLOSED)


async def journal_of(work: Work) -> list[Happening]:
    """Return all that happened in the case."""
    found: list[Happening] = []
    while page := await work.memory.journal.read(found[-1].seq if found else 0, case=work.case.id, limit=1000):
        found += page
    return found


def spans(case: Case, happenings: list[Happening], now: datetime) -> Spans:
    """Return how long each part took, from the journal's own times."""
    entered: dict[str, datetime] = {}
    for row in happenings:
        if row.kind == "case.phase":
            entered.setdefault(str(row.body.get("phase")), row.at)
    began = min([finding.first_at for finding in case.findings], default=case.opened_at)
    diagnosed = _first(happenings, "case.diagnosed", "case.nothing_wrong", "case.undecided")
    verified = _last(happenings, "case.verified") if case.verified else None
    return Spans(
        detect=_between(began, entered.get(Phase.DIAGNOSE.value)),
        diagnose=_between(entered.get(Phase.DIAGNOSE.value), diagnosed),
        repair=_between(entered.get(Phase.PLAN.value), verified),
        total=_between(case.opened_at, now),
    )


def _first(happenings: list[Happening], *kinds: str) -> datetime | None:
    return next((row.at for row in happenings if row.kind in kinds), None)


def _last(happenings: list[Happening], kind: str) -> datetime | None:
    return next((row.at for row in reversed(happenings) if row.kind == kind), None)


def _between(start: datetime | None, end: datetime | None) -> float | None:
    if start is None or end is None:
        return None
    # A clock that was set back in between must not show as a negative span.
    return max(0.0, round((end - start).total_seconds(), 3))


async def give_up(work: Work, failure: Failure) -> Answer:
    """Answer for a phase that has no fallback of its own."""
    return await fail_or_escalate(work, failure)


async def _plain_report(work: Work, _failure: Failure) -> Answer:
    leader = work.case.verdict.leader if work.case.verdict else None
    values = {
        "case": work.case.id,
        "host": work.case.host,
        "title": work.case.title,
        "label": ", ".join(work.case.labels) or (leader.label if leader else "–"),
        "actions": "\n".join(f"- `{each.command}`: {each.outcome.value}" for each in work.case.actions) or "–",
    }
    state = (work.case.ending or CaseState.FAILED).value
    written = {
        language: text(language, "case.plain_report", state=text(language, f"case.states.{state}"), **values)
        for language in LANGUAGES
    }
    await work.change(report=written)
    return Phase.LEARN


async def _not_learned(_work: Work, _failure: Failure) -> Answer:
    return Phase.WATCH


async def _not_watched(_work: Work, _failure: Failure) -> Answer:
    return Phase.CLOSED


FALLBACKS: dict[Phase, Fallback] = {
    Phase.REPORT: _plain_report,
    Phase.LEARN: _not_learned,
    Phase.WATCH: _not_watched,
}
