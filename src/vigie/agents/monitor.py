"""Monitor: meets hosts, knows how they were while they were well, and sees what has changed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar, TypeAlias

from vigie.agents.agent import Agent, capability
from vigie.agents.bench import PROGRAMS_PROBE, clean, programs_of, without_secrets
from vigie.agents.survey import read_all
from vigie.domain.baseline import Baseline, Change
from vigie.domain.case import Phase
from vigie.domain.fact import Fact
from vigie.domain.host import Host
from vigie.i18n import Language
from vigie.reasoning import baseline, relations, usual
from vigie.reasoning.facts import Facts
from vigie.reasoning.looks import Look, Looks
from vigie.reasoning.times import ALWAYS

Seen: TypeAlias = list[Fact]
# Contents leave this file only as encrypted artefacts.
_CONTENT = "file.content"
_LOGS = "log.errors"
_PAGES = "endpoint.pages"
_LATENCY = "latency"


class Monitor(Agent):
    """Only reads. Former contents of files go into the artefacts, which are encrypted; all else is kept without secrets."""

    name = "monitor"
    description: ClassVar[dict[Language, str]] = {
        "en": "Records how a host is while it is well, sees what has changed since, and repeats checks.",
        "fr": "Relève l’état d’une machine quand elle va bien, voit ce qui a changé depuis, et refait les contrôles.",
    }
    phases = (Phase.OPEN,)

    @capability
    async def meet(self, host: Host) -> Host:
        """Return the host with what it runs on; one that is not known yet is asked, and what it says is kept."""
        if host.os is not None and host.manager is not None:
            return host
        known = await self._bench.gate.identify(host, actor=f"agent:{self.name}")
        await self._bench.memory.hosts.save(known)
        return known

    @capability
    async def take_baseline(self, host: Host) -> Baseline:
        """Record what should not change unnoticed."""
        began_s = self._bench.clock.monotonic_s()
        at = self._bench.clock.now()
        facts = await self._survey(host, None)
        logs = await self._logs(host, facts)
        facts += await self._pages(host, _asked_for([*facts, *logs]), facts, None)
        kept: dict[str, str] = {}
        for path, body in baseline.contents(facts).items():
            kept[path] = await self._bench.memory.artefacts.put(body)
        seconds = round(self._bench.clock.monotonic_s() - began_s, 3)
        taken = baseline.baseline(host.name, facts, at, kept=kept, seconds=seconds)
        entries = (*taken.entries, *usual.entries([*logs, *facts]))
        taken = replace(taken, entries=tuple(replace(each, value=clean(each.value)) for each in entries))
        await self._bench.memory.baselines.save(taken)
        await self._bench.tell(
            "baseline.taken",
            actor=f"agent:{self.name}",
            case=None,
            body={"host": host.name, "entries": len(taken.entries), "seconds": seconds},
        )
        return taken

    @capability
    async def changes(self, host: Host, *, case: str | None = None, seen: Seen | None = None) -> list[Change]:
        """Return what has changed since the last baseline; nothing where there is none.

        What of it a first look would read as well is added to `seen`.
        """
        former = await self._bench.memory.baselines.latest(host.name)
        if former is None:
            return []
        facts = await self._survey(host, case)
        facts += await self._pages(host, [entry.path for entry in former.entries if entry.kind == _LATENCY], facts, case)
        if seen is not None:
            seen += [fact for fact in facts if self._is_of_first_look(fact)]
        return _told(baseline.diff(former, facts, self._bench.clock.now()))

    @capability
    async def measure(self, host: Host, look: Look, *, case: str | None = None) -> list[Fact]:
        """Take one look at a host."""
        return await self._bench.observe(host, [look], actor=f"agent:{self.name}", case=case)

    @capability
    async def baseline_at(self, host: Host) -> datetime | None:
        """Return when the last baseline was taken."""
        former = await self._bench.memory.baselines.latest(host.name)
        return former.taken_at if former else None

    async def _logs(self, host: Host, known: Sequence[Fact]) -> list[Fact]:
        """Return what the logs of a host say."""
        looks = Looks(self._bench.knowledge.probes)
        probe = self._bench.knowledge.probes.get(_LOGS)
        return await self._read(host, list(looks.every(probe, Facts(known))) if probe is not None else [], known, None)

    async def _pages(self, host: Host, urls: Sequence[str], known: Sequence[Fact], case: str | None) -> list[Fact]:
        """Ask for the pages that people ask for; those that were asked already are left out."""
        done = {fact.subject for fact in known if fact.name == "endpoint.latency"}
        return await self._read(host, [Look.of(_PAGES, {"url": url}) for url in urls if f"url:{url}" not in done], known, case)

    async def _read(self, host: Host, looks: Sequence[Look], known: Sequence[Fact], case: str | None) -> list[Fact]:
        wanted = [look for look in looks if look.probe in self._bench.knowledge.probes]
        if not wanted:
            return []
        return await self._bench.observe(host, wanted, actor=f"agent:{self.name}", case=case, programs=programs_of(known))

    def _is_of_first_look(self, fact: Fact) -> bool:
        probe = self._bench.knowledge.probes.get(fact.probe or "")
        return probe is not None and (probe.survey or probe.name == PROGRAMS_PROBE) and fact.name != _CONTENT

    async def _survey(self, host: Host, case: str | None) -> list[Fact]:
        wanted = {probe.name for probe in baseline.survey(self._bench.knowledge, host)}
        facts = await read_all(
            self._bench, host, lambda probe: probe.name in wanted, actor=f"agent:{self.name}", case=case, raw=True
        )
        return [fact if fact.name == _CONTENT else without_secrets(fact) for fact in facts]


def _asked_for(facts: Sequence[Fact]) -> list[str]:
    """Return the addresses of the pages that logs tell were asked for."""
    derived = relations.derive(Facts(facts), ALWAYS)
    return [fact.subject.partition(":")[2] for fact in derived if fact.name == "url.requested"]


def _told(changes: Sequence[Change]) -> list[Change]:
    """Return the changes without secrets; a difference that was one of secrets only is told by its file's digest."""
    cleaned = [replace(each, before=clean(each.before), after=clean(each.after)) for each in changes]
    return [each for each in cleaned if each.before != each.after]
