"""Which probes could show a fact, and with which slots, from what is known so far."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vigie.domain.fact import Fact
from vigie.knowledge.models import Condition, Pattern, Probe
from vigie.reasoning import matching
from vigie.reasoning.facts import UNAVAILABLE, Facts
from vigie.reasoning.matching import field_of
from vigie.reasoning.relations import MADE_FROM
from vigie.reasoning.times import ALWAYS

_DEEPEST = 4
_MOST = 6
# Where the things that slots stand for are named, for probes that do not say it themselves.
_SOURCES: Mapping[str, Pattern] = {
    "service": Pattern(fact="service.state", subject="service:{service}"),
    "log": Pattern(fact="log.open", subject="log:{log}"),
    "url": Pattern(fact="port.listening", take={"url": "url"}),
    "statement": Pattern(fact="log.slow_query", take={"statement": "statement"}),
    "port": Pattern(fact="port.listening", subject="port:{port}"),
}
_FOLDERS: Mapping[str, Pattern] = {
    "folder.usage": Pattern(fact="folder.suspect", subject="folder:{folder}"),
    "config.settings": Pattern(fact="folder.config", subject="folder:{folder}"),
}
_DATABASES: Mapping[str, Pattern] = {
    "sqlite": Pattern(fact="database.open", subject="database:{database}", value={"engine": Condition(equals="sqlite")}),
    "postgres": Pattern(fact="database.found", subject="database:{database}"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """A probe with its slots filled."""

    probe: str
    slots: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, probe: str, slots: Mapping[str, str]) -> "Look":
        """Return a look; equal looks are equal whatever the order of their slots."""
        return cls(probe, tuple(sorted(slots.items())))


def is_open(look: Look, facts: Facts) -> bool:
    """Say whether nobody has tried this look."""
    slots = dict(look.slots)
    return facts.ran(look.probe, slots) is None and facts.unavailable(look.probe, slots) is None


class Looks:
    """The probes by what they show."""

    def __init__(self, probes: Mapping[str, Probe]) -> None:
        self._probes = probes
        self._showing: dict[str, list[Probe]] = {}
        for probe in probes.values():
            for name in probe.yields:
                self._showing.setdefault(name, []).append(probe)

    def cost_s(self, look: Look) -> float:
        """Return what a look costs."""
        return self._probes[look.probe].cost_s

    def knows(self, probe: str) -> bool:
        """Say whether there is such a probe."""
        return probe in self._probes

    def title(self, probe: str, language: str) -> str:
        """Return what a probe is called."""
        known = self._probes.get(probe)
        return probe if known is None else str(getattr(known.title, language))

    def to_see(self, fact: str, facts: Facts) -> list[Look]:
        """Return the looks, not yet tried, that could show a fact of this name or lead to it."""
        found: dict[Look, None] = {}
        for look in self._towards(fact, facts, 0):
            if is_open(look, facts):
                found.setdefault(look, None)
        return list(found)

    def was_tried(self, fact: str, facts: Facts, depth: int = 0) -> bool:
        """Say whether some probe that shows such a fact, or leads to one, was read."""
        if depth > _DEEPEST:
            return False
        if fact.startswith("change."):
            return facts.ran("baseline.diff", {}) is not None or any(name.startswith("change.") for name in facts.names())
        return any(self._settled(probe, facts, depth) for probe in self._showing.get(fact, ())) or any(
            self.was_tried(source, facts, depth + 1) for source in MADE_FROM.get(fact, ())
        )

    def _settled(self, probe: Probe, facts: Facts, depth: int) -> bool:
        """Say whether a probe was read, or there is nothing here to read it for; one that could not be read tells nothing."""
        if facts.runs(probe.name):
            return True
        if any(True for _ in self.every(probe, facts)):
            return False
        return any(self.was_tried(source, facts, depth + 1) for source in _leading(probe))

    def failed(self, fact: str, facts: Facts) -> Look | None:
        """Return a look that would show such a fact and could not be taken."""
        for probe in self._showing.get(fact, ()):
            refused = facts.about(UNAVAILABLE, f"probe:{probe.name}")
            if refused:
                slots = field_of(refused[-1].value, "slots")[1]
                return Look.of(probe.name, {name: str(value) for name, value in slots.items()} if isinstance(slots, dict) else {})
        sources = (self.failed(source, facts) for source in MADE_FROM.get(fact, ()))
        return next((look for look in sources if look is not None), None)

    def refused(self, fact: str, facts: Facts) -> bool:
        """Say whether every probe that shows such a fact, and was tried, was refused."""
        tried = [probe for probe in self._showing.get(fact, ()) if facts.about(UNAVAILABLE, f"probe:{probe.name}")]
        ran = any(facts.runs(probe.name) for probe in self._showing.get(fact, ()))
        told = (one for probe in tried for one in facts.about(UNAVAILABLE, f"probe:{probe.name}"))
        return not ran and any(field_of(one.value, "why")[1] == "refused" for one in told)

    def exhausted(self, fact: str, facts: Facts) -> Fact | None:
        """Return a reading that would have shown such a fact, where nothing that could show it is left to read; else None."""
        if fact.startswith("change."):
            return facts.ran("baseline.diff", {})
        if self.to_see(fact, facts):
            return None
        return self._reading(fact, facts, 0)

    def _reading(self, fact: str, facts: Facts, depth: int) -> Fact | None:
        if depth > _DEEPEST:
            return None
        for probe in self._showing.get(fact, ()):
            runs = facts.runs(probe.name)
            if runs:
                return runs[-1]
        readings = (self._reading(source, facts, depth + 1) for source in MADE_FROM.get(fact, ()))
        return next((reading for reading in readings if reading is not None), None)

    def every(self, probe: Probe, facts: Facts) -> Iterator[Look]:
        """Yield the looks of a probe: one for each fact that its `each` finds, or just one when it has no slots."""
        if not _can_run(probe, facts):
            return
        if probe.each is None:
            yield from self._from_slots(probe, facts)
            return
        for match in matching.find(probe.each, facts, {}, times=ALWAYS):
            slots = {name: value for name, value in match.bindings.items() if name in probe.slots}
            if len(slots) == len(probe.slots):
                yield Look.of(probe.name, slots)

    def _from_slots(self, probe: Probe, facts: Facts) -> Iterator[Look]:
        """Yield looks whose slots are filled from where things of their kind are usually named."""
        known: list[dict[str, str]] = [{}]
        for pattern in _sources(probe):
            known = [match.bindings for slots in known for match in matching.find(pattern, facts, slots, times=ALWAYS)][:_MOST]
        for slots in known:
            if set(probe.slots) <= set(slots):
                yield Look.of(probe.name, {name: slots[name] for name in probe.slots})

    def _towards(self, fact: str, facts: Facts, depth: int) -> Iterator[Look]:
        if depth > _DEEPEST:
            return
        for source in MADE_FROM.get(fact, ()):
            yield from self._towards(source, facts, depth + 1)
        for probe in self._showing.get(fact, ()):
            looks = list(self.every(probe, facts))
            yield from looks
            if not any(is_open(look, facts) for look in looks):
                for source in _leading(probe):
                    yield from self._towards(source, facts, depth + 1)


def _can_run(probe: Probe, facts: Facts) -> bool:
    """Say whether the host has the programs that some variant of a probe needs, as far as is known."""
    known = facts.named("host.programs")
    if not known or not isinstance(known[-1].value, list):
        return True
    programs = set(map(str, known[-1].value))
    return any(set(variant.needs) <= programs for variant in probe.variants)


def _sources(probe: Probe) -> list[Pattern]:
    engine = probe.name.partition(".")[0]
    special = {"database": _DATABASES.get(engine), "folder": _FOLDERS.get(probe.name)}
    found = [special.get(name) or _SOURCES.get(name) for name in probe.slots]
    return [pattern for pattern in found if pattern is not None]


def _leading(probe: Probe) -> list[str]:
    """Return the facts that a probe needs before it can be read."""
    return [probe.each.fact] if probe.each is not None else [pattern.fact for pattern in _sources(probe)]
