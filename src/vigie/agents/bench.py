"""What an agent works with, and how it reads a host: readings through the gate, facts without secrets."""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vigie.clock import Clock
from vigie.domain.action import Completed, EffectClass
from vigie.domain.fact import Fact, Source, Value
from vigie.domain.happening import Happening
from vigie.domain.host import Host
from vigie.policy.gate import Gate, Reading
from vigie.policy.redaction import redact
from vigie.policy.shell import classify
from vigie.reasoning.looks import Look
from vigie.reasoning.probing import Batch, Line

if TYPE_CHECKING:
    from vigie.knowledge.library import Knowledge
    from vigie.memory.memory import TenantMemory

logger = logging.getLogger(__name__)

PROGRAMS_PROBE = "tools"
PROGRAMS_FACT = "host.programs"
_REFUSED_RC = 126
_SECRET_MARK = re.compile(r"secret:[0-9a-f]{4,64}")


@dataclass(frozen=True)
class Bench:
    """The door to hosts, what is known, what was kept, and the time.

    `own` are folders of this machine that hold our own state: it changes all the time, and is no part of what is watched.
    """

    gate: Gate
    knowledge: "Knowledge"
    memory: "TenantMemory"
    clock: Clock
    own: tuple[str, ...] = ()

    async def observe(
        self,
        host: Host,
        looks: Sequence[Look],
        *,
        actor: str,
        case: str | None = None,
        programs: Sequence[str] | None = None,
        raw: bool = False,
    ) -> list[Fact]:
        """Read probes and return what they show, free of secrets: the one place where outputs become facts.

        Args:
            host: where.
            looks: the probes with their slots; all of them are read together.
            actor: the agent on whose behalf.
            case: the case that the journal files the readings under.
            programs: those the host has, when that is known.
            raw: leave the values as they are, for contents that go into encrypted artefacts only.
        """
        checks = [(self.knowledge.probes[look.probe], dict(look.slots)) for look in looks]
        batch = Batch(checks, host, programs=programs, knowledge=self.knowledge)
        while pending := batch.pending():
            batch.take(pending, await self._answers(host, pending, actor, case))
        facts = [fact for fact in batch.facts(self.clock.now()) if not self._is_own(host, fact)]
        return facts if raw else [without_secrets(fact) for fact in facts]

    async def tell(
        self, kind: str, *, actor: str, case: str | None, ref: str | None = None, body: Mapping[str, Value] | None = None
    ) -> Happening:
        """Write a row of the journal."""
        return await self.memory.journal.append(kind, actor=actor, case=case, body=dict(body or {}), ref=ref)

    def _is_own(self, host: Host, fact: Fact) -> bool:
        _, _, place = fact.subject.partition(":")
        return host.address == "local" and any(place == folder or place.startswith(f"{folder}/") for folder in self.own)

    async def _answers(self, host: Host, lines: Sequence[Line], actor: str, case: str | None) -> list[Completed]:
        allowed = [line for line in lines if _is_safe(line)]
        readings = [Reading(line.line, stdin=line.stdin, timeout_s=line.timeout_s) for line in allowed]
        answers = iter(await self.gate.read(host, readings, actor=actor, case=case) if readings else [])
        return [next(answers) if line in allowed else _refused(line) for line in lines]


def without_secrets(fact: Fact) -> Fact:
    """Return the fact as it may be stored and shown."""
    source = Source(redact(fact.source.line), redact(fact.source.excerpt))
    return replace(fact, subject=redact(fact.subject), value=clean(fact.value), source=source)


def programs_of(facts: Sequence[Fact]) -> list[str] | None:
    """Return the programs that a host was seen to have; None when nobody looked."""
    for fact in facts:
        if fact.name == PROGRAMS_FACT and isinstance(fact.value, list):
            return [str(each) for each in fact.value]
    return None


def _is_safe(line: Line) -> bool:
    judged = classify(line.line, stdin=line.stdin)
    if judged.effect_class is EffectClass.SAFE_READ:
        return True
    # A probe whose filled slots make of it more than a read is not run; its other variants may be.
    logger.warning("probe is no safe read", extra={"line": line.line, "class": judged.effect_class.value})
    return False


def _refused(line: Line) -> Completed:
    return Completed(line.line, _REFUSED_RC, b"", b"not allowed: not a safe read", 0.0)


def clean(value: Value) -> Value:
    """Return a value without secrets; a mark that stands for one stays, since equal marks tell equal values."""
    match value:
        case str() if _SECRET_MARK.fullmatch(value):
            return value
        case str():
            return redact(value)
        case list():
            return [clean(each) for each in value]
        case dict():
            return {name: clean(each) for name, each in value.items()}
        case _:
            return value
