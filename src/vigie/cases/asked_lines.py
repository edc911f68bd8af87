"""The line that a request would run on one host, with its class and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from vigie.clock import Clock
from vigie.domain.action import EffectClass
from vigie.domain.host import Host
from vigie.i18n import language_of, text
from vigie.knowledge.library import Knowledge
from vigie.policy.shell import classify
from vigie.reasoning.commands import understanding
from vigie.reasoning.commands.lines import line_of
from vigie.reasoning.commands.request import Understood


@dataclass(frozen=True, slots=True)
class AskedLine:
    """What would run on one host."""

    host: Host
    line: str
    effect_class: EffectClass
    reasons: tuple[str, ...]


class AskedLines:
    """Makes lines of what was understood; the policy judges each."""

    def __init__(self, knowledge: Knowledge, clock: Clock) -> None:
        self._knowledge = knowledge
        self._clock = clock

    def of(self, understood: Understood, host: Host) -> AskedLine:
        """Return the line for a host.

        Raises:
            Permanent: something named cannot stand in a line, or the host's manager has no such verb.
        """
        intent = understood.intent
        if understood.shell is not None or intent is None:
            line = understood.shell or ""
        else:
            template = intent.undo[0] if understood.undo else None
            services = understanding.of(self._knowledge).services
            line = line_of(intent, understood.slots, host, self._knowledge, services, self._clock.now(), template=template)
        language = language_of(understood.language)
        judged = classify(line)
        reasons = judged.because(language)
        if host.manager is None and line.startswith("systemctl"):
            reasons = (*reasons, text(language, "ask.assumes_systemd", host=host.name))
        return AskedLine(host, line, judged.effect_class, reasons)


def strictest(lines: Sequence[AskedLine]) -> EffectClass:
    """Return the strictest class of lines, at least one."""
    return max((each.effect_class for each in lines), key=lambda each: each.rank)
