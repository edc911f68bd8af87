"""Joins parsers, templates and detectors: lines, samples and time go in, findings come out.

Pure; `collectors/loop.py` feeds it.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from vigie.domain.fact import Value
from vigie.domain.finding import Event, Finding, Signal
from vigie.plugins import discover
from vigie.signals import detectors
from vigie.signals.detectors.detector import Detector, Sample
from vigie.signals.detectors.threshold import Limit, Threshold
from vigie.signals.parsers.parser import Parser
from vigie.signals.parsing import Parsing
from vigie.signals.templates import Miner, Template

_SOURCES_MAX = 4096

logger = logging.getLogger(__name__)


class Reading(NamedTuple):
    """What one line says, and what it gives rise to."""

    event: Event
    template: Template
    findings: list[Finding]


class Pipeline:
    """From signals to findings. Nothing that is fed makes it raise; its memory is bounded whatever comes."""

    def __init__(
        self,
        *,
        judges: Sequence[Detector] | None = None,
        kinds: Sequence[Parser] | None = None,
        limits: Sequence[Limit] = (),
        zone: tzinfo = UTC,
    ) -> None:
        self._parsing = Parsing(kinds, zone)
        self._miner = Miner()
        self._heads: OrderedDict[tuple[str, str], Reading] = OrderedDict()
        self._judges = list(judges) if judges is not None else _discovered(limits)

    def feed(self, signal: Signal) -> list[Finding]:
        """Take one line; return what it gives rise to."""
        return self.read(signal).findings

    def read(self, signal: Signal, zone: tzinfo | None = None) -> Reading:
        """Take one line, its stamp in a zone that was stated; return what it says, and what it gives rise to."""
        event = self._parsing.event(signal, zone)
        key = (signal.host, signal.source)
        head = self._heads.get(key)
        if event.continues and head is not None:
            # The frames of a trace are as loud as the line that they belong to, of the same service, and no news of their own.
            joined = replace(event, at=head.event.at, level=head.event.level, service=head.event.service)
            return Reading(joined, head.template, [])
        template = self._miner.template(event.message)
        reading = Reading(event, template, self._asked(lambda judge: judge.event(event, template)))
        self._heads[key] = reading
        self._heads.move_to_end(key)
        if len(self._heads) > _SOURCES_MAX:
            self._heads.popitem(last=False)
        return reading

    def learn(self, signal: Signal, zone: tzinfo | None = None) -> None:
        """Take a line of the past: it tells what is usual here, and gives rise to nothing."""
        event = self._parsing.event(signal, zone, is_live=False)
        if event.continues:
            return
        template = self._miner.template(event.message)
        for judge in self._judges:
            judge.learn(event, template)

    def sample(self, host: str, subject: str, name: str, value: float, at: datetime) -> list[Finding]:
        """Take one measured number; return what it gives rise to."""
        sample = Sample(host, subject, name, value, at)
        return self._asked(lambda judge: judge.sample(sample))

    def tick(self, now: datetime) -> list[Finding]:
        """Let time pass; return what its passing gives rise to."""
        return self._asked(lambda judge: judge.tick(now))

    @property
    def templates(self) -> int:
        """Return how many templates are known."""
        return len(self._miner)

    def memory(self) -> dict[str, Value]:
        """Return what must survive a restart, as JSON."""
        return {judge.name: memory for judge in self._judges if (memory := judge.memory())}

    def remember(self, memory: dict[str, Value]) -> None:
        """Take back what `memory` gave before a restart."""
        for judge in self._judges:
            own = memory.get(judge.name)
            if isinstance(own, dict):
                judge.remember(own)

    def _asked(self, ask: Callable[[Detector], list[Finding]]) -> list[Finding]:
        found: list[Finding] = []
        for judge in self._judges:
            try:
                found += ask(judge)
            except Exception:  # one detector's bug must not silence the others
                logger.exception("detector failed", extra={"detector": judge.name})
        return found


def _discovered(limits: Sequence[Limit]) -> list[Detector]:
    kinds = discover(detectors, Detector)
    return [Threshold(limits) if kind is Threshold else kind() for kind in kinds.values()]
