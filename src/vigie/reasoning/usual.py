"""What was so when the host was well: errors that its logs always had, addresses that never answered. `times.py` asks."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from vigie.domain.baseline import Baseline, Entry
from vigie.domain.fact import Fact, Source, Value
from vigie.reasoning.instants import instant

KIND = "usual"
_BASELINE_PROBE = "baseline.diff"
# Something that recurs is as it was until it comes several times as often.
_RECURS_FROM = 2
_TIMES_AS_OFTEN, _AND_SOME = 3, 5
_SERVER_ERROR = 500
_PARTS: Mapping[str, tuple[str, ...]] = {
    "log.error": ("level", "template"),
    "log.failed_request": ("method", "path", "status"),
    "log.slow_query": ("hash",),
    "log.slow_request": ("method", "path"),
    "cron.broken": ("why",),
    "login.refused": ("user", "why", "path"),
    "key.exposed": ("mode",),
    "process.strange": ("path",),
}
# What stands or does not, and is not counted.
_STANDING = frozenset(("cron.broken", "login.refused", "key.exposed", "process.strange"))


@dataclass(frozen=True)
class Usual:
    """The well state as far as it tells old complaints from new ones.

    `user` is the account that we read as: what a server says of our own attempts is no trouble of the host's.
    """

    taken_at: datetime | None = None
    logged: Mapping[str, int] = field(default_factory=dict)
    answers: Mapping[str, int] = field(default_factory=dict)
    services: Mapping[str, str] = field(default_factory=dict)
    user: str = ""

    def knows(self, fact: Fact) -> bool:
        """Say whether a fact is as it was when the host was well."""
        key = key_of(fact)
        if key is not None:
            return self._was_logged(fact, key)
        if fact.name == "endpoint.answer":
            return self._answered_so(fact)
        if fact.name == "service.state":
            return self.services.get(fact.subject, "running") == _of(fact, "state")
        return False

    def _was_logged(self, fact: Fact, key: str) -> bool:
        last, count = instant(_of(fact, "last")), _of(fact, "count")
        if self._is_own_doing(fact):
            return True
        if self.taken_at is None:
            return False
        if fact.name in _STANDING:
            return key in self.logged
        if last is not None and last <= self.taken_at:
            return True
        before = self.logged.get(key, 0)
        return before >= _RECURS_FROM and isinstance(count, int) and count <= before * _TIMES_AS_OFTEN + _AND_SOME

    def _answered_so(self, fact: Fact) -> bool:
        before, now = self.answers.get(fact.subject), _of(fact, "status")
        if before is None or not isinstance(now, int) or (0 < before < _SERVER_ERROR):
            return False
        return (before == 0) == (now == 0)

    def _is_own_doing(self, fact: Fact) -> bool:
        if not self.user or _of(fact, "kind") != "auth":
            return False
        return re.search(rf"\b(user|role) \"?{re.escape(self.user)}\"?(?![\w-])", str(_of(fact, "example"))) is not None


NOTHING_USUAL = Usual()


def key_of(fact: Fact) -> str | None:
    """Return what tells one complaint of a log from another; None for facts that are none."""
    name, subject = fact.name, fact.subject
    if name == "service.error":
        name, subject = "log.error", f"log:{_of(fact, 'log')}"
    parts = _PARTS.get(name)
    if parts is None:
        return None
    # A process has another number each time.
    where = "" if name == "process.strange" else subject.partition(":")[2]
    return "#".join((where, name, *(str(_of(fact, part)) for part in parts)))


def entries(facts: Iterable[Fact]) -> list[Entry]:
    """Return what the logs of a host that is well complain of, for its baseline."""
    found: dict[str, Entry] = {}
    for fact in facts:
        key = key_of(fact)
        if key is not None and fact.name in _PARTS:
            found[key] = Entry(KIND, key, {"count": _of(fact, "count")})
    return list(found.values())


def facts_of(former: Baseline, at: datetime) -> list[Fact]:
    """Return the well state as facts, for a diagnosis."""
    made = [_fact(former, "host", "baseline.taken", {"at": former.taken_at.isoformat()}, at, 0)]
    for number, entry in enumerate(former.entries, 1):
        if entry.kind == KIND:
            log = entry.path.partition("#")[0]
            value: dict[str, Value] = {"key": entry.path, "count": _field(entry.value, "count")}
            made.append(_fact(former, f"log:{log}", "log.usual", value, at, number))
        elif entry.kind == "endpoint" and not _is_well(entry.value):
            made.append(_fact(former, f"url:{entry.path}", "endpoint.usual", {"status": entry.value}, at, number))
        elif entry.kind == "service" and entry.value != "running":
            made.append(_fact(former, f"service:{entry.path}", "service.usual", {"state": entry.value}, at, number))
    return made


def of(named: Mapping[str, Iterable[Fact]]) -> Usual:
    """Return what is usual, from the facts by name."""
    taken = [instant(_of(fact, "at")) for fact in named.get("baseline.taken", ())]
    logged: dict[str, int] = {}
    for fact in named.get("log.usual", ()):
        count = _of(fact, "count")
        logged[str(_of(fact, "key"))] = count if isinstance(count, int) else 0
    answers = {fact.subject: _of(fact, "status") for fact in named.get("endpoint.usual", ())}
    services = {fact.subject: str(_of(fact, "state")) for fact in named.get("service.usual", ())}
    user = next((str(_of(fact, "name")) for fact in named.get("host.user", ())), "")
    return Usual(
        max((one for one in taken if one is not None), default=None),
        logged,
        {url: status for url, status in answers.items() if isinstance(status, int)},
        services,
        user,
    )


def _fact(former: Baseline, subject: str, name: str, value: dict[str, Value], at: datetime, number: int) -> Fact:
    source = Source("baseline", f"{former.taken_at.isoformat()}: {value}")
    return Fact(f"B-{former.taken_at.timestamp():.0f}-{number}", former.host, subject, name, value, at, source, _BASELINE_PROBE)


def _is_well(status: Value) -> bool:
    return isinstance(status, int) and 0 < status < _SERVER_ERROR


def _of(fact: Fact, name: str) -> Value:
    return _field(fact.value, name)


def _field(value: Value, name: str) -> Value:
    return value.get(name) if isinstance(value, dict) else None
