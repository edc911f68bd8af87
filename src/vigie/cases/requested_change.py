"""A change that a person asked for in words, as a plan: one step, with the lines that tell whether it was done."""

from collections.abc import Mapping
from datetime import datetime

from vigie.domain.action import Plan, Step
from vigie.domain.errors import Permanent
from vigie.domain.host import Host
from vigie.i18n import LANGUAGES
from vigie.knowledge.library import Knowledge
from vigie.knowledge.requests import Intent, NamedService
from vigie.reasoning.commands.lines import line_of

CAUSE = "request"
# Changes with every look: a step whose effect nothing shows is never taken for done, nor run twice.
_NO_WITNESS = "cat /proc/uptime"
_NO_GOAL = "true"


def plan_of(
    line: str,
    intent: Intent | None,
    slots: Mapping[str, str],
    host: Host,
    knowledge: Knowledge,
    services: Mapping[str, NamedService],
    now: datetime,
    title: Mapping[str, str],
) -> Plan:
    """Return the plan of a line that was made from an intent, or that a person wrote (`intent` None)."""

    def other(template: str | None, silent: str) -> str:
        if intent is None or template is None:
            return silent
        try:
            return line_of(intent, slots, host, knowledge, services, now, template=template)
        except Permanent:
            return silent

    undo = tuple(other(template, "") for template in intent.undo) if intent is not None else ()
    step = Step(
        line=line,
        witness=other(intent.witness if intent else None, _NO_WITNESS),
        goal=other(intent.goal if intent else None, _NO_GOAL),
        undo=tuple(each for each in undo if each),
        timeout_s=intent.timeout_s if intent is not None and intent.timeout_s > 20 else 120.0,  # a read's
    )
    return Plan(
        id=f"ask-{host.name}-{now:%Y%m%d%H%M%S%f}",
        host=host.name,
        cause=CAUSE,
        remedy=None,
        slots=dict(slots),
        steps=(step,),
        loses_nothing=bool(step.undo),
        restarts=(slots["service"],) if "service" in slots and intent is not None and intent.interrupts else (),
        explanation={language: title[language] for language in LANGUAGES},
    )
