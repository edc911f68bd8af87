"""Requests run through a made-up company, and what breaks spreads along them; in the formats of many loggers."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from tests.haystacks.world import Haystack

BEGIN_S = datetime(2025, 11, 3, 9, 30, tzinfo=UTC).timestamp()
COMPANIES: tuple[tuple[str, dict[str, tuple[str, ...]]], ...] = (
    (
        "clinic",
        {
            "triage-ui": ("records", "scheduler"),
            "records": ("pgmain", "imaging"),
            "scheduler": ("pgmain", "notifier"),
            "imaging": ("blobstore",),
            "notifier": (),
            "pgmain": (),
            "blobstore": (),
        },
    ),
    (
        "game",
        {
            "edge": ("lobby", "profile"),
            "lobby": ("matchmaker", "chat"),
            "matchmaker": ("ratings",),
            "profile": ("mongo-a",),
            "ratings": ("mongo-a",),
            "chat": ("kafka-1",),
            "mongo-a": (),
            "kafka-1": (),
        },
    ),
    (
        "freight",
        {
            "Portal": ("Quotes", "Tracking"),
            "Quotes": ("Tariffs",),
            "Tracking": ("Geo", "EventStore"),
            "Tariffs": ("EventStore",),
            "Geo": (),
            "EventStore": (),
        },
    ),
    (
        "meters",
        {"ingest_api": ("validator",), "validator": ("tsdb", "registry"), "billing_run": ("tsdb",), "registry": (), "tsdb": ()},
    ),
)
OUTCOMES = ("done", "completed", "processed ok", "finished", "served")
VERBS = ("fetch", "store", "list", "render", "update", "lookup", "sync")


@dataclass
class Fault:
    """What breaks: from `begin` to `end` (shares of the time) the service fails `share` of what it is asked."""

    service: str
    begin: float
    end: float = 1.0
    share: float = 0.9
    words: Sequence[str] = ("internal failure",)
    complaint: str = "call to {to} failed: status 500"
    first: str | None = None
    mute: bool = False
    instance: str | None = None


@dataclass
class Entry:
    at_s: float
    service: str
    level: str
    text: str
    trace: str
    instance: str
    needle: bool = False


@dataclass
class Company:
    """Runs requests through the services and keeps what they write."""

    seed: int
    faults: Sequence[Fault] = ()
    hours: float = 2.0
    requests: int = 4000
    replicas: int = 1
    entries: list[Entry] = field(default_factory=list)
    dice: random.Random = field(init=False)
    calls: dict[str, tuple[str, ...]] = field(init=False)
    hidden: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.calls = COMPANIES[self.seed % len(COMPANIES)][1]

    def at(self, share: float) -> float:
        return BEGIN_S + share * self.hours * 3600

    def write(
        self, at_s: float, service: str, level: str, text: str, *, trace: str = "", instance: str = "", needle: bool = False
    ) -> None:
        if service not in self.hidden:
            self.entries.append(
                Entry(
                    at_s, service, level, text, trace, instance or f"{service}-{1 + self.dice.randrange(self.replicas)}", needle
                )
            )

    def run(self) -> None:
        roots = [name for name in self.calls if not any(name in needed for needed in self.calls.values())]
        for _ in range(self.requests):
            self._request(self.dice.choice(roots), self.at(self.dice.random() ** 0.9), f"{self.dice.getrandbits(64):016x}", 0)
        for fault in self.faults:
            if fault.first:
                self.write(
                    self.at(fault.begin) - 0.5, fault.service, "ERROR", fault.first, needle=True, instance=fault.instance or ""
                )

    def _request(self, service: str, at_s: float, trace: str, depth: int) -> bool:
        dice = self.dice
        instance = f"{service}-{1 + dice.randrange(self.replicas)}"
        verb, what = dice.choice(VERBS), dice.randrange(100_000)
        say = partial(self.write, service=service, trace=trace, instance=instance)
        muted = any(fault.mute and fault.service == service and self._is_on(fault, at_s) for fault in self.faults)
        if not muted and dice.random() < 0.6:
            say(at_s, level="DEBUG" if dice.random() < 0.3 else "INFO", text=f"{verb} {what} begins")
        for fault in self.faults:
            if (
                fault.service == service
                and self._is_on(fault, at_s)
                and fault.instance in (None, instance)
                and dice.random() < fault.share
            ):
                if not fault.mute:
                    say(at_s + 0.02, level="ERROR", text=dice.choice(fault.words).replace("{n}", str(what)))
                return False
        good = True
        for needed in self.calls[service]:
            if dice.random() < 0.7 and not self._request(needed, at_s + 0.03 * (depth + 1), trace, depth + 1):
                failing = next((each for each in self.faults if each.service == needed), Fault(needed, 0))
                words = failing.complaint.replace("{to}", needed).replace("{n}", str(what))
                say(at_s + 0.3 - 0.05 * depth, level="ERROR", text=words)
                good = False
        if good:
            say(at_s + 0.2, level="INFO", text=f"{verb} {what} {dice.choice(OUTCOMES)} in {dice.randrange(3, 90)}ms")
        return good

    def _is_on(self, fault: Fault, at_s: float) -> bool:
        return self.at(fault.begin) <= at_s <= self.at(fault.end)

    def sufferers(self, origin: str) -> frozenset[str]:
        found = {origin}
        while more := {name for name, needed in self.calls.items() if found & set(needed)} - found:
            found |= more
        return frozenset(found - {origin} - self.hidden)


def _at(entry: Entry) -> datetime:
    return datetime.fromtimestamp(entry.at_s, UTC)


def pino(entry: Entry, _dice: random.Random) -> str:
    number = {"DEBUG": 20, "INFO": 30, "WARN": 40, "ERROR": 50}[entry.level]
    return json.dumps(
        {
            "level": number,
            "time": int(entry.at_s * 1000),
            "pid": 7,
            "hostname": entry.instance,
            "name": entry.service,
            "reqId": entry.trace,
            "msg": entry.text,
        }
    )


def sleuth(entry: Entry, _dice: random.Random) -> str:
    stamp = f"{_at(entry):%Y-%m-%d %H:%M:%S}.{_at(entry).microsecond // 1000:03d}"
    who = f"[{entry.service},{entry.trace},{entry.trace[:8]}]"
    return f"{stamp} {entry.level:>5} {who} 1 --- [nio-{entry.trace[:1]}] c.c.Api : {entry.text}"


def python(entry: Entry, _dice: random.Random) -> str:
    stamp = f"{_at(entry):%Y-%m-%d %H:%M:%S},{_at(entry).microsecond // 1000:03d}"
    return f"{stamp} - {entry.service} - {entry.level} - {entry.text} (trace={entry.trace})"


def rfc5424(entry: Entry, _dice: random.Random) -> str:
    severity = {"DEBUG": 7, "INFO": 6, "WARN": 4, "ERROR": 3}[entry.level]
    stamp = f"{_at(entry):%Y-%m-%dT%H:%M:%S}.{_at(entry).microsecond:06d}Z"
    return f"<{16 * 8 + severity}>1 {stamp} {entry.instance} {entry.service} 312 - - {entry.text}"


def compose(entry: Entry, _dice: random.Random) -> str:
    return f"{entry.service:<12} | {_at(entry):%d/%b/%Y:%H:%M:%S +0000} {entry.level.lower()}: {entry.text}"


def cri(entry: Entry, _dice: random.Random) -> str:
    stream = "stderr" if entry.level == "ERROR" else "stdout"
    return (
        f"{_at(entry):%Y-%m-%dT%H:%M:%S}.{_at(entry).microsecond:06d}000Z {stream} F {entry.level} {entry.text} rid={entry.trace}"
    )


def gelf(entry: Entry, _dice: random.Random) -> str:
    return json.dumps(
        {
            "version": "1.1",
            "host": entry.instance,
            "short_message": entry.text,
            "timestamp": round(entry.at_s, 3),
            "level": {"ERROR": 3, "WARN": 4, "INFO": 6, "DEBUG": 7}[entry.level],
            "service": entry.service,
        }
    )


def klog(entry: Entry, dice: random.Random) -> str:
    stamp = f"{_at(entry):%m%d %H:%M:%S}.{_at(entry).microsecond:06d}"
    return f"{entry.level[0]}{stamp}       1 {entry.service}.go:{dice.randrange(20, 300)}] {entry.text}"


Style = Callable[[Entry, random.Random], str]


def filed(
    name: str,
    company: Company,
    style: Style,
    *,
    apart: bool,
    origin: str | None,
    since: float = 0.0,
    tolerance_s: float = 120.0,
    sufferers: frozenset[str] | None = None,
) -> Haystack:
    files: dict[str, list[str]] = {}
    needles = set()
    for entry in sorted(company.entries, key=lambda each: each.at_s):
        file = f"logs/{entry.service}.log" if apart else "logs/everything.log"
        lines = files.setdefault(file, [])
        lines.append(style(entry, company.dice))
        if entry.needle:
            needles.add((file, len(lines)))
    hurt = sufferers if sufferers is not None else company.sufferers(origin or "")
    return Haystack(
        name,
        {file: "\n".join(lines) + "\n" for file, lines in files.items()},
        origin,
        hurt if origin else frozenset(),
        company.at(since),
        tolerance_s,
        frozenset(needles),
    )
