"""Who wants a port, and who holds it."""

import re
from collections.abc import Iterator

from vigie.domain.fact import Fact, Value
from vigie.reasoning.derived import made
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import PORT_KEY, House, ports_named, tail, text_of, value_of
from vigie.reasoning.times import Times

_PORT = re.compile(r"(?::|\bport\s+)(\d{2,5})(?![\d:.])", re.IGNORECASE)
_PORT_MAX = 65_535
# Whose name says nothing of what they run.
_INTERPRETERS = frozenset(("python", "python3", "node", "perl", "ruby", "java", "php", "sh", "bash", "nc", "socat"))
_JUST_STARTED_S = 15.0
_UNSTEADY = frozenset(("starting", "backoff"))
# What a connection meets where a rule or a full queue keeps it out, though something listens.
_KEPT_OUT = frozenset(("timeout", "refused", "unreachable"))


def claims(facts: Facts, house: House, times: Times) -> Iterator[Fact]:
    """Yield the ports that a service wants and another process holds."""
    down = house.down()
    for service, port, source in _wanted_ports(facts, house, times):
        listener = house.listening.get(port)
        if listener is None:
            continue
        owner = house.service_of(value_of(listener, "pid"))
        if (owner is not None and tail(owner) == service) or (owner is None and _is_its_own(facts, service, listener)):
            continue
        value: dict[str, Value] = {
            "service": service,
            "port": port,
            "pid": value_of(listener, "pid"),
            "process": value_of(listener, "process"),
            "command": value_of(listener, "command"),
            "holder_service": tail(owner) if owner else None,
            "stranger": owner is None,
            "pid_known": isinstance(value_of(listener, "pid"), int),
            # One that is started again and again is up for a moment each time.
            "kept_out": service in down or _is_refused(house, service, port, times),
        }
        yield made("port.claimed", f"port:{port}", value, (listener, source))


def expected(facts: Facts, _house: House, _times: Times) -> Iterator[Fact]:
    """Yield the services that should listen on a port, and how they stand."""
    for fact in facts.named("service.port"):
        for state in facts.about("service.state", fact.subject):
            if isinstance(fact.value, int):
                # One that is started again and again is up for a moment each time.
                loops = text_of(state, "state") == "running" and _is_unsteady(state)
                value: dict[str, Value] = {"service": tail(fact), "state": "unsteady" if loops else text_of(state, "state")}
                yield made("port.expected", f"port:{fact.value}", value, (fact, state))


def missing(_facts: Facts, house: House, _times: Times) -> Iterator[Fact]:
    """Yield `dependency.missing`: ports of this host that a service's settings name and where nothing listens."""
    pointers = [fact for fact in house.derived.get("setting.points_to", ()) if _points_nowhere(fact)]
    for use in house.used:
        for fact in (one for one in pointers if one.subject == use.subject):
            value: dict[str, Value] = {"port": value_of(fact, "port"), "path": tail(fact), "key": text_of(fact, "key")}
            yield made("dependency.missing", f"service:{text_of(use, 'service')}", value, (fact, use))


def blocked(facts: Facts, house: House, _times: Times) -> Iterator[Fact]:
    """Yield `port.blocked`: ports of this host where something listens that cannot be reached from the host itself.

    While a service comes up and dies again, a port is listened on at one moment and refused at the next: that says nothing.
    """
    unsteady = any(_is_unsteady(state) for state in facts.named("service.state"))
    for fact in facts.named("port.connect"):
        listener = house.listening.get(int(tail(fact))) if tail(fact).isdigit() else None
        if unsteady and text_of(fact, "error") == "refused":
            continue
        if listener is not None and value_of(fact, "ok") is False and text_of(fact, "error") in _KEPT_OUT:
            owner = house.service_of(value_of(listener, "pid"))
            value: dict[str, Value] = {
                "port": int(tail(fact)),
                "how": text_of(fact, "error"),
                "service": tail(owner) if owner else None,
            }
            yield made("port.blocked", fact.subject, value, (fact, listener))


def _is_unsteady(state: Fact) -> bool:
    """Say whether a service is being started, or was a moment ago: it may be on its way down again."""
    uptime_s = value_of(state, "uptime_s")
    return text_of(state, "state") in _UNSTEADY or (isinstance(uptime_s, int | float) and uptime_s < _JUST_STARTED_S)


def gone_silent(facts: Facts, house: House) -> Iterator[tuple[str, str, Fact]]:
    """Yield the services that listened on a port when the host was well, and do not any more: (service, sign, fact)."""
    for fact in facts.named("change.socket"):
        before = value_of(fact, "before")
        if isinstance(before, str) and before and value_of(fact, "after") is None and int(tail(fact) or 0) not in house.listening:
            yield from ((service, "silent", fact) for service in _services_called(facts, before))


def _points_nowhere(fact: Fact) -> bool:
    return value_of(fact, "here") is True and value_of(fact, "listening") is False and bool(text_of(fact, "address"))


def _wanted_ports(facts: Facts, house: House, times: Times) -> Iterator[tuple[str, int, Fact]]:
    yield from ((tail(fact), fact.value, fact) for fact in facts.named("service.port") if isinstance(fact.value, int))
    yield from _held_before(facts)
    down = house.down()
    yield from _refused(facts, house, down, times)
    for use in house.used:
        if text_of(use, "service") in down:
            yield from _told_by_settings(use, house, down)


def _held_before(facts: Facts) -> Iterator[tuple[str, int, Fact]]:
    for fact in facts.named("change.socket"):
        before, after = value_of(fact, "before"), value_of(fact, "after")
        if isinstance(before, str) and after is not None and before != after and tail(fact).isdigit():
            yield from ((service, int(tail(fact)), fact) for service in _services_called(facts, before))


def _refused(facts: Facts, house: House, down: list[str], times: Times) -> Iterator[tuple[str, int, Fact]]:
    """Ports that a log says were in use; the log of nobody in particular speaks for the only service that is down."""
    for fact in house.derived.get("service.error", ()):
        yield from ((tail(fact), port, fact) for port in _ports_refused(fact, times))
    if len(down) == 1:
        for fact in facts.named("log.error"):
            yield from ((down[0], port, fact) for port in _ports_refused(fact, times))


def _is_refused(house: House, service: str, port: int, times: Times) -> bool:
    errors = house.derived.get("service.error", ())
    return any(tail(fact) == service and port in _ports_refused(fact, times) for fact in errors)


def _told_by_settings(use: Fact, house: House, down: list[str]) -> Iterator[tuple[str, int, Fact]]:
    service = text_of(use, "service")
    for fact in house.settings_of(tail(use)):
        is_its_own = text_of(fact, "section") == service or len(down) == 1
        if is_its_own and PORT_KEY.search(text_of(fact, "key")):
            yield from ((service, port, fact) for _, port in ports_named(text_of(fact, "key"), value_of(fact, "value")))


def _ports_refused(fact: Fact, times: Times) -> list[int]:
    """Return the ports of which a log says that they were in use."""
    if text_of(fact, "kind") != "address_in_use" or not times.recent(fact):
        return []
    numbers = _PORT.findall(f"{text_of(fact, 'example')} {text_of(fact, 'trace')}")
    return list(dict.fromkeys(int(number) for number in numbers if int(number) <= _PORT_MAX))


def _is_its_own(facts: Facts, service: str, listener: Fact) -> bool:
    """Say whether a process is what a service that comes up and dies again has just started."""
    process = text_of(listener, "process")
    unsteady = any(text_of(state, "state") in _UNSTEADY for state in facts.about("service.state", f"service:{service}"))
    return unsteady and process not in _INTERPRETERS and service in _services_called(facts, process)


def _services_called(facts: Facts, process: str) -> Iterator[str]:
    """Services whose name, program or launching script names a process: the only trace of who held a port before."""
    found: dict[str, None] = {}
    for fact in (*facts.named("service.definition"), *facts.named("service.script")):
        named = (tail(fact), text_of(fact, "program"), *text_of(fact, "command").split())
        if process in {word.rpartition("/")[2] for word in named}:
            found[tail(fact)] = None
    yield from found
