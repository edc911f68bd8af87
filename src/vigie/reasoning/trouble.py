"""Which services are in trouble, by what can be seen of them from outside and in their logs; and whether anything is at all."""

from collections.abc import Iterator

from vigie.domain.fact import Fact, Value
from vigie.reasoning import blame, claims
from vigie.reasoning.derived import made
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import House, tail, text_of, value_of
from vigie.reasoning.times import Times

OF_ADDRESSES = ("change.endpoint", "change.page", "change.latency")
# What makes a service suspect, though nothing shows of it.
CLAIMED = frozenset(("beside", "complained"))
_LOUD = ("error", "critical")
_BAD_STATUS = 500


def services(facts: Facts, house: House, times: Times) -> Iterator[Fact]:
    """Yield `service.troubled`: `{signs}`, among them what is only claimed and what only stands beside trouble."""
    signs: dict[str, list[tuple[str, Fact]]] = {}
    for service, kind, fact in seen(facts, house, times):
        signs.setdefault(service, []).append((kind, fact))
    claimed = blame.beside(facts, house, times) if signs else _complained_of(facts, house)
    for service, fact in claimed:
        signs.setdefault(service, []).append(("beside" if fact.name == "change.alone" else "complained", fact))
    for service, shown in signs.items():
        kinds: list[Value] = list(dict.fromkeys(kind for kind, _ in shown))
        value: dict[str, Value] = {"signs": kinds, "count": len(shown)}
        yield made("service.troubled", f"service:{service}", value, [fact for _, fact in shown][:6])


def anything(facts: Facts, house: House, times: Times) -> Iterator[Fact]:
    """Anything at all that somebody would notice, whichever service it may be of."""
    shown = [*house.derived.get("service.troubled", ()), *house.derived.get("port.blocked", ())]
    shown += [fact for fact in facts.named("change.latency") if not _became_better(fact)]
    shown += [fact for fact in facts.named(blame.BLAMES) if _alone(fact, house)]
    shown += [fact for fact in facts.named("finding.seen") if times.recent(fact)]
    shown += [fact for fact in facts.named("log.error") if text_of(fact, "level") in _LOUD and times.recent(fact)]
    if shown:
        yield made("host.troubled", "host", {"signs": len(shown)}, shown[:6])


def signs_of(fact: Fact) -> list[str]:
    """Return the signs that a `service.troubled` names."""
    named = value_of(fact, "signs")
    return [str(one) for one in named] if isinstance(named, list) else []


def seen(facts: Facts, house: House, times: Times) -> Iterator[tuple[str, str, Fact]]:
    """Yield (service, sign, fact) for all that shows trouble of a service by itself."""
    yield from _down(facts, times)
    yield from claims.gone_silent(facts, house)
    yield from _answering_badly(facts, house, times)
    yield from _complaining(facts, house, times)
    yield from _failing(facts, house, times)
    yield from ((text_of(fact, "service"), "limit", fact) for fact in house.derived.get("group.holds", ()))


def _complained_of(facts: Facts, house: House) -> Iterator[tuple[str, Fact]]:
    """Services that read what changed alone and what a person complains of."""
    for fact in facts.named(blame.BLAMES):
        if _alone(fact, house):
            yield from ((text_of(use, "service"), fact) for use in house.used if use.subject == fact.subject)


def _alone(fact: Fact, house: House) -> bool:
    return any(one.subject == fact.subject for one in house.derived.get("change.alone", ()))


def _down(facts: Facts, times: Times) -> Iterator[tuple[str, str, Fact]]:
    for fact in facts.named("service.state"):
        if text_of(fact, "state") in ("failed", "backoff") and times.recent(fact):
            yield tail(fact), text_of(fact, "state"), fact
    for fact in facts.named("change.service"):
        if value_of(fact, "before") == "running" and value_of(fact, "after") != "running":
            yield tail(fact), "stopped", fact


def _answering_badly(facts: Facts, house: House, times: Times) -> Iterator[tuple[str, str, Fact]]:
    for fact in facts.named("endpoint.answer"):
        status = value_of(fact, "status")
        served = house.serving(tail(fact))
        if served is not None and isinstance(status, int) and (status == 0 or status >= _BAD_STATUS) and times.recent(fact):
            yield tail(served[1]), "endpoint", fact
    for name in OF_ADDRESSES:
        for fact in facts.named(name):
            served = house.serving(tail(fact))
            if served is not None and not _became_better(fact):
                yield tail(served[1]), "endpoint", fact


def _became_better(fact: Fact) -> bool:
    after = value_of(fact, "after")
    return fact.name == "change.endpoint" and isinstance(after, int) and 0 < after < 400


def _complaining(facts: Facts, house: House, times: Times) -> Iterator[tuple[str, str, Fact]]:
    for fact in facts.named("log.error"):
        if text_of(fact, "level") in _LOUD and times.recent(fact):
            yield from ((service, "errors", fact) for service, _ in house.speakers(fact))


def _failing(facts: Facts, house: House, times: Times) -> Iterator[tuple[str, str, Fact]]:
    for fact in facts.named("log.failed_request"):
        status = value_of(fact, "status")
        if isinstance(status, int) and status >= _BAD_STATUS and times.recent(fact):
            yield from ((service, "requests", fact) for service, _ in house.speakers(fact))
