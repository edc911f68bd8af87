"""Two places that should agree and do not: what settings point to, and who really listens; which of the two is the odd one.

The one that more files agree with is right; where it stands one to one, the file that was written last is the odd one.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from vigie.domain.fact import Fact, Value
from vigie.reasoning import means
from vigie.reasoning.derived import made
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import House, tail, text_of, value_of
from vigie.reasoning.times import Times, instant

_REFUSED = re.compile(r"refused|ECONNREFUSED|\(111", re.IGNORECASE)
_PORT_SAID = re.compile(
    r"(?:(?P<host>\[[0-9a-f:]+\]|[A-Za-z0-9_.-]+)\"?(?: \((?P<address>[0-9.]+)\))?(?::|,? port:? ?))(?P<port>\d{2,5})(?![\d.])"
)
_EVERYWHERE = frozenset(("", "*", "0.0.0.0", "::", "[::]"))  # noqa: S104  # compared with, never bound
# Files laid down together were written together.
_LATER_BY = timedelta(minutes=10)
_NOT_FOR_PROGRAMS = frozenset((22, 25, 53))
_HOSTS = "/etc/hosts"


def refusals(facts: Facts, house: House, times: Times) -> Iterator[tuple[str, str, str, int, Fact]]:
    """Yield (service, host, address, port, fact) for each connection that a service says it was refused."""
    for name in ("log.error", "log.failed_request"):
        for fact in facts.named(name):
            said = f"{text_of(fact, 'message')} {text_of(fact, 'example')}"
            if not _REFUSED.search(said) or not times.recent(fact):
                continue
            for match in _PORT_SAID.finditer(said):
                for service, _ in house.speakers(fact):
                    yield service, match["host"], match["address"] or "", int(match["port"]), fact


def astray(facts: Facts, house: House, times: Times) -> Iterator[Fact]:
    """Yield `pointer.astray` `{service, line, key, old, new, thing, failure}`: the setting that is the odd one of two."""
    done: set[tuple[str, int]] = set()
    for service, _, _, port, said in refusals(facts, house, times):
        if port in house.listening or (service, port) in done:
            continue
        done.add((service, port))
        pointers = [fact for fact in _naming(port, house) if service in _readers(tail(fact), house)]
        listener = _unclaimed(service, port, facts, house)
        if len(pointers) == 1 and listener is not None:
            yield from _odd_one(service, pointers[0], listener, said, facts, house)


def names(facts: Facts, house: House, times: Times) -> Iterator[Fact]:
    """Yield `name.astray` `{name, address, right, port}`: the hosts file leads a name past who listens there."""
    entries = {tail(fact): fact for fact in facts.named("host.name_entry")}
    for service, host, address, port, said in refusals(facts, house, times):
        entry, listener = entries.get(host), house.listening.get(port)
        if entry is None or listener is None or facts.named("change.name"):
            continue
        told, bound = text_of(entry, "address"), text_of(listener, "address")
        if told != bound and bound not in _EVERYWHERE and address in ("", told):
            value: dict[str, Value] = {"service": service, "name": host, "address": told, "right": bound, "port": port}
            yield made("name.astray", f"name:{host}", {**value, "path": _HOSTS}, (entry, listener, said))


def _naming(port: int, house: House) -> list[Fact]:
    return [fact for fact in house.derived.get("setting.points_to", ()) if value_of(fact, "port") == port]


def _readers(path: str, house: House) -> set[str]:
    return {text_of(use, "service") for use in house.used if tail(use) == path}


def _unclaimed(service: str, wanted: int, facts: Facts, house: House) -> tuple[int, str, Fact] | None:
    """Return the one (port, service, fact) that listens and to which nobody's settings lead but its own."""
    found: list[tuple[int, str, Fact]] = []
    for port, listener in house.listening.items():
        owner = house.service_of(value_of(listener, "pid"))
        if owner is None or tail(owner) == service or port in _NOT_FOR_PROGRAMS:
            continue
        others = {one for fact in _naming(port, house) for one in _readers(tail(fact), house)} - {tail(owner)}
        if not others:
            found.append((port, tail(owner), listener))
    if len(found) > 1:
        found = [one for one in found if _one_digit_apart(one[0], wanted)]
    return found[0] if len(found) == 1 else None


def _one_digit_apart(one: int, two: int) -> bool:
    left, right = str(one), str(two)
    return len(left) == len(right) and sum(a != b for a, b in zip(left, right, strict=True)) == 1


def _odd_one(
    service: str, pointer: Fact, listener: tuple[int, str, Fact], said: Fact, facts: Facts, house: House
) -> Iterator[Fact]:
    port, server, listening = listener
    wanted = value_of(pointer, "port")
    own = [fact for fact in _naming(port, house) if server in _readers(tail(fact), house)]
    agreeing = {tail(fact) for fact in _naming(int(str(wanted)), house)} - {tail(pointer)} - {tail(fact) for fact in own}
    pointed, stated = _written(pointer, facts), _stated(server, own, facts)
    if facts.about("change.setting", pointer.subject) or any(facts.about("change.setting", fact.subject) for fact in own):
        return
    if not agreeing and pointed is not None and (stated is None or pointed - stated > _LATER_BY):
        yield _right(service, pointer, str(wanted), str(port), _of_client(service, house), (pointer, listening, said), facts)
    elif len(own) == 1 and (agreeing or (pointed is not None and stated is not None and stated - pointed > _LATER_BY)):
        yield _right(server, own[0], str(port), str(wanted), ("config", "port"), (own[0], pointer, said), facts)


def _of_client(service: str, house: House) -> tuple[str, str]:
    server = means.server_of(service, house)
    return (server, "upstream_port") if server else ("dependency", "port")


def _stated(server: str, own: Sequence[Fact], facts: Facts) -> datetime | None:
    """Return when that a server listens where it does was written last: in its settings, else in what starts it."""
    written = [at for fact in own if (at := _written(fact, facts)) is not None]
    started = (instant(value_of(one, "at")) for one in facts.about("service.script", f"service:{server}"))
    return max(written) if written else next(started, None)


def _written(setting: Fact, facts: Facts) -> datetime | None:
    return next((instant(value_of(one, "at")) for one in facts.about("file.written", setting.subject)), None)


def _right(
    service: str, setting: Fact, old: str, new: str, filed: tuple[str, str], sources: tuple[Fact, ...], facts: Facts
) -> Fact:
    key = text_of(setting, "key")
    lines = (
        value_of(one, "line")
        for one in facts.about("file.setting", setting.subject)
        if text_of(one, "key") == key and old in str(value_of(one, "value"))
    )
    value: dict[str, Value] = {"service": service, "key": key, "line": next(lines, 0), "old": old, "new": new}
    value |= {"thing": filed[0], "failure": filed[1]}
    return made("pointer.astray", setting.subject, value, sources)
