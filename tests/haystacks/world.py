"""A small made-up company: services that call each other and write logs, until a story happens to them."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

BEGIN = datetime(2026, 5, 12, 6, 0, tzinfo=UTC)


@dataclass
class Line:
    at_s: float
    service: str
    level: str
    text: str
    instance: str = ""
    rid: str = ""
    needle: bool = False


@dataclass
class Haystack:
    """Files and what is true of them. `since_s` counts from 1970; `needles` are (file, line number)."""

    name: str
    files: dict[str, str]
    origin: str | None
    sufferers: frozenset[str] = frozenset()
    since_s: float = 0.0
    tolerance_s: float = 120.0
    needles: frozenset[tuple[str, int]] = frozenset()


Format = Callable[[Line, random.Random], str]


def _iso(line: Line, digits: int = 3, end: str = "Z") -> str:
    at = datetime.fromtimestamp(line.at_s, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 10 ** (6 - digits):0{digits}d}{end}"


def _rid(line: Line, form: str = " [{}]") -> str:
    return form.format(line.rid) if line.rid else ""


def bracket(line: Line, _dice: random.Random) -> str:
    at = datetime.fromtimestamp(line.at_s, UTC)
    who = f"{line.service}/{line.instance}" if line.instance else line.service
    return f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03d} [{line.level}] [{who}]{_rid(line)} {line.text}"


def colon(line: Line, _dice: random.Random) -> str:
    return f"{_iso(line)} {line.level:<5} {line.service}: {line.text}{_rid(line, ' req={}')}"


def as_json(line: Line, dice: random.Random) -> str:
    tree: dict[str, object] = {"ts": _iso(line), "level": line.level.lower(), "service": line.service}
    if line.instance:
        tree["instance"] = line.instance
    tree["msg"] = line.text
    if line.rid:
        tree["trace_id"] = line.rid
    tree["pid"] = dice.randrange(100, 999)
    return json.dumps(tree)


def logfmt(line: Line, _dice: random.Random) -> str:
    host = f" host={line.instance}" if line.instance else ""
    quoted = line.text.replace('"', "'")
    return f'time={_iso(line)} level={line.level.lower()} app={line.service}{host} msg="{quoted}"{_rid(line, " request_id={}")}'


def syslog(line: Line, dice: random.Random) -> str:
    at = datetime.fromtimestamp(line.at_s, UTC)
    host = line.instance or "node1"
    word = "" if line.level == "INFO" else f"{line.level}: "
    return f"{at:%b} {at.day:2d} {at:%H:%M:%S} {host} {line.service}[{dice.randrange(300, 9000)}]: {word}{line.text}"


def pipes(line: Line, _dice: random.Random) -> str:
    return f"{_iso(line, 6, '+00:00')} | {line.level:<8} | {line.service} | {line.text}{_rid(line, ' | {}')}"


def bare(line: Line, _dice: random.Random) -> str:
    """A file of its own: the service is only in the file's name."""
    at = datetime.fromtimestamp(line.at_s, UTC)
    return f"{at:%Y/%m/%d %H:%M:%S} {line.level} {line.text}{_rid(line)}"


def java(line: Line, dice: random.Random) -> str:
    at = datetime.fromtimestamp(line.at_s, UTC)
    klass = dice.choice(("Handler", "Client", "Scheduler"))
    stamp = f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d}"
    return f"{stamp} {line.level:>5} 1 --- [exec-{dice.randrange(1, 30)}] com.example.{klass} : {line.text}{_rid(line)}"


def epoch(line: Line, _dice: random.Random) -> str:
    return f"{int(line.at_s * 1000)} {line.service} {line.level} {line.text}{_rid(line)}"


@dataclass
class World:
    """Lines to be written. `calls[a]` are those whom a needs."""

    seed: str
    calls: Mapping[str, tuple[str, ...]]
    speech: Mapping[str, Sequence[str]]
    hours: float = 3.0
    lines: list[Line] = field(default_factory=list)
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    @property
    def begin_s(self) -> float:
        return BEGIN.timestamp()

    @property
    def end_s(self) -> float:
        return (BEGIN + timedelta(hours=self.hours)).timestamp()

    def at(self, share: float) -> float:
        return self.begin_s + share * (self.end_s - self.begin_s)

    def say(
        self, at_s: float, service: str, level: str, text: str, *, needle: bool = False, instance: str = "", rid: str = ""
    ) -> None:
        self.lines.append(Line(at_s, service, level, text, instance, rid, needle))

    def filled(self, text: str) -> str:
        dice = self.dice
        return (
            text.replace("{n}", str(dice.randrange(1, 90_000)))
            .replace("{ms}", str(dice.randrange(2, 180)))
            .replace("{hex}", f"{dice.getrandbits(48):012x}")
            .replace("{ip}", f"10.{dice.randrange(9)}.{dice.randrange(250)}.{dice.randrange(250)}")
            .replace("{user}", dice.choice(("ana", "bob", "chloe", "dmitri", "eve", "farid")))
        )

    def ordinary(
        self,
        count: int,
        *,
        until: dict[str, float] | None = None,
        instances: Mapping[str, Sequence[str]] | None = None,
        rids: bool = False,
    ) -> None:
        """Everyday talk: requests through the services, at a rate that swings a little."""
        services = list(self.calls)
        for _ in range(count):
            at_s = self.at(self.dice.random())
            if self.dice.random() < 0.3:
                at_s = self.at((self.dice.random() + self.dice.random()) / 2)
            service = self.dice.choice(services)
            if until and at_s > until.get(service, self.end_s):
                continue
            rid = f"{self.dice.getrandbits(64):016x}" if rids else ""
            who = self.dice.choice(instances[service]) if instances and service in instances else ""
            self.say(at_s, service, "INFO", self.filled(self.dice.choice(self.speech[service])), instance=who, rid=rid)
            for needed in self.calls[service]:
                if self.dice.random() < 0.25:
                    who = self.dice.choice(instances[service]) if instances and service in instances else ""
                    self.say(at_s + 0.01, service, "INFO", self.filled(f"called {needed} in {{ms}} ms"), instance=who, rid=rid)

    def now_and_then(self, count: int, service: str, level: str, text: str, begin: float = 0.0, end: float = 1.0) -> None:
        for _ in range(count):
            self.say(self.at(begin + (end - begin) * self.dice.random()), service, level, self.filled(text))

    def steadily(
        self,
        every_s: float,
        service: str,
        level: str,
        text: str,
        begin_s: float,
        end_s: float,
        *,
        instance: str = "",
        rid: str = "",
    ) -> None:
        at_s = begin_s
        while at_s < end_s:
            self.say(at_s, service, level, self.filled(text), instance=instance, rid=rid)
            at_s += every_s * self.dice.uniform(0.6, 1.4)

    def written(
        self,
        name: str,
        form: Format | dict[str, Format],
        *,
        apart: bool,
        origin: str | None,
        sufferers: Sequence[str] = (),
        since_s: float = 0.0,
        tolerance_s: float = 120.0,
        ahead_s: dict[str, float] | None = None,
    ) -> Haystack:
        """Write the files: one a service, or one for all."""
        by_file: dict[str, list[str]] = {}
        needles: set[tuple[str, int]] = set()
        for line in sorted(self.lines, key=lambda each: each.at_s):
            file = f"{line.service}.log" if apart else "all.log"
            style = form[line.service] if isinstance(form, dict) else form
            if ahead_s and line.service in ahead_s:
                line.at_s += ahead_s[line.service]
            written = by_file.setdefault(file, [])
            written += style(line, self.dice).split("\n")
            if line.needle:
                needles.add((file, len(written)))
        files = {file: "\n".join(lines) + "\n" for file, lines in by_file.items()}
        return Haystack(name, files, origin, frozenset(sufferers), since_s, tolerance_s, frozenset(needles))
