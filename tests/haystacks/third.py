"""Haystacks with what real logs are full of: chatter that swings with the day, restarts, odd rare lines."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from math import pi, sin

from tests.haystacks.world import Haystack

BEGIN_S = datetime(2026, 2, 20, 0, 0, tzinfo=UTC).timestamp()
HOURS = 10.0
CHATTER: dict[str, Sequence[tuple[str, str]]] = {
    "haproxy": (
        ("INFO", "{ip}:{n} [web] backend/{who} 0/0/1/{ms}/{ms} 200 {n} GET /v2/{word}/{n}"),
        ("INFO", "health check of {who} passed"),
    ),
    "auth": (
        ("INFO", "token issued for {user}"),
        ("INFO", "session {hex} renewed"),
        ("WARN", "bad password for {user} from {ip}"),
    ),
    "cart": (
        ("INFO", "cart {hex} now has {ms} items"),
        ("DEBUG", "cache hit for cart {hex}"),
        ("INFO", "checkout of {hex} took {ms} ms"),
    ),
    "invoice": (
        ("INFO", "invoice {n} sent to {user}"),
        ("INFO", "pdf rendered in {ms} ms"),
        ("WARN", "vat number of {user} not confirmed, will retry"),
    ),
    "mariadb": (
        ("INFO", "InnoDB: page_cleaner took {ms} ms"),
        ("INFO", "Aborted connection {n} to db (Got timeout reading communication packets)"),
    ),
    "worker": (
        ("INFO", "job {hex} picked from queue mails"),
        ("INFO", "job {hex} done in {ms} ms"),
        ("WARN", "job {hex} failed once, will be retried"),
    ),
    "rabbit": (("INFO", "accepting AMQP connection {ip}:{n}"), ("INFO", "closing AMQP connection {ip}:{n}")),
}
ODD_ONCE = (
    ("INFO", "log level set to info"),
    ("INFO", "rotating keys, next in {n} s"),
    ("WARN", "clock drift of {ms} ms corrected"),
    ("ERROR", "could not parse user agent of {ip}"),
    ("INFO", "starting version 3.{ms}.1"),
    ("WARN", "deprecated endpoint /v1/{word} called by {user}"),
    ("ERROR", "template footer_{ms} missing, default used"),
)
Style = Callable[[float, str, str, str, random.Random], str]


@dataclass
class Scene:
    seed: str
    lines: list[tuple[float, str, str, str, bool]] = field(default_factory=list)
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    def at(self, share: float) -> float:
        return BEGIN_S + share * HOURS * 3600

    def fill(self, text: str) -> str:
        dice = self.dice
        for name, value in (
            ("{ip}", f"192.0.2.{dice.randrange(250)}"),
            ("{n}", str(dice.randrange(99_999))),
            ("{ms}", str(dice.randrange(1, 250))),
            ("{hex}", f"{dice.getrandbits(32):08x}"),
            ("{user}", f"{dice.choice('abcdefgh')}{dice.choice(('lice', 'ob', 'ric', 'nna'))}{dice.randrange(50)}"),
            ("{who}", dice.choice(("cart", "auth", "invoice"))),
            ("{word}", dice.choice(("shoes", "hats", "orders", "me", "returns"))),
        ):
            text = text.replace(name, value)
        return text

    def say(self, at_s: float, who: str, level: str, text: str, *, needle: bool = False) -> None:
        self.lines.append((at_s, who, level, self.fill(text), needle))

    def chatter(self, count: int, *, without: Sequence[str] = (), dead: dict[str, float] | None = None) -> None:
        """Everyday talk, twice as much at noon as at night, with a few odd lines and a restart that mean nothing."""
        speakers = [name for name in CHATTER if name not in without]
        while count > 0:
            share = self.dice.random()
            if self.dice.random() > 0.6 + 0.4 * sin(pi * share):
                continue
            who = self.dice.choice(speakers)
            if dead and share > dead.get(who, 2):
                continue
            lines = CHATTER[who]
            level, text = lines[min(int(self.dice.expovariate(1.3)), len(lines) - 1)]
            self.say(self.at(share), who, level, text)
            count -= 1
        for level, text in ODD_ONCE:
            self.say(self.at(self.dice.random()), self.dice.choice(speakers), level, text)

    def keeps(self, who: str, level: str, text: str, begin: float, end: float = 1.0, *, every_s: float = 10.0) -> None:
        at_s = self.at(begin)
        while at_s < self.at(end):
            self.say(at_s, who, level, text)
            at_s += self.dice.expovariate(1 / every_s)

    def filed(
        self,
        style: Style,
        origin: str | None,
        *,
        sufferers: Sequence[str] = (),
        since: float = 0.0,
        apart: bool = False,
        tolerance_s: float = 180.0,
    ) -> Haystack:
        files: dict[str, list[str]] = {}
        needles = set()
        for at_s, who, level, text, needle in sorted(self.lines):
            file = f"{who}.log" if apart else "site.log"
            files.setdefault(file, []).append(style(at_s, who, level, text, self.dice))
            if needle:
                needles.add((file, len(files[file])))
        written = {file: "\n".join(lines) + "\n" for file, lines in files.items()}
        return Haystack(self.seed, written, origin, frozenset(sufferers), self.at(since), tolerance_s, frozenset(needles))


def _utc(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)


def zap(at_s: float, who: str, level: str, text: str, dice: random.Random) -> str:
    return json.dumps(
        {
            "level": level.lower(),
            "ts": round(at_s, 6),
            "logger": who,
            "caller": f"x/{dice.choice('abc')}.go:{dice.randrange(99)}",
            "msg": text,
        }
    )


def ecs(at_s: float, who: str, level: str, text: str, _dice: random.Random) -> str:
    return json.dumps(
        {
            "@timestamp": f"{_utc(at_s):%Y-%m-%dT%H:%M:%S}.{_utc(at_s).microsecond // 1000:03d}Z",
            "log.level": level,
            "message": text,
            "service": {"name": who},
        }
    )


def slashed(at_s: float, who: str, level: str, text: str, _dice: random.Random) -> str:
    return f"{_utc(at_s):%d/%m/%Y %H:%M:%S} {who} {level} {text}"


def loguru(at_s: float, who: str, level: str, text: str, dice: random.Random) -> str:
    stamp = f"{_utc(at_s):%Y-%m-%d %H:%M:%S}.{_utc(at_s).microsecond // 1000:03d}"
    return f"{stamp} | {level:<8} | {who}:run:{dice.randrange(300)} - {text}"


def bsd(at_s: float, who: str, level: str, text: str, dice: random.Random) -> str:
    said = "" if level in ("INFO", "DEBUG") else f"{level.lower()}: "
    return f"{_utc(at_s):%b %e %H:%M:%S} web01 {who}[{dice.randrange(100, 9000)}]: {said}{text}"


def upper(at_s: float, who: str, level: str, text: str, _dice: random.Random) -> str:
    return f"[{_utc(at_s):%Y-%m-%dT%H:%M:%S%z}] {who.upper()}.{level}: {text} [] []"


def own_file(at_s: float, _who: str, level: str, text: str, _dice: random.Random) -> str:
    return f"{_utc(at_s):%Y-%m-%d %H:%M:%S} {level}: {text}"


def disk_fills() -> Haystack:
    scene = Scene("disk_fills")
    scene.chatter(40_000)
    for step in range(10):
        scene.say(scene.at(0.5 + 0.02 * step), "mariadb", "WARN", f"tablespace usage {80 + 2 * step} % of volume")
    scene.say(scene.at(0.7), "mariadb", "ERROR", "The table 'orders' is full: No space left on device", needle=True)
    scene.keeps("cart", "ERROR", "checkout of {hex} failed: (1114) mariadb: table is full", 0.7003)
    scene.keeps("haproxy", "ERROR", "backend/cart 503 GET /v2/checkout/{n}", 0.7006)
    return scene.filed(bsd, "mariadb", sufferers=("cart", "haproxy"), since=0.7, tolerance_s=0.22 * HOURS * 3600)


def broker_stops() -> Haystack:
    scene = Scene("broker_stops")
    scene.chatter(30_000, dead={"rabbit": 0.64})
    scene.keeps("worker", "ERROR", "cannot connect to amqp://rabbit:5672/: connection refused", 0.641, every_s=5)
    scene.keeps("invoice", "WARN", "mail for {user} not queued: broker gone", 0.642, every_s=20)
    return scene.filed(zap, "rabbit", sufferers=("worker", "invoice"), since=0.641)


def login_fails() -> Haystack:
    scene = Scene("login_fails")
    scene.chatter(30_000)
    scene.say(scene.at(0.43), "auth", "INFO", "config reloaded: jwt.issuer changed from a to b", needle=True)
    scene.keeps("auth", "ERROR", "signature of token {hex} invalid: unknown key id", 0.4302, every_s=6)
    scene.keeps("cart", "ERROR", "auth rejected token of {user} (401)", 0.4303, every_s=8)
    scene.keeps("invoice", "ERROR", "auth rejected token of {user} (401)", 0.4306, every_s=15)
    return scene.filed(ecs, "auth", sufferers=("cart", "invoice"), since=0.4302)


def few_lines() -> Haystack:
    scene = Scene("few_lines")
    scene.chatter(100_000)
    scene.say(scene.at(0.77), "cart", "ERROR", "fatal error: runtime: out of memory", needle=True)
    scene.say(scene.at(0.77) + 2, "haproxy", "WARN", "Server backend/cart is DOWN, reason: Layer4 connection problem")
    scene.say(scene.at(0.77) + 30, "cart", "INFO", "starting version 3.12.1")
    scene.say(scene.at(0.77) + 33, "haproxy", "WARN", "Server backend/cart is UP")
    return scene.filed(loguru, "cart", sufferers=("haproxy",), since=0.77)


def outside() -> Haystack:
    scene = Scene("outside")
    scene.chatter(25_000)
    scene.keeps("invoice", "ERROR", "POST https://api.taxoffice.example/v3/check timed out after 10 s", 0.52, every_s=12)
    scene.keeps("cart", "WARN", "invoice did not answer within 12 s for {hex}", 0.521, every_s=18)
    return scene.filed(slashed, "api.taxoffice.example", sufferers=("invoice", "cart"), since=0.52)


def crash_loop() -> Haystack:
    scene = Scene("crash_loop")
    scene.chatter(20_000, dead={"auth": 0.6})
    for turn in range(60):
        at_s = scene.at(0.6) + turn * 120
        scene.say(at_s, "auth", "INFO", "starting version 3.9.0")
        scene.say(at_s + 3, "auth", "ERROR", "migration 0042 failed: column tenant_id does not exist")
    scene.keeps("haproxy", "ERROR", "backend/auth has no server available, 503", 0.6004, every_s=4)
    return scene.filed(own_file, "auth", sufferers=("haproxy",), since=0.6, apart=True)


def storm() -> Haystack:
    scene = Scene("storm")
    scene.chatter(30_000)
    scene.keeps("mariadb", "ERROR", "Too many connections", 0.35, 0.42, every_s=1)
    for who in ("cart", "invoice", "auth", "worker"):
        scene.keeps(who, "ERROR", "SQLSTATE[HY000] [1040] mariadb refused the connection", 0.3502, 0.42, every_s=1)
    scene.say(scene.at(0.421), "mariadb", "INFO", "connections back to normal")
    return scene.filed(upper, "MARIADB", sufferers=("CART", "INVOICE", "AUTH", "WORKER"), since=0.35)


def names_of_files() -> Haystack:
    scene = Scene("names_of_files")
    scene.chatter(30_000)
    trace = (
        'Traceback (most recent call last):\n  File "/srv/worker/run.py", line 12, in run\nZeroDivisionError: division by zero'
    )
    scene.keeps("worker", "ERROR", trace, 0.58, every_s=9)
    scene.keeps("rabbit", "WARN", "queue mails has {n} messages and no acknowledgement from worker", 0.6, every_s=30)
    return scene.filed(own_file, "worker", sufferers=("rabbit",), since=0.58, apart=True)


def well(name: str, style: Style, *, apart: bool, count: int) -> Haystack:
    scene = Scene(name)
    scene.chatter(count)
    return scene.filed(style, None, apart=apart)


def well_with_restart() -> Haystack:
    scene = Scene("well_with_restart")
    scene.chatter(30_000)
    at_s = scene.at(0.5)
    scene.say(at_s, "cart", "INFO", "received SIGTERM, shutting down")
    scene.say(at_s + 1, "haproxy", "WARN", "Server backend/cart is going DOWN for maintenance")
    scene.say(at_s + 6, "cart", "INFO", "starting version 3.13.0")
    scene.say(at_s + 9, "haproxy", "INFO", "Server backend/cart is UP")
    return scene.filed(ecs, None)


def well_with_backups() -> Haystack:
    scene = Scene("well_with_backups")
    scene.chatter(30_000)
    for hour in range(10):
        for each in range(40):
            scene.say(
                scene.at(0.03 + hour / 10) + each * 3,
                "mariadb",
                "WARN",
                "slow query during backup: {ms} s, waiting for lock of table {word}",
            )
    return scene.filed(bsd, None)


THIRD: tuple[Callable[[], Haystack], ...] = (
    disk_fills,
    broker_stops,
    login_fails,
    few_lines,
    outside,
    crash_loop,
    storm,
    names_of_files,
    partial(well, "well_json", zap, apart=False, count=30_000),
    partial(well, "well_files", own_file, apart=True, count=20_000),
    well_with_restart,
    well_with_backups,
)
