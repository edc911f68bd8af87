"""Each kind of source: what it takes, whom it believes, where it goes on."""

import asyncio
import gzip
import hashlib
import hmac
import json
import socket
import ssl
import struct
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from vigie import collectors
from vigie.clock import FixedClock
from vigie.collectors.collector import Around, Collector, Position, Spec
from vigie.collectors.file import FileCollector
from vigie.collectors.post import StoredPost
from vigie.collectors.receiver import Receiver
from vigie.collectors.syslog import Syslog
from vigie.domain.errors import BadUsage, Permanent
from vigie.domain.finding import Level, Signal
from vigie.memory.lines.store import LineStore
from vigie.plugins import discover
from vigie.signals.parsing import Parsing

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SECRET = "a secret of this test"
KINDS = discover(collectors, Collector)


async def shell(host: str, line: str) -> bytes:
    """Run a line here, as the gate does on a host."""
    process = await asyncio.create_subprocess_shell(line, stdout=asyncio.subprocess.PIPE)
    return (await process.communicate())[0]


async def knows(host: str) -> bool:
    return host in ("web1", "web2")


@pytest.fixture
def around(tmp_path: Path) -> Around:
    return Around(FixedClock(NOW), shell, knows, StoredPost(lambda: LineStore(tmp_path / "events.db")))


class Taken:
    """What a collector emitted, and its last position."""

    def __init__(self, position: Position | None = None) -> None:
        self.signals: list[Signal] = []
        self.position = position
        self.came = asyncio.Event()

    async def __call__(self, signals: Sequence[Signal], position: Position) -> None:
        self.signals += signals
        self.position = json.loads(json.dumps(position))
        self.came.set()

    async def until(self, count: int) -> list[str]:
        async with asyncio.timeout(10):
            while len(self.signals) < count:
                self.came.clear()
                await self.came.wait()
        return [signal.raw for signal in self.signals]


@asynccontextmanager
async def reading(collector: Collector, taken: Taken) -> AsyncIterator[Taken]:
    task = asyncio.create_task(collector.run(taken, taken.position))
    async with asyncio.timeout(10):
        while taken.position is None and not task.done():  # noqa: ASYNC110  # the collector moves it
            await asyncio.sleep(0.01)
    try:
        yield taken
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def made(kind: str, around: Around, **options: Any) -> Any:
    return KINDS[kind].make(Spec(kind, "office", name="in", options=options), around)


def test_every_kind_that_is_promised_is_there() -> None:
    files = {"file", "docker", "pm2", "cloudflared", "remote_file"}
    assert set(KINDS) == files | {"journald", "syslog", "http", "otlp"} | {
        "alertmanager",
        "grafana",
        "uptime_kuma",
        "sentry",
        "github",
    }


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_option_that_nobody_reads_is_refused(kind: str, around: Around) -> None:
    with pytest.raises(BadUsage):
        made(kind, around, nonsense=1)


# Files.


async def test_lines_of_containers_come_without_their_wrapping(tmp_path: Path, around: Around) -> None:
    folder = tmp_path / "containers" / "abc"
    folder.mkdir(parents=True)
    (folder / "config.v2.json").write_text('{"Name": "/shop-api"}')
    log = folder / "abc-json.log"
    log.touch()
    async with reading(made("docker", around, paths=(f"{tmp_path}/containers/*/*-json.log",)), Taken()) as taken:
        entries = [("one\n", 1), ("half of ", 2), ("two\n", 3), ('{"level":"error","msg":"three"}\n', 4)]
        with log.open("a") as file:
            for text, second in entries:
                file.write(json.dumps({"log": text, "stream": "stdout", "time": f"2026-11-20T10:00:0{second}.5Z"}) + "\n")
        assert await taken.until(3) == ["one", "half of two", '{"level":"error","msg":"three"}']
    assert {signal.service for signal in taken.signals} == {"shop-api"}
    event = Parsing().event(taken.signals[2])
    assert (event.level, event.message, event.at.second) == (Level.ERROR, "three", 4)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of writes")
async def test_a_write_is_looked_at_long_before_it_is_time_to_look(tmp_path: Path, around: Around) -> None:
    log = tmp_path / "app.log"
    log.touch()
    async with reading(FileCollector("web1", [str(log)], clock=around.clock, poll_s=60), Taken()) as taken:
        for count in (1, 2):
            await asyncio.sleep(0.05)
            with log.open("a") as file:
                file.write("one\n")
            assert len(await taken.until(count)) == count


def test_a_program_of_pm2_is_known_by_its_file(around: Around) -> None:
    from vigie.collectors.tail import Line

    lines = [Line("/root/.pm2/logs/shop-api-error-2.log", "x", 1), Line("/root/.pm2/logs/mail-out.log", "y", 1)]
    assert [signal.service for signal in made("pm2", around).signals(lines)] == ["shop-api", "mail"]


async def test_a_file_of_another_host_is_followed_through_rotation(tmp_path: Path, around: Around) -> None:
    log = tmp_path / "app.log"
    log.write_text("before\n")
    collector = made("remote_file", around, path=str(log), every_s=0.01)
    async with reading(collector, Taken()) as taken:
        with log.open("a") as file:
            file.write("one\ntwo\nhal")
        await taken.until(2)
        with log.open("a") as file:
            file.write("f\nlast before")
        log.rename(f"{log}.1")
        log.write_text("three\n")
        await taken.until(5)
        Path(f"{log}.1").rename(f"{log}.2")
        log.rename(f"{log}.1")
        log.write_text("four\n")
        await taken.until(6)
    with log.open("a") as file:
        file.write("five, while nobody looked\n")
    async with reading(collector, Taken(taken.position)) as later:
        await later.until(1)
        Path(f"{log}.1").write_bytes(log.read_bytes())
        log.write_text("")
        with log.open("a") as file:
            file.write("six, after it was cut\n")
        await later.until(2)
    assert [signal.raw for signal in taken.signals] == ["one", "two", "half", "last before", "three", "four"]
    assert [signal.raw for signal in later.signals] == ["five, while nobody looked", "six, after it was cut"]


async def test_the_journal_is_read_on_from_its_cursor(around: Around) -> None:
    asked: list[str] = []

    async def journal(host: str, line: str) -> bytes:
        asked.append(line)
        number = 1 if "--lines=1" in line else asked.count(line) + len(asked)
        if "s=1" not in line and "--lines=1" not in line:
            return b""
        entry = {
            "__CURSOR": f"s={number}",
            "__REALTIME_TIMESTAMP": "1795168800000000",
            "MESSAGE": f"worker {number} failed",
            "PRIORITY": "3",
            "SYSLOG_IDENTIFIER": "nginx",
            "_PID": "12",
        }
        return json.dumps(entry).encode() + b"\n"

    own = Around(around.clock, journal, knows, around.post)
    async with reading(made("journald", own, unit="nginx.service", every_s=0.01), Taken()) as taken:
        await taken.until(1)
    assert "--unit=nginx.service" in asked[0]
    assert "--after-cursor=s=1" in asked[1]
    event = Parsing().event(taken.signals[0])
    assert (event.level, event.service, event.message) == (Level.ERROR, "nginx", "worker 3 failed")
    assert event.at == datetime.fromtimestamp(1795168800, UTC)


# The network.


def listening(**options: Any) -> Syslog:
    return Syslog(Spec("syslog", "office", options={"listen": "127.0.0.1:0", **options}), FixedClock(NOW))


async def test_syslog_comes_by_datagrams(around: Around) -> None:
    collector = listening()
    async with reading(collector, Taken()) as taken:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for text in (b"<11>Nov 20 11:59:59 web1 sshd[7]: refused\n", b"\xff\xfe\0", b"   "):
                sender.sendto(text, ("127.0.0.1", collector.port))
        await taken.until(2)
    event = Parsing().event(taken.signals[0])
    assert (event.level, event.service, event.message) == (Level.ERROR, "sshd", "refused")


async def test_syslog_that_comes_too_quickly_is_counted(around: Around) -> None:
    collector = listening()
    for _ in range(20_005):
        collector.came(b"<14>x y z: more")
    assert collector.dropped == 5


async def test_syslog_comes_by_streams_counted_or_by_lines(around: Around) -> None:
    collector = listening(protocol="tcp")
    async with reading(collector, Taken()) as taken:
        _, writer = await asyncio.open_connection("127.0.0.1", collector.port)
        writer.write(b"<11>one\n<12>two\n7 <13>a\nb\n<14>half")
        await writer.drain()
        writer.close()
        assert sorted(await taken.until(4)) == ["<11>one", "<12>two", "<13>a\nb", "<14>half"]
        _, broken = await asyncio.open_connection("127.0.0.1", collector.port)
        broken.write(b"999999999 <11>")
        await broken.drain()
        broken.close()
        _, again = await asyncio.open_connection("127.0.0.1", collector.port)
        again.write(b"<11>still here\n")
        await again.drain()
        again.close()
        await taken.until(5)


async def test_syslog_comes_by_tls(tmp_path: Path, around: Around) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    line = f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -out {certificate}"
    await shell("", f"{line} -keyout {key} -addext subjectAltName=IP:127.0.0.1 -days 2 2>/dev/null")
    collector = listening(protocol="tls", certificate=str(certificate), key=str(key))
    async with reading(collector, Taken()) as taken:
        context = ssl.create_default_context(cafile=str(certificate))
        _, writer = await asyncio.open_connection("127.0.0.1", collector.port, ssl=context)
        writer.write(b"6 <11>ok")
        await writer.drain()
        await taken.until(1)
        writer.close()


# What is sent to us.

FIRING = {
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "HighLoad", "severity": "critical", "instance": "web2:9100", "service": "shop"},
            "annotations": {"summary": "load is 40"},
            "startsAt": "2026-11-20T11:59:00Z",
            "fingerprint": "f1",
        }
    ]
}
BODIES: dict[str, tuple[Any, dict[str, str], tuple[Level, str]]] = {
    "alertmanager": (FIRING, {}, (Level.CRITICAL, "HighLoad: load is 40")),
    "grafana": (FIRING, {"x-grafana-alerting-signature": "{}"}, (Level.CRITICAL, "HighLoad: load is 40")),
    "uptime_kuma": (
        {"heartbeat": {"status": 0, "msg": "timeout", "time": "2026-11-20 11:59:00"}, "monitor": {"id": 3, "name": "shop"}},
        {},
        (Level.ERROR, "shop: timeout"),
    ),
    "sentry": (
        {
            "action": "created",
            "data": {"issue": {"id": "7", "title": "KeyError: total", "level": "error", "project": {"slug": "shop"}}},
        },
        {"sentry-hook-signature": "{}"},
        (Level.ERROR, "KeyError: total"),
    ),
    "github": (
        {
            "action": "completed",
            "workflow_run": {"name": "deploy", "conclusion": "failure"},
            "repository": {"full_name": "acme/shop"},
        },
        {"x-hub-signature-256": "sha256={}", "x-github-event": "workflow_run"},
        (Level.ERROR, "workflow_run deploy failure: acme/shop"),
    ),
    "http": ({"message": "hello", "level": "warn", "host": "web1"}, {}, (Level.WARNING, "hello")),
    "otlp": (
        {
            "resourceLogs": [
                {
                    "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]},
                    "scopeLogs": [
                        {
                            "logRecords": [
                                {"timeUnixNano": "1795175940000000000", "severityNumber": 18, "body": {"stringValue": "no stock"}}
                            ]
                        }
                    ],
                }
            ]
        },
        {},
        (Level.ERROR, "no stock"),
    ),
}


def proofs(kind: str, body: bytes, secret: str = SECRET) -> dict[str, str]:
    sum_ = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = {name: value.format(sum_) for name, value in BODIES[kind][1].items()}
    return given if any("signature" in name for name in given) else {**given, "authorization": f"Bearer {secret}"}


@pytest.fixture
def secret_file(tmp_path: Path) -> str:
    path = tmp_path / "secret"
    path.write_text(f"{SECRET}\n")
    return str(path)


@pytest.mark.parametrize("kind", BODIES)
async def test_what_is_sent_with_the_secret_is_taken_and_read(kind: str, around: Around, secret_file: str) -> None:
    receiver: Receiver = made(kind, around, secret_file=secret_file)
    body = json.dumps(BODIES[kind][0]).encode()
    assert await receiver.accept(proofs(kind, body), body) == 1
    async with reading(receiver, Taken()) as taken:
        await taken.until(1)
    event = Parsing().event(taken.signals[0])
    assert (event.level, event.message) == BODIES[kind][2]
    async with reading(receiver, Taken(taken.position)) as later:
        await asyncio.sleep(0.05)
    assert later.signals == []


@pytest.mark.parametrize("kind", BODIES)
async def test_what_is_forged_or_none_of_theirs_is_refused(kind: str, around: Around, secret_file: str) -> None:
    receiver: Receiver = made(kind, around, secret_file=secret_file)
    body = json.dumps(BODIES[kind][0]).encode()
    wrong: list[Mapping[str, str]] = [
        {},
        proofs(kind, body, "another"),
        {"authorization": "Bearer "},
        {"authorization": "Bearer é"},
    ]
    wrong += [dict.fromkeys(proofs(kind, body), ""), {name: f"{value}0" for name, value in proofs(kind, body).items()}]
    for headers in wrong:
        with pytest.raises(Permanent) as caught:
            await receiver.accept(headers, body)
        assert caught.value.key == "source.forged"
    for odd in (b"", b"[1]", b'{"alerts": 3}', b"\xff", b"[" * 100_000):
        if kind == "http":
            continue
        with pytest.raises(Permanent) as caught:
            await receiver.accept(proofs(kind, odd), odd)
        assert caught.value.key == "source.not_understood", odd


async def test_an_alert_is_of_the_host_that_it_names(around: Around, secret_file: str) -> None:
    receiver: Receiver = made("alertmanager", around, secret_file=secret_file)
    body = json.dumps(FIRING).encode()
    await receiver.accept(proofs("alertmanager", body), body)
    async with reading(receiver, Taken()) as taken:
        await taken.until(1)
    assert taken.signals[0].host == "web2"


def test_without_a_secret_nothing_is_taken(around: Around) -> None:
    with pytest.raises(BadUsage):
        made("github", around)


async def test_plain_lines_are_taken_too(around: Around, secret_file: str) -> None:
    receiver: Receiver = made("http", around, secret_file=secret_file)
    body = b'first line\n{"msg": "second"}\n\n'
    assert await receiver.accept(proofs("http", body), body) == 2


def packed(number: int, held: bytes | int | float) -> bytes:
    """Write one field as protobuf does."""
    if isinstance(held, float):
        return bytes([number << 3 | 1]) + struct.pack("<d", held)
    if isinstance(held, int):
        return bytes([number << 3 | 1]) + held.to_bytes(8, "little") if held > 127 else bytes([number << 3, held])
    return (
        bytes([number << 3 | 2])
        + (bytes([len(held) & 127 | 128, len(held) >> 7]) if len(held) > 127 else bytes([len(held)]))
        + held
    )


def pair(name: bytes, value: bytes) -> bytes:
    return packed(1, name) + packed(2, value)


async def test_telemetry_in_protobuf_packed_or_not_says_what_its_json_says(around: Around, secret_file: str) -> None:
    receiver: Receiver = made("otlp", around, secret_file=secret_file)
    tags = packed(5, packed(1, packed(3, 7)) + packed(1, packed(4, 0.5)))
    record = packed(1, 1795175940000000000) + packed(2, 18) + packed(5, packed(1, b"no stock"))
    record += (
        packed(6, pair(b"item", packed(1, b"A-7"))) + packed(6, pair(b"tags", tags)) + packed(9, b"\xab" * 16) + packed(7, 3)
    )
    about = packed(1, pair(b"service.name", packed(1, b"shop"))) + packed(1, pair(b"host.name", packed(1, b"web1")))
    body = packed(1, packed(1, about) + packed(2, packed(2, record)))
    for each in (body, gzip.compress(body)):
        assert await receiver.accept(proofs("otlp", each), each) == 1
    async with reading(receiver, Taken()) as taken:
        await taken.until(2)
    event = Parsing().event(taken.signals[1])
    assert (event.level, event.message, event.service, taken.signals[1].host) == (Level.ERROR, "no stock", "shop", "web1")
    assert (event.at, event.fields["item"]) == (datetime.fromtimestamp(1795175940, UTC), "A-7")
    assert json.loads(taken.signals[0].raw)["tags"] == [7, 0.5]
    for odd in (
        body[:-3],
        gzip.compress(body)[:-9],
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x0b",
        b"\x0d\x01",
        gzip.compress(bytes(8 << 20)),
    ):
        with pytest.raises(Permanent) as caught:
            await receiver.accept(proofs("otlp", odd), odd)
        assert caught.value.key == "source.not_understood", odd
