"""Many alerts, few troubles: which alerts of a short while belong together; pure.

Two alerts are about one trouble when they are close in time and one of these holds: they are the same alert again; they are of
one host or of one service; one's service needs the other's, by the dependency graph or because one names the other; or they say
the same and share what lies below them (a rack, a switch, a volume) or what came to them (a release). Saying the same alone
proves nothing: two disks that fill up are two troubles.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

_NEAR = timedelta(minutes=2)
# A name that more than this share of the alerts of a while carry, and more than a few of them, tells nothing.
_COMMON, _COMMON_MIN = 0.4, 10
_HOPS = 2
# Labels that say how an alert is handled, not what it is about.
_HANDLING = frozenset(
    {"severity", "priority", "level", "team", "owner", "receiver", "env", "environment", "alertname", "monitor"}
)
# Labels of what several machines or services stand on together, or got together. Regions and clusters hold too much to tell.
_BELOW = {
    "rack",
    "chassis",
    "enclosure",
    "pdu",
    "switch",
    "uplink",
    "vlan",
    "subnet",
    "gateway",
    "hypervisor",
    "datastore",
    "array",
}
_SHARED = _BELOW | {"volume", "pool", "upstream", "database", "broker", "release", "build", "commit", "deploy"}
_HOSTS = ("host", "hostname", "instance", "node", "nodename", "server", "machine")
_SERVICES = ("service", "app", "application", "component", "deployment", "container", "unit")
_PORT = re.compile(r":\d{1,5}\Z")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[A-Za-z][\w.\-]*[A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class Alert:
    """What somebody or something complains of. `labels` are as the source gave them; the host may be among them."""

    at: datetime
    summary: str
    labels: Mapping[str, str] = field(default_factory=dict)
    host: str = ""
    service: str = ""

    @property
    def place(self) -> str:
        """Return the host, without port; empty when none is named."""
        return _PORT.sub("", self.host or _first(self.labels, _HOSTS)).lower()

    @property
    def whose(self) -> str:
        """Return the service; empty when none is named."""
        return (self.service or _first(self.labels, _SERVICES)).lower()


def group(alerts: Sequence[Alert], needs: Mapping[str, Collection[str]] | None = None) -> list[int]:
    """Return for each alert the number of its trouble; numbers begin at 0 in the order of first alerts.

    Args:
        alerts: in any order.
        needs: which services a service needs, by name.
    """
    groups = _Groups(len(alerts))
    order = sorted(range(len(alerts)), key=lambda number: alerts[number].at)
    for link in (_same_subject, _needing, _naming, _marked):
        for numbers in link(alerts, order, needs or {}):
            _join_near(groups, alerts, numbers)
    names: dict[int, int] = {}
    return [names.setdefault(groups.root(number), len(names)) for number in range(len(alerts))]


class _Groups:
    """Sets that grow together."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def root(self, number: int) -> int:
        while self._parent[number] != number:
            self._parent[number] = self._parent[self._parent[number]]
            number = self._parent[number]
        return number

    def join(self, one: int, other: int) -> None:
        one, other = self.root(one), self.root(other)
        self._parent[max(one, other)] = min(one, other)


def _join_near(groups: _Groups, alerts: Sequence[Alert], numbers: Sequence[int]) -> None:
    """Join alerts that are about one thing, as long as one follows the other soon."""
    ordered = sorted(numbers, key=lambda number: alerts[number].at)
    for sooner, later in pairwise(ordered):
        if alerts[later].at - alerts[sooner].at <= _NEAR:
            groups.join(sooner, later)


def _same_subject(alerts: Sequence[Alert], order: Sequence[int], needs: Mapping[str, Collection[str]]) -> Iterable[list[int]]:
    """Return the alerts of one host, those of one service, and those without either that are the same again."""
    by_subject: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number in order:
        alert = alerts[number]
        if alert.place:
            by_subject["host", alert.place].append(number)
        if alert.whose:
            by_subject["service", alert.whose].append(number)
        if not alert.place and not alert.whose:
            labels = (f"{name}={value}" for name, value in sorted(alert.labels.items()) if name not in _HANDLING)
            by_subject["alert", _wording(alert), *labels].append(number)
    return by_subject.values()


def _needing(alerts: Sequence[Alert], order: Sequence[int], needs: Mapping[str, Collection[str]]) -> Iterable[list[int]]:
    """Yield the alerts of two services of which one needs the other."""
    by_service = _by_service(alerts, order)
    plain = {service.lower(): {each.lower() for each in needed} for service, needed in needs.items()}
    for service, numbers in by_service.items():
        reached, edge = {service}, {service}
        for _ in range(_HOPS):
            edge = {needed for each in edge for needed in plain.get(each, ())} - reached
            reached |= edge
            for needed in edge & by_service.keys():
                yield numbers + by_service[needed]


def _naming(alerts: Sequence[Alert], order: Sequence[int], needs: Mapping[str, Collection[str]]) -> Iterable[list[int]]:
    """Yield the alerts that name another's service or host, with those of the one they name."""
    named = _by_service(alerts, order)
    for number in order:
        if alerts[number].place:
            named[alerts[number].place].append(number)
    # A name that stands in most alerts is the name of a product, or a common word.
    words = [set(_names(alerts[number])) & named.keys() for number in order]
    frequent = Counter(word for each in words for word in each)
    for number, mentioned in zip(order, words, strict=True):
        for word in mentioned - {alerts[number].place, alerts[number].whose}:
            if frequent[word] <= max(_COMMON_MIN, _COMMON * len(order)):
                yield [number, *named[word]]


def _marked(alerts: Sequence[Alert], order: Sequence[int], needs: Mapping[str, Collection[str]]) -> Iterable[list[int]]:
    """Return the alerts that say the same and share what lies below them or came to them."""
    by_mark: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for number in order:
        for mark in _marks(alerts[number]):
            by_mark[_wording(alerts[number]), *mark].append(number)
    return by_mark.values()


def _marks(alert: Alert) -> list[tuple[str, str]]:
    return [(name, value) for name, value in alert.labels.items() if value and name.lower() in _SHARED]


def _names(alert: Alert) -> Iterable[str]:
    yield from (word.lower() for word in _WORD.findall(alert.summary))
    yield from (_PORT.sub("", value).lower() for name, value in _marks(alert))


def _wording(alert: Alert) -> str:
    """Return what an alert says whatever its numbers."""
    return _NUMBER.sub("#", alert.summary)


def _by_service(alerts: Sequence[Alert], order: Sequence[int]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for number in order:
        if alerts[number].whose:
            found[alerts[number].whose].append(number)
    return found


def _first(labels: Mapping[str, str], names: Sequence[str]) -> str:
    return next((labels[name] for name in names if labels.get(name)), "")
