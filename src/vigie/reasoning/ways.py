"""As which account a database could be read: a remedy speaks to it in the same way."""

import re
from collections.abc import Iterator

from vigie.domain.fact import Fact
from vigie.reasoning.derived import made
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import House
from vigie.reasoning.times import Times

_AS = re.compile(r"^runuser -u (?P<account>[a-z_][a-z0-9_-]*) -- ")


def access(facts: Facts, _house: House, _times: Times) -> Iterator[Fact]:
    """Yield `database.access`: `{account}`, empty where we need not become another."""
    for fact in facts.named("database.found"):
        match = _AS.match(fact.source.line)
        yield made("database.access", fact.subject, {"account": match["account"] if match else ""}, (fact,))
