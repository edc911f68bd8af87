"""The report of a case, for people: what happened, why, what was done, what was checked and what was not."""

from collections.abc import Sequence

from vigie import i18n
from vigie.domain.action import ActionRecord, Outcome, Plan
from vigie.domain.case import Case, CaseState
from vigie.domain.diagnosis import Hypothesis
from vigie.domain.fact import Fact
from vigie.domain.happening import Happening
from vigie.i18n import Language
from vigie.knowledge import library
from vigie.knowledge.library import Knowledge
from vigie.reasoning import timeline
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import tail
from vigie.reasoning.symptoms import signs
from vigie.reasoning.times import ALWAYS
from vigie.reasoning.wording import said, sentence, shown

_EVIDENCE_MOST = 20
_IMPACT_MOST = 8
_CHANGES_MOST = 10
_EXCERPT = 300


def report(case: Case, happenings: Sequence[Happening], language: Language, *, knowledge: Knowledge | None = None) -> str:
    """Return the report of a case in Markdown.

    Args:
        case: the case, ended or about to.
        happenings: its rows of the journal, oldest first.
        language: of the reader.
        knowledge: where causes say how to keep them from coming back.
    """
    known = knowledge or library.load()
    parts = [
        f"# {_plain(case.title)}",
        _summary(case, happenings, language),
        _section("timeline", _timeline(happenings, language), language),
        _section("impact", _impact(case, known, language), language),
        _section("cause", _cause(case, language), language),
        _section("evidence", _evidence(case, language), language),
        _section("changes", _changes(case, language), language),
        _section("repair", _repair(case, language), language),
        _section("verification", _verification(case, happenings, language), language),
        _section("not_verified", _not_verified(case, language), language),
        _section("undo", _undo(case, language), language),
        _section("next", _next(case, known, language), language),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _summary(case: Case, happenings: Sequence[Happening], language: Language) -> str:
    state = ending_of(case)
    label = ", ".join(case.labels) or (case.verdict.leader.label if case.verdict and case.verdict.leader else "–")
    lines = [
        _text(language, f"summary.{state.value}", label=label, host=case.host),
        _text(language, "summary.case", case=case.id, host=case.host, opened=_time(case), total=_seconds(case.seconds.total)),
    ]
    why = [words for row, words in timeline.told(happenings, language) if row.kind == "case.escalated"]
    if why:
        lines.append(why[-1])
    if case.ticket:
        lines.append(_text(language, "summary.ticket", ticket=_plain(case.ticket)[:_EXCERPT]))
    return "\n\n".join(lines)


def ending_of(case: Case) -> CaseState:
    """Return the end that a case has come to or is heading for."""
    return case.state if case.state.ended else case.ending or case.state


def _timeline(happenings: Sequence[Happening], language: Language) -> str:
    return "\n".join(f"- {row.at:%Y-%m-%d %H:%M:%S} UTC: {_plain(words)}" for row, words in timeline.told(happenings, language))


def _impact(case: Case, known: Knowledge, language: Language) -> str:
    seen = signs(known.symptoms, known.probes, Facts(case.facts), ALWAYS).seen
    lines = [f"- {sentence(said(one.symptom.says, language, {'subject': tail(one.fact)}))} [{one.fact.id}]" for one in seen]
    return "\n".join(list(dict.fromkeys(lines))[:_IMPACT_MOST]) or _text(language, "impact.none")


def _cause(case: Case, language: Language) -> str:
    if case.verdict is None:
        return _text(language, "cause.none")
    return case.verdict.explanation.get(language, "") or _text(language, "cause.none")


def _evidence(case: Case, language: Language) -> str:
    """List the facts that are cited, each with the line that shows it again."""
    cited = _cited(case)
    lines = [
        _text(
            language, "evidence.fact", id=fact.id, source=shown(fact.source.line), excerpt=shown(fact.source.excerpt[:_EXCERPT])
        )
        for fact in case.facts
        if fact.id in cited
    ]
    return "\n".join(f"- {line}" for line in lines[:_EVIDENCE_MOST])


def _cited(case: Case) -> set[str]:
    if case.verdict is None:
        return set()
    chosen: Sequence[Hypothesis] = [case.verdict.leader] if case.verdict.leader else case.verdict.hypotheses[:3]
    ids = {fact for one in chosen for fact in (*one.facts_for, *one.facts_against)}
    return ids | _made_from(case.facts, ids)


def _made_from(facts: Sequence[Fact], ids: set[str]) -> set[str]:
    """Return the facts that cited ones were made from: those are the ones that can be read again."""
    return {part for fact in facts if fact.id in ids and fact.probe is None for part in fact.source.line.split(" + ")}


def _changes(case: Case, language: Language) -> str:
    lines = [
        _text(
            language,
            "changes.one",
            kind=change.kind,
            path=shown(change.path),
            before=shown(_short(change.before)),
            after=shown(_short(change.after)),
        )
        for change in case.changes[:_CHANGES_MOST]
    ]
    return "\n".join(f"- {line}" for line in lines)


def _repair(case: Case, language: Language) -> str:
    if not case.actions:
        proposed = case.plan is not None and ending_of(case) is not CaseState.NO_FAULT
        return (
            "\n\n".join([_text(language, "repair.none"), _proposed(case, language)])
            if proposed
            else _text(language, "repair.none")
        )
    parts = [case.plan.explanation.get(language, "") if case.plan else "", _diff(case.plan)]
    parts.append("\n".join(f"- {_action(one, language)}" for one in case.actions))
    if case.rolled_back:
        parts.append(_text(language, "repair.rolled_back"))
    return "\n\n".join(part for part in parts if part)


def _proposed(case: Case, language: Language) -> str:
    assert case.plan is not None
    lines = "\n".join(f"- {shown(step.line)}" for step in case.plan.steps)
    parts = [_text(language, "repair.proposed"), case.plan.explanation.get(language, ""), lines, _diff(case.plan)]
    return "\n\n".join(part for part in parts if part)


def _diff(plan: Plan | None) -> str:
    return f"```diff\n{plan.diff.replace('```', '')}\n```" if plan is not None and plan.diff else ""


def _action(record: ActionRecord, language: Language) -> str:
    outcome = _text(language, f"outcomes.{record.outcome.value}")
    return f"{shown(record.command)} : {outcome}" if language == "fr" else f"{shown(record.command)}: {outcome}"


def _verification(case: Case, happenings: Sequence[Happening], language: Language) -> str:
    if not case.actions:
        return ""
    kinds = ("case.verified", "case.not_better")
    lines = [f"- {_plain(words)}" for row, words in timeline.told(happenings, language) if row.kind in kinds]
    lines += [
        f"  - {_plain(str(good))}"
        for row in happenings
        if row.kind == "case.verified"
        for good in _listed(row.body.get("good"), language)
    ]
    return "\n".join(lines) or _text(language, "verification.none")


def _listed(value: object, language: Language) -> list[str]:
    if not isinstance(value, list):
        return []
    return [str(one.get(language, "")) if isinstance(one, dict) else str(one) for one in value]


def _not_verified(case: Case, language: Language) -> str:
    """Say what nobody looked at; a report that hides it would be trusted too far."""
    lines = [_text(language, "not_verified.users"), _text(language, "not_verified.later")]
    missing = [fact for fact in case.facts if fact.name == "probe.unavailable"]
    for fact in missing[:5]:
        why = fact.value.get("why") if isinstance(fact.value, dict) else "–"
        lines.append(_text(language, "not_verified.probe", probe=shown(tail(fact)), why=_text(language, f"unavailable.{why}")))
    if case.actions and not case.verified:
        lines.insert(0, _text(language, "not_verified.repair"))
    if case.plan is not None and case.actions and any(not step.undo for step in case.plan.steps) and not case.plan.backups:
        lines.append(_text(language, "not_verified.undo"))
    return "\n".join(f"- {line}" for line in lines)


def _undo(case: Case, language: Language) -> str:
    done = [one for one in case.actions if one.outcome is Outcome.DONE]
    if not done:
        return ""
    lines = [f"- `vigie backup restore {backup}`" for backup in case.backups]
    if case.plan is not None:
        ran = {one.command for one in done}
        steps = [step for step in case.plan.steps if step.line in ran]
        order = [*[step for step in reversed(steps) if not step.undo_last], *[step for step in steps if step.undo_last]]
        lines += [f"- {shown(line)}" for step in order for line in step.undo]
    return "\n".join(lines) or _text(language, "undo.none")


def _next(case: Case, known: Knowledge, language: Language) -> str:
    state = ending_of(case)
    if state is CaseState.NO_FAULT:
        return _text(language, "next.no_fault")
    leader = case.verdict.leader if case.verdict else None
    cause = known.causes.get(leader.cause) if leader is not None else None
    lines: list[str] = []
    if state is not CaseState.RESOLVED:
        check = case.verdict.deciding_check if case.verdict else None
        lines.append(_text(language, "next.decide", check=shown(check)) if check else _text(language, "next.person"))
    if cause is not None and cause.prevention is not None and leader is not None:
        lines.append(sentence(said(cause.prevention, language, leader.slots)))
    elif state is CaseState.RESOLVED:
        lines.append(_text(language, "next.prevent"))
    return "\n".join(f"- {line}" for line in lines)


def _section(name: str, body: str, language: Language) -> str:
    return f"## {_text(language, f'headings.{name}')}\n\n{body}" if body else ""


def _plain(text: str) -> str:
    """Keep words of a host or a ticket on one line, and from being anything but words."""
    return " ".join(text.split()).replace("<", "&lt;").replace("`", "'")


def _short(value: object) -> str:
    return "–" if value is None else str(value)[:_EXCERPT]


def _time(case: Case) -> str:
    return f"{case.opened_at:%Y-%m-%d %H:%M:%S} UTC"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} s"


def _text(language: Language, key: str, **values: object) -> str:
    return i18n.text(language, f"report.{key}", **values)
