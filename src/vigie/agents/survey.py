"""The first look at a host: every probe marked for it, and what those lead to."""

from collections.abc import Callable, Sequence

from vigie.agents.bench import PROGRAMS_PROBE, Bench, programs_of
from vigie.domain.baseline import Change
from vigie.domain.fact import Fact
from vigie.domain.host import Host
from vigie.knowledge.models import Probe
from vigie.reasoning import baseline, relations, usual
from vigie.reasoning.facts import Facts
from vigie.reasoning.looks import Look, Looks, is_open
from vigie.reasoning.relations import MADE_FROM
from vigie.reasoning.times import ALWAYS

_ROUNDS = 5
_PAGES = "endpoint.pages"


async def survey(
    bench: Bench,
    host: Host,
    *,
    actor: str,
    case: str | None,
    changes: Sequence[Change] | None,
    known: Sequence[Fact] = (),
) -> list[Fact]:
    """Return what a first look shows beside what is known, with how the host was when it was well and what has changed since.

    `changes` is None where nobody could see what has changed; what was read for `known` a moment ago is not read again.
    """
    former = await bench.memory.baselines.latest(host.name)
    is_told = any(fact.name == "baseline.taken" for fact in known)
    # Where pages were asked while the host was well, the same ones have just been asked again.
    asked = former is not None and any(entry.kind == "latency" for entry in former.entries)
    wanted = [name for name, probe in bench.knowledge.probes.items() if probe.survey and not (asked and name == _PAGES)]
    found = await read_all(bench, host, lambda probe: probe.name in wanted, actor=actor, case=case, known=known)
    if former is None or is_told:
        return found  # nobody could look for changes: that none was seen says nothing
    found += usual.facts_of(former, bench.clock.now())
    if changes is None:
        return found
    return [*found, *baseline.change_facts(changes, host=host.name, at=bench.clock.now())]


async def read_all(
    bench: Bench,
    host: Host,
    wanted: Callable[[Probe], bool],
    *,
    actor: str,
    case: str | None,
    raw: bool = False,
    known: Sequence[Fact] = (),
) -> list[Fact]:
    """Read the wanted probes that were not read for `known`; those read for each fact of another follow in later rounds."""
    facts = Facts(known)
    found: list[Fact] = []
    programs = programs_of(known)
    if programs is None and PROGRAMS_PROBE in bench.knowledge.probes:
        found += await bench.observe(host, [Look.of(PROGRAMS_PROBE, {})], actor=actor, case=case)
        facts.add(found)
        programs = programs_of(found)
    looks = Looks(bench.knowledge.probes)
    probes = [probe for probe in bench.knowledge.probes.values() if wanted(probe) and probe.name != PROGRAMS_PROBE]
    follows = any(probe.each is not None and probe.each.fact in MADE_FROM for probe in probes)
    for _ in range(_ROUNDS):
        facts.replace_derived(relations.derive(facts, ALWAYS) if follows else ())
        todo = list(dict.fromkeys(look for probe in probes for look in looks.every(probe, facts) if is_open(look, facts)))
        if not todo:
            break
        seen = await bench.observe(host, todo, actor=actor, case=case, programs=programs, raw=raw)
        facts.add(seen)
        found += seen
    return found
