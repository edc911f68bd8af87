"""What is wrong in a queue, from its items and from what its worker complains of."""

import re
from collections.abc import Iterator

from vigie.domain.fact import Fact
from vigie.reasoning.derived import made
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import House, tail, text_of, value_of
from vigie.reasoning.times import Times

# What a program says of something that it took up and cannot make sense of.
_CANNOT_READ = re.compile(
    r"decod|pars(e|ing)|unmarshal|deserial|unpickl|malformed|invalid (json|payload|message|item)|unexpected (token|end|key)|"
    r"KeyError|TypeError|ValueError|AttributeError|missing (key|field)|Expecting|undefined",
    re.IGNORECASE,
)
_LOUD = ("error", "critical")
_AGAIN = 2


def poison(facts: Facts, house: House, times: Times) -> Iterator[Fact]:
    """Yield `queue.poison` for each service that fails on what it reads while a queue ends in something unlike the rest."""
    odd = [fact for fact in facts.named("queue.state") if text_of(fact, "odd") and text_of(fact, "item")]
    for fact in house.derived.get("service.error", ()) if odd else ():
        count = value_of(fact, "count")
        if text_of(fact, "level") not in _LOUD or not isinstance(count, int) or count <= _AGAIN or not times.recent(fact):
            continue
        if not _CANNOT_READ.search(" ".join(text_of(fact, name) for name in ("template", "exception", "trace"))):
            continue
        for queue in odd:
            port, _, name = tail(queue).partition("/")
            value = {"port": port, "queue": name, "end": text_of(queue, "odd")}
            more = {"item": text_of(queue, "item"), "excerpt": text_of(queue, "excerpt"), "template": text_of(fact, "template")}
            yield made("queue.poison", fact.subject, {**value, **more}, (queue, fact))
