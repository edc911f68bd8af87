"""A case as the command line, the API and the console give it: the promise of `work` and `case show`."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vigie.domain.action import ActionRecord, Outcome, Plan, Step
from vigie.domain.approval import Approval
from vigie.domain.case import Case, CaseState
from vigie.domain.diagnosis import Hypothesis, Verdict, VerdictKind
from vigie.domain.fact import Fact
from vigie.domain.happening import Happening
from vigie.domain.host import Autonomy
from vigie.i18n import Language
from vigie.interfaces.baseline_document import change_document
from vigie.interfaces.happening_text import event
from vigie.interfaces.redacted import redacted

if TYPE_CHECKING:
    from vigie.policy.effects import Judgement

NO_FAULT = "no_fault"
EXCERPT_LENGTH_MAX = 2000
TITLE_LENGTH_MAX = 200
EXIT_CODES = {CaseState.RESOLVED: 0, CaseState.NO_FAULT: 0, CaseState.WAITING: 4}


def exit_code(case: Case) -> int:
    """Return the exit code of a command that worked the case: 0 mended or nothing wrong, 4 waiting, else 1."""
    return EXIT_CODES.get(case.state, 1)


def document(
    case: Case,
    happenings: Sequence[Happening] = (),
    language: Language = "en",
    *,
    approval: Approval | None = None,
    titles: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, Any]:
    """Return everything that is told of a case.

    Args:
        case: the case.
        happenings: its rows of the journal, oldest first.
        language: of every sentence in it.
        approval: the decision that it waits for, or the last one.
        titles: of causes, by name and language.
    """
    whole = work_document(case, language)
    whole |= {
        "phase": case.phase.value,
        "kind": case.kind.value,
        "host": case.host,
        "title": case.title,
        "ticket": case.ticket,
        "autonomy": case.autonomy.value,
        "opened_at": case.opened_at.isoformat(),
        "updated_at": case.updated_at.isoformat(),
        "hypotheses": [_hypothesis(each, titles or {}, language) for each in (case.verdict.hypotheses if case.verdict else ())],
        "plan": _plan(case.plan, case, language) if case.plan else None,
        "approval": _approval(approval),
        "changes": [change_document(change) for change in case.changes],
        "deciding_check": case.verdict.deciding_check if case.verdict else None,
        "findings": [
            {"kind": f.kind, "subject": f.subject, "excerpt": f.excerpt, "source": f.source, "count": f.count}
            for f in case.findings
        ],
        "backups": list(case.backups),
        "timeline": [event(each, language) for each in happenings],
    }
    cleaned: dict[str, Any] = redacted(whole)
    return cleaned


def work_document(case: Case, language: Language) -> dict[str, Any]:
    """Return the keys that `vigie work --json` promises."""
    labels = _labels(case)
    answer: dict[str, Any] = redacted(
        {
            "case": case.id,
            "state": case.state.value,
            "label": labels[0] if labels else None,
            "labels": labels,
            "confidence": round(case.verdict.confidence, 4) if case.verdict else 0.0,
            "diagnosis": _in(case.verdict.explanation, language) if case.verdict else "",
            "evidence": [_evidence(fact) for fact in _cited(case)],
            "actions": [_action(record) for record in _actions(case)],
            "verified": case.verified,
            "rolled_back": case.rolled_back,
            "report": _in(case.report, language),
            "seconds": {
                "detect": case.seconds.detect,
                "diagnose": case.seconds.diagnose,
                "repair": case.seconds.repair,
                "total": case.seconds.total,
            },
        }
    )
    return answer


def summary(case: Case) -> dict[str, Any]:
    """Return a case as a row of a list."""
    labels = _labels(case)
    row: dict[str, Any] = redacted(
        {
            "id": case.id,
            "kind": case.kind.value,
            "host": case.host,
            "title": case.title,
            "ticket": case.ticket.strip().partition("\n")[0][:TITLE_LENGTH_MAX] if case.ticket else None,
            "state": case.state.value,
            "phase": case.phase.value,
            "label": labels[0] if labels else None,
            "confidence": round(case.verdict.confidence, 4) if case.verdict else None,
            "opened_at": case.opened_at.isoformat(),
            "updated_at": case.updated_at.isoformat(),
        }
    )
    return row


def _labels(case: Case) -> list[str]:
    if case.state is CaseState.NO_FAULT:
        return [NO_FAULT]
    if case.labels:
        return list(case.labels)
    return [leader.label] if (leader := _leader(case.verdict)) else []


def _leader(verdict: Verdict | None) -> Hypothesis | None:
    return verdict.leader if verdict and verdict.kind is VerdictKind.CAUSE else None


def _cited(case: Case) -> list[Fact]:
    """Return the facts that the conclusion rests on, the leader's own first; all of them when nothing was concluded."""
    by_id = {fact.id: fact for fact in case.facts}
    ids: dict[str, None] = {}
    if case.verdict:
        ranked = [each for each in (case.verdict.leader, *case.verdict.hypotheses) if each]
        for hypothesis in ranked:
            ids |= dict.fromkeys((*hypothesis.facts_for, *hypothesis.facts_against))
    return [by_id[each] for each in ids if each in by_id] or list(case.facts)


def _evidence(fact: Fact) -> dict[str, str]:
    return {
        "id": fact.id,
        "source": fact.source.line,
        "excerpt": fact.source.excerpt[:EXCERPT_LENGTH_MAX],
        "subject": fact.subject,
        "name": fact.name,
        "at": fact.at.isoformat(),
    }


def _actions(case: Case) -> Iterable[ActionRecord]:
    """Yield what was done, then what the plan would still do when it waits for a person or may not act."""
    yield from case.actions
    told = {record.command for record in case.actions}
    if case.plan is None or case.state not in (CaseState.WAITING, CaseState.ESCALATED):
        return
    is_waiting = case.state is CaseState.WAITING
    if not is_waiting and case.autonomy is not Autonomy.OBSERVE:
        return
    for step in case.plan.steps:
        if step.line not in told:
            judged = _judged(step)
            yield ActionRecord(
                id="",
                command=step.line,
                host=case.plan.host,
                effect_class=judged.effect_class,
                effects=judged.effects,
                reversible=bool(step.undo or case.plan.backups),
                outcome=Outcome.WAITING if is_waiting else Outcome.PROPOSED,
            )


def _action(record: ActionRecord) -> dict[str, Any]:
    return {
        "command": record.command,
        "host": record.host,
        "class": record.effect_class.value,
        "effects": list(record.effects),
        "reversible": record.reversible,
        "outcome": record.outcome.value,
        "detail": record.detail,
    }


def _hypothesis(hypothesis: Hypothesis, titles: Mapping[str, Mapping[str, str]], language: Language) -> dict[str, Any]:
    return {
        "cause": hypothesis.cause,
        "label": hypothesis.label,
        "title": _filled(_in(titles.get(hypothesis.cause, {}), language), hypothesis.slots) or hypothesis.label,
        "slots": hypothesis.slots,
        "probability": round(hypothesis.probability, 4),
        "ruled_out": hypothesis.ruled_out,
        "facts_for": list(hypothesis.facts_for),
        "facts_against": list(hypothesis.facts_against),
    }


def _filled(template: str, slots: Mapping[str, str]) -> str:
    """Fill a title's slots; empty where the hypothesis does not say one of them: nothing was found that it could concern."""
    known = all(name in slots for name in re.findall(r"\{(\w+)\}", template))
    return re.sub(r"\{(\w+)\}", lambda slot: slots[slot[1]], template) if known else ""


def _plan(plan: Plan, case: Case, language: Language) -> dict[str, Any]:
    judged = {record.command: record.effect_class.value for record in case.actions}
    return {
        "hash": plan.hash,
        "host": plan.host,
        "remedy": plan.remedy,
        "steps": [_step(step, judged) for step in plan.steps],
        "diff": plan.diff,
        "explanation": _in(plan.explanation, language),
        "backups": list(plan.backups),
        "restarts": list(plan.restarts),
        "loses_nothing": plan.loses_nothing,
    }


def _step(step: Step, judged: Mapping[str, str]) -> dict[str, Any]:
    judgement = _judged(step)
    return {
        "line": step.line,
        "undo": list(step.undo),
        "class": judged.get(step.line, judgement.effect_class.value),
        "effects": list(judgement.effects),
    }


def _judged(step: Step) -> "Judgement":
    """Judge a step as the gate will: with the script of ours that it reads."""
    from vigie.knowledge.library import load
    from vigie.policy.shell import classify

    kind, _, name = (step.stdin or "").partition(":")
    script = load().scripts.get(name) if kind == "script" else None
    return classify(step.line, stdin=script.source if script else None)


def _approval(approval: Approval | None) -> dict[str, Any] | None:
    if approval is None:
        return None
    return {
        "id": approval.id,
        "hash": approval.plan_hash,
        "expires_at": approval.expires_at.isoformat(),
        "decision": approval.decision.value,
        "decided_by": approval.decided_by,
    }


def _in(texts: Mapping[str, str], language: Language) -> str:
    return texts.get(language) or next(iter(texts.values()), "")
