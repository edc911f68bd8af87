"""As which account a database could be read, for a remedy to speak to it in the same way; and which service it is."""

import re
from collections.abc import Iterator

from vigie.domain.fact import Fact
from vigie.reasoning.derived import made
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import House, tail, value_of
from vigie.reasoning.times import Times

_AS = re.compile(r"^runuser -u (?P<account>[a-z_][a-z0-9_-]*) -- ")


def served(facts: Facts, house: House, _times: Times) -> Iterator[Fact]:
    """Yield `database.served_by`: `{service, pid}`, the managed service that a database server is."""
    for fact in facts.named("database.server"):
        listener = house.listening.get(port) if isinstance(port := value_of(fact, "port"), int) else None
        for pid in (value_of(fact, "pid"), value_of(listener, "pid") if listener is not None else None):
            owner = house.service_of(pid)
            if owner is not None:
                yield made("database.served_by", fact.subject, {"service": tail(owner), "pid": pid}, (fact, owner))
                break


def access(facts: Facts, _house: House, _times: Times) -> Iterator[Fact]:
    """Yield `database.access`: `{account}`, empty where we need not become another."""
    for fact in (*facts.named("database.found"), *facts.named("database.connections")):
        match = _AS.match(fact.source.line)
        yield made("database.access", fact.subject, {"account": match["account"] if match else ""}, (fact,))
