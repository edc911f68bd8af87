"""What follows from the facts alone: who owns a log, a file, a port; what a setting points to; which service is in trouble.

Derived facts are facts like others: each names in its source the facts that it was made from.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from vigie.domain.fact import Fact, Value
from vigie.reasoning import (
    access,
    behind,
    blame,
    claims,
    crowding,
    holding,
    limits,
    lockfiles,
    means,
    objects,
    parts,
    places,
    pointers,
    protection,
    queues,
    reach,
    reading,
    requested,
    trouble,
    ways,
)
from vigie.reasoning.derived import made
from vigie.reasoning.facts import UNAVAILABLE, Facts
from vigie.reasoning.house import PORT_KEY, House, is_here, ports_named, tail, text_of, value_of
from vigie.reasoning.times import Times, instant

# Derived fact: the facts that it is made from; the first are the ones worth looking for.
MADE_FROM: Mapping[str, tuple[str, ...]] = {
    "process.service": ("service.pid", "process.state"),
    "log.owner": ("service.definition", "log.open"),
    "service.error": ("log.error", "service.definition"),
    "url.requested": ("log.requested", "port.listening"),
    "database.access": ("database.found", "database.connections"),
    "database.served_by": ("database.server", "port.listening"),
    "file.used_by": ("service.definition", "service.script"),
    "endpoint.served_by": ("port.listening", "service.pid"),
    "setting.points_to": ("file.setting", "port.listening"),
    "setting.repointed": ("change.setting", "port.listening"),
    "path.wanted": ("file.setting", "service.script", "process.state"),
    "access.unusual": ("path.reach",),
    "folder.missing": ("path.reach",),
    "setting.misspelt": ("path.reach",),
    "link.astray": ("path.reach",),
    "service.awaited": ("path.reach",),
    "pointer.astray": ("file.setting", "service.script", "port.listening"),
    "limit.absurd": ("log.error", "file.setting", "service.script"),
    "name.astray": ("host.name_entry", "port.listening"),
    "port.claimed": ("service.port", "port.listening", "file.setting"),
    "log.large": ("file.size", "log.open"),
    "storage.full": ("log.error", "disk.used_ratio"),
    "folder.suspect": ("storage.full", "log.open"),
    "folder.config": ("service.definition", "service.script"),
    "change.timing": ("change.file",),
    "change.alone": ("change.file",),
    "setting.taken_in": ("change.setting", "service.definition"),
    "service.changed": ("change.file", "service.definition", "service.script"),
    "dependency.missing": ("setting.points_to", "service.definition"),
    "port.expected": ("service.port", "service.state"),
    "access.narrowed": ("change.mode",),
    "file.behind_link": ("change.link",),
    "setting.means": ("change.setting",),
    "database.crowd": ("database.connections", "port.client"),
    "lock.awaited": ("log.error", "database.open"),
    "session.holds": ("database.session", "log.error"),
    "sequence.behind": ("log.error", "index.state", "object.state"),
    "lockfile.stale": ("log.error", "service.definition", "process.state"),
    "queue.poison": ("queue.state", "log.error"),
    "object.blamed": ("log.error", "object.state"),
    "service.role": ("service.definition",),
    "service.troubled": ("service.state", "endpoint.answer", "log.error"),
    "port.blocked": ("port.connect",),
    "file.part": ("change.file",),
    "security.weakened": ("change.file", "key.exposed", "process.strange"),
    "group.holds": ("group.limit", "service.pid"),
    "host.troubled": ("service.state", "endpoint.answer", "log.error"),
}
_LARGE_BYTES = 1_000_000
# A program may stand behind the one that changes to its account.
_COMMAND_HEAD = 8
_FOLDERS_MOST = 4
_FULL_RATIO = 0.95
_CLOCK_SLACK_S = 120.0
_JUST_BEFORE_S = 1800.0
_LOG_NAME = re.compile(r"\.(log|out|err|trace)(\.|-|$)|/logs?/", re.IGNORECASE)
_UPSTREAM_KEY = re.compile(r"upstream|proxy_pass|backend|proxy_to|reverse_proxy|origin", re.IGNORECASE)
_ROLES: Mapping[str, frozenset[str]] = {
    "web": frozenset(("nginx", "apache2", "httpd", "caddy", "haproxy", "traefik", "lighttpd", "envoy", "varnishd", "angie")),
    "db": frozenset(("postgres", "postmaster", "mysqld", "mariadbd", "mongod", "mysqld_safe")),
    "cache": frozenset(("redis-server", "memcached", "valkey-server", "keydb-server")),
    "queue": frozenset(("rabbitmq-server", "beam.smp", "nats-server", "mosquitto", "kafka", "celery", "sidekiq", "rq")),
}


def derive(facts: Facts, times: Times) -> list[Fact]:
    """Return what follows from the facts."""
    house = House(facts)
    found: dict[str, Fact] = {}
    for step in (
        blame.alone,
        _processes,
        _large,
        _logs,
        _errors,
        reading.files,
        _taken_in,
        reading.changed,
        requested.addresses,
        _endpoints,
        _settings,
        places.wanted,
        reach.unusual,
        reach.missing,
        reach.links,
        reach.awaited,
        claims.claims,
        holding.held,
        trouble.services,
        _roles,
        _full,
        _timing,
        _folders,
        ways.access,
        ways.served,
        means.settings,
        pointers.astray,
        pointers.names,
        limits.absurd,
        access.narrowed,
        behind.links,
        claims.expected,
        claims.missing,
        objects.blamed,
        queues.poison,
        crowding.crowds,
        crowding.awaited,
        crowding.holders,
        crowding.counters,
        lockfiles.stale,
        claims.blocked,
        protection.weakened,
        parts.files,
        trouble.anything,
    ):
        for fact in step(facts, house, times):
            found.setdefault(fact.id, fact)
            house.derived.setdefault(fact.name, []).append(fact)
    return list(found.values())


def _processes(_facts: Facts, house: House, _times: Times) -> Iterator[Fact]:
    for fact in house.facts.named("process.state"):
        pid = int(tail(fact)) if tail(fact).isdigit() else None
        owner = house.service_of(pid)
        if owner is not None:
            yield made("process.service", fact.subject, {"service": tail(owner)}, (fact, owner))


def _large(facts: Facts, house: House, _times: Times) -> Iterator[Fact]:
    """Logs that take room, known by what is open for writing or by their names."""
    for fact in {tail(fact): fact for fact in facts.named("file.size")}.values():
        share, size = value_of(fact, "share"), value_of(fact, "bytes")
        if isinstance(size, int | float) and size >= _LARGE_BYTES and _LOG_NAME.search(tail(fact)):
            value: dict[str, Value] = {"bytes": size, "share": share, "folder": value_of(fact, "folder")}
            fresh = made("log.large", f"log:{tail(fact)}", value, (fact,))
            house.large_logs.append(fresh)
            yield fresh


def _full(facts: Facts, _house: House, times: Times) -> Iterator[Fact]:
    """Something has no room left: a disk says so, or a program is refused its writing."""
    for fact in facts.named("disk.used_ratio"):
        if isinstance(fact.value, int | float) and fact.value >= _FULL_RATIO:
            yield made("storage.full", "host", {"how": "disk", "where": tail(fact)}, (fact,))
    for fact in facts.named("log.error"):
        if text_of(fact, "kind") in ("no_space", "quota") and times.recent(fact):
            yield made("storage.full", "host", {"how": text_of(fact, "kind"), "where": tail(fact)}, (fact,))


def _timing(facts: Facts, _house: House, times: Times) -> Iterator[Fact]:
    """Did a change come just before the trouble, long before it, or only after it?"""
    if times.since is None:
        return
    for name in [name for name in facts.names() if name.startswith("change.") and name != "change.timing"]:
        for fact in facts.named(name):
            at = instant(value_of(fact, "at"))
            if at is None or name in trouble.OF_ADDRESSES:
                continue
            gap_s = (times.since - at).total_seconds()
            order = "after" if gap_s < -_CLOCK_SLACK_S else "just_before" if gap_s <= _JUST_BEFORE_S else "long_before"
            yield made("change.timing", fact.subject, {"order": order, "of": name}, (fact,))


def _folders(facts: Facts, house: House, times: Times) -> Iterator[Fact]:
    """Where it is worth looking: for what fills the storage, and for settings."""
    full = list(_full(facts, house, times))
    if full:
        places = {tail(fact): fact for fact in (*facts.named("log.open"), *facts.named("log.error"))}
        for folder in list(dict.fromkeys(str(PurePosixPath(path).parent) for path in places))[:_FOLDERS_MOST]:
            yield made("folder.suspect", f"folder:{folder}", {"why": "logs"}, full[:1])
        for fact in full:
            where = text_of(fact, "where")
            if text_of(fact, "how") == "disk" and where != "/":
                yield made("folder.suspect", f"folder:{where}", {"why": "disk"}, (fact,))
    yield from reading.folders(facts)


def _logs(facts: Facts, house: House, _times: Times) -> Iterator[Fact]:
    said: set[tuple[str, str]] = set()
    for path, service, source in _log_owners(facts, house):
        if (path, service) in said:
            continue
        said.add((path, service))
        fact = made("log.owner", f"log:{path}", {"service": service}, (source,))
        house.owners_of_log.setdefault(path, []).append(fact)
        yield fact


def _log_owners(facts: Facts, house: House) -> Iterator[tuple[str, str, Fact]]:
    for fact in facts.named("service.definition"):
        for name in ("error_log", "log"):
            if text_of(fact, name).startswith("/"):
                yield text_of(fact, name), tail(fact), fact
    for fact in facts.named("service.log"):
        if isinstance(fact.value, str):
            yield fact.value, tail(fact), fact
    for fact in house.large_logs:
        for service in house.services_named_in(tail(fact)):
            yield tail(fact), service, fact
    for fact in facts.named("log.open"):
        owner = house.service_of(value_of(fact, "pid"))
        if owner is not None:
            yield tail(fact), tail(owner), fact


def _errors(facts: Facts, house: House, _times: Times) -> Iterator[Fact]:
    for fact in facts.named("log.error"):
        for service, owner in house.speakers(fact):
            value = dict(fact.value) if isinstance(fact.value, dict) else {}
            yield made("service.error", f"service:{service}", {**value, "log": tail(fact), "service": service}, (fact, owner))


def _taken_in(facts: Facts, house: House, _times: Times) -> Iterator[Fact]:
    """Changed settings that a service runs with, because it has started since."""
    for use in house.used:
        for fact in facts.about("change.setting", use.subject) if value_of(use, "took_in") is True else ():
            value: dict[str, Value] = {"service": value_of(use, "service"), "key": value_of(fact, "key")}
            yield made("setting.taken_in", use.subject, value, (fact, use))


def _endpoints(facts: Facts, house: House, _times: Times) -> Iterator[Fact]:
    names = ("endpoint.answer", *trouble.OF_ADDRESSES)
    for url, fact in {tail(fact): fact for name in names for fact in facts.named(name)}.items():
        served = house.serving(url)
        if served is not None:
            listener, owner = served
            value: dict[str, Value] = {
                "port": int(tail(listener)),
                "service": tail(owner),
                "process": value_of(listener, "process"),
            }
            yield made("endpoint.served_by", f"url:{url}", value, (fact, listener, owner))


def _settings(facts: Facts, house: House, _times: Times) -> Iterator[Fact]:
    if not house.listening:
        return
    for fact in facts.named("file.setting"):
        for address, port in ports_named(text_of(fact, "key"), value_of(fact, "value")):
            listener = house.listening.get(port)
            value: dict[str, Value] = {
                "key": text_of(fact, "key"),
                "address": address,
                "port": port,
                "here": is_here(address),
                "listening": listener is not None,
            }
            yield made("setting.points_to", fact.subject, value, (fact, listener) if listener else (fact,))
    for fact in facts.named("change.setting"):
        yield from _repointed(fact, house)


def _repointed(fact: Fact, house: House) -> Iterator[Fact]:
    key = text_of(fact, "key")
    before, after = ports_named(key, value_of(fact, "before")), ports_named(key, value_of(fact, "after"))
    for (_, old), (address, new) in zip(before, after, strict=False):
        if old == new:
            continue
        value: dict[str, Value] = {
            "key": key,
            "path": tail(fact),
            "port_before": old,
            "port_after": new,
            "here": is_here(address),
            "at": value_of(fact, "at"),
            "listening_before": old in house.listening,
            "listening_after": new in house.listening,
            "own": bool(PORT_KEY.search(key)),
        }
        yield made("setting.repointed", fact.subject, value, (fact,))


def _roles(facts: Facts, house: House, _times: Times) -> Iterator[Fact]:
    """Which area of a house a service belongs to, by its program's name, else by what its settings say."""
    gateways = {text_of(use, "service") for use in house.used if any(_is_upstream(one) for one in house.settings_of(tail(use)))}
    for fact in facts.named("service.definition"):
        said = text_of(fact, "command").split()[:_COMMAND_HEAD]
        words = {PurePosixPath(word).name for place, word in enumerate(said) if place < 3 or word.startswith("/")}
        words.add(text_of(fact, "program"))
        role = next((role for role, programs in _ROLES.items() if words & programs), None)
        role = role or ("web" if tail(fact) in gateways else "app")
        server = next((word for word in sorted(words) if word in _ROLES["web"]), "proxy")
        yield made("service.role", fact.subject, {"role": role, "server": server}, (fact,))
    # Where nobody could read how a service is started, its name may still tell.
    for fact in facts.named("service.state"):
        if not facts.about("service.definition", fact.subject) and facts.about(UNAVAILABLE, "probe:service.definition"):
            role = next(
                (role for role, programs in _ROLES.items() if any(_sounds_like(tail(fact), one) for one in programs)), None
            )
            if role is not None:
                yield made("service.role", fact.subject, {"role": role, "server": tail(fact)}, (fact,))


def _sounds_like(service: str, program: str) -> bool:
    return service.startswith(program) or program.startswith(f"{service}-")


def _is_upstream(fact: Fact) -> bool:
    return bool(_UPSTREAM_KEY.search(text_of(fact, "key")) or _UPSTREAM_KEY.search(text_of(fact, "section")))
