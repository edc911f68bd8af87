"""Haystacks of clusters, queues and batch jobs, with yet other loggers."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from tests.haystacks.world import Haystack

BEGIN_S = datetime(2026, 8, 30, 21, 0, tzinfo=UTC).timestamp()
SPAN_S = 5 * 3600.0


@dataclass
class Tape:
    name: str
    rows: list[tuple[float, str, str, str, str, bool]] = field(default_factory=list)
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(f"fourth {self.name}")

    def at(self, share: float) -> float:
        return BEGIN_S + share * SPAN_S

    def put(self, at_s: float, who: str, level: str, text: str, where: str = "", needle: bool = False) -> None:
        dice = self.dice
        for key, value in (
            ("#", str(dice.randrange(10_000))),
            ("~", f"{dice.getrandbits(40):010x}"),
            ("@", dice.choice(("lyon", "oslo", "porto", "gent"))),
        ):
            text = text.replace(key, value)
        self.rows.append((at_s, who, level, text, where, needle))

    def hum(
        self,
        rate: Mapping[str, Sequence[str]],
        each: int,
        where: Mapping[str, Sequence[str]] | None = None,
        gap: tuple[str, float] | None = None,
    ) -> None:
        for who, texts in rate.items():
            for _ in range(each):
                share = self.dice.random()
                if gap and who == gap[0] and share > gap[1]:
                    continue
                level, _, text = self.dice.choice(texts).partition("|")
                self.put(self.at(share), who, level, text, self.dice.choice((where or {}).get(who, ("",))))

    def often(self, who: str, level: str, text: str, begin: float, end: float = 1.0, every: float = 7.0, where: str = "") -> None:
        at = self.at(begin)
        while at < self.at(end):
            self.put(at, who, level, text, where)
            at += every * self.dice.uniform(0.3, 1.7)

    def done(
        self,
        form: Callable[[float, str, str, str, str, random.Random], str],
        origin: str | None,
        hurt: Sequence[str] = (),
        since: float = 0,
        files: bool = False,
        slack: float = 150.0,
    ) -> Haystack:
        out: dict[str, list[str]] = {}
        needles = set()
        for at, who, level, text, where, needle in sorted(self.rows):
            name = f"var/log/{who}/current.log" if files else "dump.txt"
            out.setdefault(name, []).append(form(at, who, level, text, where, self.dice))
            if needle:
                needles.add((name, len(out[name])))
        return Haystack(
            self.name,
            {n: "\n".join(x) + "\n" for n, x in out.items()},
            origin,
            frozenset(hurt),
            self.at(since),
            slack,
            frozenset(needles),
        )


def t(at: float, zone: timezone = timezone.utc) -> datetime:  # noqa: UP017  # UTC has a type of its own
    return datetime.fromtimestamp(at, zone)


def winston(at: float, who: str, level: str, text: str, where: str, dice: random.Random) -> str:
    stamp = t(at).isoformat(timespec="milliseconds")
    meta = {"app": who, "podName": where or who}
    return json.dumps({"message": text, "level": level.lower(), "timestamp": stamp, "label": who, "meta": meta})


def dotnet(at: float, who: str, level: str, text: str, where: str, dice: random.Random) -> str:
    stamp = f"{t(at, timezone(timedelta(hours=2))):%Y-%m-%d %H:%M:%S}.{t(at).microsecond // 1000:03d} +02:00"
    return f"{stamp} [{level[:3]}] ({who}) {text}"


def erl(at: float, who: str, level: str, text: str, where: str, dice: random.Random) -> str:
    return f"{t(at):%Y-%m-%d %H:%M:%S}.{t(at).microsecond:06d}+00:00 [{level.lower()}] <0.{dice.randrange(9999)}.0> {who}: {text}"


def kubectl(at: float, who: str, level: str, text: str, where: str, dice: random.Random) -> str:
    stamp = f"{t(at):%Y-%m-%dT%H:%M:%S}.{t(at).microsecond:06d}Z"
    return f"[pod/{who}-6d4b75cb6d-{where or 'x7k2p'}/{who}] {stamp} {level} {text}"


def glog(at: float, who: str, level: str, text: str, where: str, dice: random.Random) -> str:
    return f"{t(at):%Y%m%d-%H%M%S}.{t(at).microsecond // 1000:03d} {level} {who} [{dice.randrange(99)}] {text}"


def plainfile(at: float, who: str, level: str, text: str, where: str, dice: random.Random) -> str:
    return f"{t(at):%Y-%m-%dT%H:%M:%S}+0000 {level} {text}"


HUM: dict[str, Sequence[str]] = {
    "scheduler": ("INFO|tick #", "INFO|assigned job ~ to runner", "DEBUG|queue depth #"),
    "runner": ("INFO|job ~ started for @", "INFO|job ~ ended with 0 after # ms", "WARN|job ~ is slow"),
    "artifact-store": ("INFO|PUT /blobs/~ 201", "INFO|GET /blobs/~ 200", "INFO|gc removed # blobs"),
    "identity": ("INFO|issued token ~ to runner", "INFO|jwks served", "WARN|unknown user @#"),
    "ledger": ("INFO|posted entry #", "INFO|balance of @ is #"),
    "dispatch": ("INFO|van # sent to @", "INFO|route ~ computed in # ms"),
}


def store_full() -> Haystack:
    tape = Tape("store_full")
    tape.hum(HUM, 3500)
    tape.put(tape.at(0.66), "artifact-store", "ERROR", "write /blobs/~: disk quota exceeded", needle=True)
    tape.often("artifact-store", "ERROR", "write /blobs/~: disk quota exceeded", 0.6601)
    tape.often("runner", "ERROR", "upload of ~ to artifact-store failed with 507", 0.661)
    tape.often("scheduler", "WARN", "job ~ failed on runner, 2 tries left", 0.663)
    return tape.done(dotnet, "artifact-store", ("runner", "scheduler"), 0.66)


def token_key() -> Haystack:
    tape = Tape("token_key")
    tape.hum(HUM, 3000)
    tape.put(tape.at(0.3), "identity", "INFO", "rotated signing key, new version 8", needle=True)
    tape.often("runner", "ERROR", "identity refused token ~: bad signature", 0.3005)
    tape.often("ledger", "ERROR", "identity refused token ~: bad signature", 0.301)
    return tape.done(erl, "identity", ("runner", "ledger"), 0.3005)


def pod_sick() -> Haystack:
    tape = Tape("pod_sick")
    pods = {"dispatch": ("aa111", "bb222", "cc333")}
    tape.hum(HUM, 3000, where=pods)
    tape.often("dispatch", "ERROR", "route ~ failed: cannot allocate memory", 0.55, where="bb222", every=9)
    tape.often("scheduler", "ERROR", "dispatch answered 500 for ~", 0.551, every=12)
    return tape.done(winston, "dispatch", ("scheduler",), 0.55)


def hourly_batch() -> Haystack:
    tape = Tape("hourly_batch")
    tape.hum(HUM, 3000)
    for hour in range(10):
        for k in range(30):
            tape.put(tape.at(0.04 + hour / 10) + k * 2, "ledger", "ERROR", "nightly import: row # rejected, bad iban")
    return tape.done(kubectl, None)


def batch_and_fault() -> Haystack:
    tape = Tape("batch_and_fault")
    tape.hum(HUM, 3000)
    for hour in range(10):
        for k in range(30):
            tape.put(tape.at(0.04 + hour / 10) + k * 2, "ledger", "ERROR", "nightly import: row # rejected, bad iban")
    tape.often("identity", "ERROR", "ldap bind failed: can't contact LDAP server ldap01:636", 0.72, every=5)
    tape.often("runner", "ERROR", "identity did not answer in 3000 ms", 0.721, every=6)
    return tape.done(kubectl, "ldap01", ("identity", "runner"), 0.72)


def stuck_consumer() -> Haystack:
    tape = Tape("stuck_consumer")
    tape.hum(HUM, 4000, gap=("dispatch", 0.58))
    tape.often("scheduler", "WARN", "no heartbeat from dispatch for # s", 0.585, every=20)
    return tape.done(glog, "dispatch", ("scheduler",), 0.585, slack=400)


def blip() -> Haystack:
    tape = Tape("blip")
    tape.hum(HUM, 3000)
    for k in range(3):
        tape.put(tape.at(0.5) + k, "runner", "WARN", "connection to ledger reset, reconnecting")
    tape.put(tape.at(0.5) + 4, "runner", "INFO", "reconnected to ledger")
    return tape.done(erl, None)


def files_cascade() -> Haystack:
    tape = Tape("files_cascade")
    tape.hum(HUM, 2500)
    tape.often("ledger", "ERROR", "deadlock detected while posting #", 0.8, every=3)
    tape.often("dispatch", "ERROR", "ledger call failed: timeout after 2000 ms", 0.8002, every=3)
    tape.often("scheduler", "ERROR", "dispatch unavailable", 0.801, every=4)
    return tape.done(plainfile, "ledger", ("dispatch", "scheduler"), 0.8, files=True)


def over() -> Haystack:
    tape = Tape("over")
    tape.hum(HUM, 3000)
    tape.often("artifact-store", "ERROR", "replica 2 unreachable: no route to host", 0.2, 0.25, every=2)
    tape.often("runner", "ERROR", "artifact-store returned 503", 0.2002, 0.25, every=2)
    tape.put(tape.at(0.251), "artifact-store", "INFO", "replica 2 is back")
    return tape.done(dotnet, "artifact-store", ("runner",), 0.2)


def calm() -> Haystack:
    tape = Tape("calm")
    tape.hum(HUM, 5000)
    tape.often("identity", "WARN", "clock skew of # ms", 0, every=60)
    return tape.done(winston, None)


def calm_files() -> Haystack:
    tape = Tape("calm_files")
    tape.hum(HUM, 3000)
    for k in range(9):
        tape.put(tape.at(tape.dice.random()), tape.dice.choice(list(HUM)), "ERROR", f"unexpected end of file in upload #{k}")
    return tape.done(plainfile, None, files=True)


def big_needle() -> Haystack:
    tape = Tape("big_needle")
    tape.hum(HUM, 20_000)
    tape.put(tape.at(0.37), "ledger", "ERROR", "data file corrupted at page #, shutting down", needle=True)
    tape.put(tape.at(0.37) + 6, "dispatch", "ERROR", "connection to ledger lost")
    tape.put(tape.at(0.37) + 9, "dispatch", "ERROR", "could not book van #: ledger is down")
    tape.put(tape.at(0.37) + 60, "ledger", "INFO", "restored page from replica, recovery complete")
    return tape.done(kubectl, "ledger", ("dispatch",), 0.37)


FOURTH = (
    store_full,
    token_key,
    pod_sick,
    hourly_batch,
    batch_and_fault,
    stuck_consumer,
    blip,
    files_cascade,
    over,
    calm,
    calm_files,
    big_needle,
)
