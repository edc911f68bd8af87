"""Who runs what on a host, worked out once from its facts; `relations.py` tells what follows from it."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from vigie.domain.fact import Fact, Value
from vigie.reasoning.facts import Facts

_PORT_MAX = 65_535
_ADDRESS = re.compile(r"(?:^|//|[@\s=,(\"'])(\[[0-9a-fA-F:]+\]|[A-Za-z0-9_.-]+):(\d{2,5})(?![\d.])")
PORT_KEY = re.compile(r"(^|[_.\-])(port|listen|bind)$", re.IGNORECASE)
_HERE = ("localhost", "127.", "0.0.0.0", "[::1]", "[::]", "::1")  # noqa: S104  # compared with, never bound
_HEAD = 100
_NAME_LEAST = 3
# Uptimes are told in whole seconds.
_ROUNDING = timedelta(seconds=2)


@dataclass
class House:
    """Processes, services, ports and logs, each by what it is asked for."""

    facts: Facts
    service_of_pid: dict[int, Fact] = field(default_factory=dict)
    parent_of: dict[int, int] = field(default_factory=dict)
    listening: dict[int, Fact] = field(default_factory=dict)
    owners_of_log: dict[str, list[Fact]] = field(default_factory=dict)
    used: list[Fact] = field(default_factory=list)
    large_logs: list[Fact] = field(default_factory=list)
    derived: dict[str, list[Fact]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for fact in self.facts.named("service.pid"):
            if isinstance(fact.value, int):
                self.service_of_pid[fact.value] = fact
        for fact in self.facts.named("process.state"):
            parent = value_of(fact, "parent")
            if isinstance(parent, int) and tail(fact).isdigit():
                self.parent_of[int(tail(fact))] = parent
        for fact in self.facts.named("port.listening"):
            if tail(fact).isdigit():
                self.listening[int(tail(fact))] = fact

    def service_of(self, pid: Value) -> Fact | None:
        """Return the `service.pid` fact of the service that a process belongs to, itself or through its parents."""
        seen: set[int] = set()
        at = pid if isinstance(pid, int) and not isinstance(pid, bool) else None
        while at is not None and at not in seen:
            if at in self.service_of_pid:
                return self.service_of_pid[at]
            seen.add(at)
            at = self.parent_of.get(at)
        return None

    def listeners(self) -> frozenset[str]:
        """Return the subjects of the services that listen on a port."""
        owners = (self.service_of(value_of(fact, "pid")) for fact in self.listening.values())
        return frozenset(owner.subject for owner in owners if owner is not None)

    def started_since(self, at: datetime | None) -> frozenset[str]:
        """Return the services that have started since an instant, and so run with what was changed then."""
        if at is None:
            return frozenset()
        started = {
            tail(fact): fact.at - timedelta(seconds=fact.value)
            for fact in self.facts.named("service.uptime_s")
            if isinstance(fact.value, int | float)
        }
        return frozenset(service for service, since in started.items() if since >= at - _ROUNDING)

    def speakers(self, error: Fact) -> list[tuple[str, Fact]]:
        """Return the services that a line of a log comes from: those it names, else the log's owners; each with what says so."""
        head = text_of(error, "example")[:_HEAD]
        named = [
            (tail(fact), fact)
            for fact in self.facts.named("service.state")
            if len(tail(fact)) >= _NAME_LEAST and re.search(rf"(?<![A-Za-z0-9/]){re.escape(tail(fact))}(?![A-Za-z0-9/])", head)
        ]
        return named or [(text_of(owner, "service"), owner) for owner in self.owners_of_log.get(tail(error), ())]

    def down(self) -> list[str]:
        """Return the services that do not run."""
        return [tail(fact) for fact in self.facts.named("service.running") if fact.value is False]

    def services_named_in(self, path: str) -> list[str]:
        """Return the services whose name begins a file's name, as in `worker-trace.log`; the longest name wins."""
        stem = PurePosixPath(path).name
        found = [
            tail(fact)
            for fact in self.facts.named("service.definition")
            if re.match(rf"{re.escape(tail(fact))}(?![A-Za-z0-9])", stem)
        ]
        longest = max((len(name) for name in found), default=0)
        return [name for name in found if len(name) == longest]

    def settings_of(self, path: str) -> tuple[Fact, ...]:
        """Return what is known of the settings of a file, those that were changed included."""
        return (*self.facts.about("file.setting", f"file:{path}"), *self.facts.about("change.setting", f"file:{path}"))

    def serving(self, url: str) -> tuple[Fact, Fact] | None:
        """Return the facts of the port that a URL means and of the service that listens there."""
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            return None
        listener = self.listening.get(port)
        owner = self.service_of(value_of(listener, "pid")) if listener is not None else None
        return None if listener is None or owner is None else (listener, owner)


def value_of(fact: Fact, name: str) -> Value:
    """Return a field of a fact's value, None where it has none."""
    return fact.value.get(name) if isinstance(fact.value, dict) else None


def text_of(fact: Fact, name: str) -> str:
    """Return a field of a fact's value as text, empty where it is none."""
    found = value_of(fact, name)
    return found if isinstance(found, str) else ""


def tail(fact: Fact) -> str:
    """Return a fact's subject without its kind."""
    return fact.subject.partition(":")[2]


def ports_named(key: str, value: Value) -> list[tuple[str, int]]:
    """Return the (address, port) pairs that a setting names; a lonely number counts when its key says that it is a port."""
    text = str(value)
    if PORT_KEY.search(key) and text.isdigit():
        return [("", int(text))] if 0 < int(text) <= _PORT_MAX else []
    found = [(host, int(port)) for host, port in _ADDRESS.findall(text)]
    return [(host, port) for host, port in found if 0 < port <= _PORT_MAX]


def is_here(address: str) -> bool:
    """Say whether an address means the machine itself."""
    return not address or address.startswith(_HERE)
