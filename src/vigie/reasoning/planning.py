"""From a cause to a plan: the first remedy whose slots can all be filled from facts, rendered into lines.

`render` makes the lines anew from the remedy's name and the slots alone; the gate compares them with what was shown.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence

from vigie.domain.action import Plan, Step
from vigie.domain.baseline import Change
from vigie.domain.diagnosis import Hypothesis
from vigie.domain.errors import Permanent
from vigie.domain.fact import Fact
from vigie.domain.host import Host
from vigie.knowledge import detection, library
from vigie.knowledge.library import Knowledge
from vigie.knowledge.models import Remedy, SlotType, StepTemplate
from vigie.reasoning import matching, relations, templates
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import text_of, value_of
from vigie.reasoning.times import ALWAYS, Times
from vigie.reasoning.wording import LANGUAGES, said

_MANAGER = "manager"
_SIMPLE = re.compile(r"[A-Za-z0-9_, ]+")
_NOT_A_NAME = re.compile(r"[^A-Za-z0-9]+")
_SECRET = "•••"  # noqa: S105  # what is shown in the place of one


def plan(
    knowledge: Knowledge, hypothesis: Hypothesis, facts: Sequence[Fact], changes: Sequence[Change], host: Host
) -> Plan | None:
    """Return what would mend a cause on a host; None when no remedy of it fits what is known.

    Args:
        knowledge: where causes and remedies are.
        hypothesis: the cause, bound to things of the host.
        facts: what was seen; slots that the hypothesis does not give are taken from there.
        changes: what is not as it was when the host was well, with the former contents.
        host: where; its service manager speaks `@verb` lines.
    """
    cause = knowledge.causes.get(hypothesis.cause)
    if cause is None:
        return None
    known = Facts(facts)
    known.replace_derived(relations.derive(known, Times(known.latest_at(), None)))
    for name in cause.remedies:
        remedy = knowledge.remedies.get(name)
        slots = _slots(remedy, hypothesis, known, changes) if remedy is not None else None
        if remedy is None or slots is None or not _fits(remedy, known, slots):
            continue
        made = _plan(knowledge, remedy, hypothesis, slots, known, host)
        if made is not None:
            return made
    return None


def render(plan: Plan, knowledge: Knowledge | None = None) -> tuple[Step, ...]:
    """Return a plan's steps made anew from its remedy and its slots alone.

    Raises:
        Permanent: the remedy is not known, or a slot is missing or not of its type.
    """
    known = knowledge or library.load()
    remedy = known.remedies.get(plan.remedy or "")
    if remedy is None:
        raise Permanent("knowledge.no_remedy", remedy=plan.remedy or "—")
    return _steps(known, remedy, plan.slots)


def _slots(remedy: Remedy, hypothesis: Hypothesis, facts: Facts, changes: Sequence[Change]) -> dict[str, str] | None:
    """Return the remedy's slots from the hypothesis, the facts and the changes; None when one cannot be had."""
    bindings = dict(hypothesis.slots)
    for pattern in remedy.fill:
        match = matching.first(pattern, facts, bindings, times=ALWAYS)
        if match is not None:
            bindings.update(match.bindings)
    _former_content(remedy, bindings, changes)
    for name, template in remedy.make.items():
        value = matching.fill(template, bindings)
        if value is None or not _made_of_simple_words(template, bindings):
            return None
        bindings[name] = _NOT_A_NAME.sub("_", value).strip("_") if remedy.slots.get(name) == "identifier" else value
    slots = {name: bindings[name] for name in remedy.slots if name in bindings}
    if len(slots) < len(remedy.slots):
        return None
    try:
        return {name: templates.check(name, remedy.slots[name], value) for name, value in slots.items()}
    except Permanent:
        return None


def _former_content(remedy: Remedy, bindings: dict[str, str], changes: Sequence[Change]) -> None:
    """Fill the artefact slot `former` with what the file `path` held when the host was well."""
    if remedy.slots.get("former") != "artefact" or "former" in bindings:
        return
    for change in changes:
        if change.path == bindings.get("path") and change.content_before:
            bindings["former"] = change.content_before
            return


def _made_of_simple_words(template: str, bindings: Mapping[str, str]) -> bool:
    """Names from a host become part of a statement only where they are plain words."""
    used = re.findall(r"\{([a-z_][a-z0-9_]*)\}", template)
    return all(_SIMPLE.fullmatch(bindings[name]) for name in used)


def _fits(remedy: Remedy, facts: Facts, slots: Mapping[str, str]) -> bool:
    """Say whether the remedy's preconditions hold in what is known; its guard lines are read again just before."""
    for precondition in remedy.precondition:
        seen = matching.first(precondition.see, facts, slots, times=ALWAYS) is not None
        if seen == precondition.absent:
            return False
    return True


def _plan(
    knowledge: Knowledge, remedy: Remedy, hypothesis: Hypothesis, slots: dict[str, str], facts: Facts, host: Host
) -> Plan | None:
    spoken = {**slots, **_manager_slots(remedy, host)}
    try:
        steps = _steps(knowledge, remedy, spoken)
        guard = _guard(knowledge, remedy, spoken)
    except Permanent:
        return None
    digest = hashlib.sha256(json.dumps([host.name, remedy.name, spoken], sort_keys=True).encode()).hexdigest()
    return Plan(
        id=f"{remedy.name}-{digest[:10]}",
        host=host.name,
        cause=hypothesis.cause,
        remedy=remedy.name,
        slots=spoken,
        steps=steps,
        backups=_plain(remedy.backup, slots),
        loses_nothing=remedy.loses_nothing,
        restarts=_plain(remedy.restarts, slots),
        precondition=guard,
        explanation={language: said(remedy.explanation, language, {**hypothesis.slots, **slots}) for language in LANGUAGES},
        diff=_diff(remedy, slots, facts),
    )


def _steps(knowledge: Knowledge, remedy: Remedy, slots: Mapping[str, str]) -> tuple[Step, ...]:
    for name, kind in remedy.slots.items():
        if name not in slots:
            raise Permanent("knowledge.slot_missing", slot=name, line=remedy.name)
        templates.check(name, kind, slots[name])
    return tuple(_step(knowledge, remedy, step, slots) for step in remedy.steps)


def _step(knowledge: Knowledge, remedy: Remedy, template: StepTemplate, slots: Mapping[str, str]) -> Step:
    lines = _Lines(knowledge, remedy.slots, slots)
    stdin = template.stdin
    if stdin is not None and not stdin.startswith("script:"):
        stdin = matching.fill(stdin, slots)
        if stdin is None:
            raise Permanent("knowledge.slot_missing", slot=template.stdin, line=template.line)
    return Step(
        line=lines.of(template.line),
        witness=lines.of(template.witness),
        goal=lines.of(template.goal),
        stdin=stdin,
        undo=tuple(lines.of(line) for line in template.undo),
        timeout_s=template.timeout_s,
        feeds={lines.of(line): source for line, source in template.feeds.items()},
        undo_last=template.undo_last,
    )


class _Lines:
    """Fills line templates for one remedy on one host."""

    def __init__(self, knowledge: Knowledge, types: Mapping[str, SlotType], slots: Mapping[str, str]) -> None:
        self._types = types
        self._slots = {name: value for name, value in slots.items() if not _is_manager(name)}
        options = {name: value for name, value in slots.items() if name.startswith(detection.OPTION)}
        self._manager = detection.of_host(knowledge, Host("", "", manager=slots.get(_MANAGER), options=options))

    def of(self, template: str) -> str:
        """Return a line."""
        return templates.fill(template, self._slots, self._types, self._manager)


def _guard(knowledge: Knowledge, remedy: Remedy, slots: Mapping[str, str]) -> tuple[str, ...]:
    lines = _Lines(knowledge, remedy.slots, slots)
    return tuple(lines.of(line) for line in remedy.guard)


def _manager_slots(remedy: Remedy, host: Host) -> dict[str, str]:
    """Return what makes `@verb` lines come out the same again; empty where the remedy has none."""
    lines = [line for step in remedy.steps for line in (step.line, step.witness, step.goal, *step.undo)]
    if host.manager is None or not any(line.startswith("@") for line in lines):
        return {}
    options = {name: value for name, value in host.options.items() if name.startswith(detection.OPTION)}
    return {_MANAGER: host.manager, **options}


def _is_manager(name: str) -> bool:
    return name == _MANAGER or name.startswith(detection.OPTION)


def _plain(templates_of: Iterable[str], slots: Mapping[str, str]) -> tuple[str, ...]:
    filled = [matching.fill(template, slots) for template in templates_of]
    return tuple(dict.fromkeys(value for value in filled if value))


def _diff(remedy: Remedy, slots: Mapping[str, str], facts: Facts) -> str:
    """Show what would change: settings one by one where they are known, else what the remedy says."""
    lines: list[str] = []
    path = slots.get("path")
    if path is not None:
        for fact in facts.about("change.setting", f"file:{path}"):
            lines += _setting_lines(fact)
    if lines:
        return "\n".join([f"--- {path}", f"+++ {path}", *lines])
    return matching.fill(remedy.diff, slots) or ""


def _setting_lines(fact: Fact) -> list[str]:
    key = ".".join(part for part in (text_of(fact, "section"), text_of(fact, "key")) if part)
    hidden = value_of(fact, "secret") is True
    sides = (("-", value_of(fact, "after")), ("+", value_of(fact, "before")))
    return [f"{sign} {key} = {_SECRET if hidden else matching.words_of(value)}" for sign, value in sides if value is not None]
