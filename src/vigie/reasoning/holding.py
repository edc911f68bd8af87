"""Which services the limits of their control groups hold back, or end."""

from collections.abc import Iterator

from vigie.domain.fact import Fact, Value
from vigie.reasoning.derived import made
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import House, tail, text_of, value_of
from vigie.reasoning.times import Times

_OFTEN = 50
_NEARLY = 0.95
_MOSTLY = 0.5


def held(facts: Facts, house: House, _times: Times) -> Iterator[Fact]:
    """Yield `group.holds`: `{service, what, key}`, for each service with a process in a group that has reached its limit."""
    for fact in facts.named("group.limit"):
        pids = value_of(fact, "pids")
        owners = [house.service_of(pid) for pid in pids] if isinstance(pids, list) and _is_reached(fact) else []
        for service in dict.fromkeys(tail(owner) for owner in owners if owner is not None):
            value: dict[str, Value] = {"service": service, "what": text_of(fact, "what"), "key": text_of(fact, "key")}
            yield made("group.holds", fact.subject, value, (fact,))


def _is_reached(fact: Fact) -> bool:
    times = _number(value_of(fact, "times"))
    match text_of(fact, "what"):
        case "memory":
            limit = _number(text_of(fact, "value"))
            is_full = limit > 0 and _number(value_of(fact, "used")) >= _NEARLY * limit
            return _number(value_of(fact, "kills")) > 0 or (times > _OFTEN and is_full)
        case "cpu":
            return _number(value_of(fact, "share")) > _MOSTLY
        case _:
            return times > 0


def _number(value: Value) -> float:
    try:
        return float(value) if isinstance(value, int | float | str) else 0.0
    except ValueError:
        return 0.0
