from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.domain.finding import Event, Level, Signal
from vigie.plugins import discover
from vigie.signals import parsers
from vigie.signals.diagnosis import stamps
from vigie.signals.parsers.parser import Parser
from vigie.signals.parsing import Parsing
from vigie.signals.zones import zone_of

READ_AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def read(raw: str, **more: str) -> Event:
    return Parsing().event(Signal("h", "/var/log/x.log", raw, READ_AT, 1, **more))


LINES = [
    (
        "E1120 11:59:58.123456    1234 server.go:12] listen failed: address in use",
        "error",
        "listen failed: address in use",
        None,
        "2026-11-20T11:59:58.123456+00:00",
    ),
    ("I1231 23:00:00.000000 7 main.go:1] up", "info", "up", None, "2025-12-31T23:00:00+00:00"),
    (
        "1234:M 20 Nov 2026 11:59:58.123 # Can't save in background: fork: Cannot allocate memory",
        "warning",
        "Can't save in background: fork: Cannot allocate memory",
        None,
        "2026-11-20T11:59:58.123000+00:00",
    ),
    (
        "[12345.678901] Out of memory: Killed process 999 (java)",
        "critical",
        "Out of memory: Killed process 999 (java)",
        "kernel",
        None,
    ),
    ("kern  :warn  : [   12.000001] disk is slow", "warning", "disk is slow", "kernel", None),
    ("20-Nov-2026 11:59:58.123 SEVERE boom", "error", "boom", None, "2026-11-20T11:59:58.123000+00:00"),
    ("Nov 20, 2026 11:59:58 AM WARNING slow", "warning", "slow", None, "2026-11-20T11:59:58+00:00"),
    ("Nov 20, 2026 12:00:00 AM WARNING slow", "warning", "slow", None, "2026-11-20T00:00:00+00:00"),
    (
        '2026-11-20 11:59:58.123 UTC [123] app@shop ERROR:  relation "orders" does not exist',
        "error",
        'relation "orders" does not exist',
        None,
        "2026-11-20T11:59:58.123000+00:00",
    ),
    # Each: the line, then the level, message, service and instant that it says.
    (
        '{"time":"2026-11-20T11:59:58.5Z","level":"error","msg":"boom","service":"shop"}',
        "error",
        "boom",
        "shop",
        "2026-11-20T11:59:58.500000+00:00",
    ),
    (
        '{"level":50,"time":1795175998000,"msg":"no answer","name":"api","pid":3}',
        "error",
        "no answer",
        None,
        "2026-11-20T11:59:58+00:00",
    ),
    (
        '{"timestamp":"2026-11-20T10:59:58+01:00","severity":"WARNING","message":"slow"}',
        "warning",
        "slow",
        None,
        "2026-11-20T09:59:58+00:00",
    ),
    (
        '{"log":{"level":"info"},"@timestamp":"2026-11-20T11:00:00Z","message":"up"}',
        "info",
        "up",
        None,
        "2026-11-20T11:00:00+00:00",
    ),
    ('{"msg":"failed","error":{"message":"disk full"}}', "error", "failed: disk full", None, None),
    (
        'time=2026-11-20T11:00:00Z level=warn msg="slow \\"query\\"" component=db',
        "warning",
        'slow "query"',
        "db",
        "2026-11-20T11:00:00+00:00",
    ),
    (
        "<11>1 2026-11-20T11:00:00.5Z web1 nginx 123 - - worker exited",
        "error",
        "worker exited",
        "nginx",
        "2026-11-20T11:00:00.500000+00:00",
    ),
    (
        '<14>1 2026-11-20T11:00:00Z web1 app 9 ID1 [a@1 k="v]"][b@1 x="y"] hello',
        "info",
        "hello",
        "app",
        "2026-11-20T11:00:00+00:00",
    ),
    (
        "<3>Nov 20 11:00:00 web1 kernel: Out of memory: Killed process 9",
        "error",
        "Out of memory: Killed process 9",
        "kernel",
        "2026-11-20T11:00:00+00:00",
    ),
    (
        "Nov 20 11:00:00 web1 sshd[77]: Failed password for root",
        "error",
        "Failed password for root",
        "sshd",
        "2026-11-20T11:00:00+00:00",
    ),
    ("2026-11-20T11:00:00.123456+00:00 web1 cron[9]: job done", "info", "job done", "cron", "2026-11-20T11:00:00.123456+00:00"),
    (
        '1.2.3.4 - - [20/Nov/2026:12:00:00 +0100] "GET /a?b=c HTTP/1.1" 502 12 "-" "curl"',
        "error",
        "GET /a 502",
        None,
        "2026-11-20T11:00:00+00:00",
    ),
    (
        '1.2.3.4 - bob [20/Nov/2026:11:00:00 +0000] "POST /a HTTP/1.1" 200 -',
        "info",
        "POST /a 200",
        None,
        "2026-11-20T11:00:00+00:00",
    ),
    (
        "2026/11/20 11:00:00 [error] 12#12: *5 connect() failed (111: Connection refused), client: 1.2.3.4, server: x, "
        'request: "GET / HTTP/1.1", upstream: "http://127.0.0.1:8000/"',
        "error",
        "connect() failed (111: Connection refused), upstream: http://127.0.0.1:8000/",
        None,
        "2026-11-20T11:00:00+00:00",
    ),
    (
        "[Fri Nov 20 11:00:00.123456 2026] [proxy:error] [pid 7:tid 8] [client 1.2.3.4:5] AH00957: no",
        "error",
        "AH00957: no",
        None,
        "2026-11-20T11:00:00.123456+00:00",
    ),
    (
        "2026-11-20 11:00:00,250 ERROR shop.web: order 12 failed",
        "error",
        "order 12 failed",
        None,
        "2026-11-20T11:00:00.250000+00:00",
    ),
    (
        "2026-11-20T11:00:00.250Z WARNING shop.store: slow query 900 ms",
        "warning",
        "slow query 900 ms",
        None,
        "2026-11-20T11:00:00.250000+00:00",
    ),
    ("[2026-11-20 11:00:00] production.CRITICAL: it burns", "critical", "it burns", None, "2026-11-20T11:00:00+00:00"),
    (
        "2026-11-20 11:00:00.250 UTC [77] LOG:  checkpoint starting",
        "info",
        "checkpoint starting",
        None,
        "2026-11-20T11:00:00.250000+00:00",
    ),
    (
        "2026-11-20 11:00:00.250 UTC [77] FATAL:  too many connections",
        "critical",
        "too many connections",
        None,
        "2026-11-20T11:00:00.250000+00:00",
    ),
    ("[error] it broke", "error", "it broke", None, None),
    ("sqlite3.OperationalError: database is locked", "error", "sqlite3.OperationalError: database is locked", None, None),
    ('  File "x.py", line 3, in f', "debug", 'File "x.py", line 3, in f', None, None),
    ("finished with 0 errors", "info", "finished with 0 errors", None, None),
    ("hello", "info", "hello", None, None),
    ("1795175998.25 something", "info", "something", None, "2026-11-20T11:59:58.250000+00:00"),
]


@pytest.mark.parametrize(("line", "level", "message", "service", "at"), LINES, ids=range(len(LINES)))
def test_a_line_is_understood(line: str, level: str, message: str, service: str | None, at: str | None) -> None:
    event = read(line)
    assert event.level == level
    assert event.message == message
    if service is not None:
        assert event.service == service
    assert event.at == (READ_AT if at is None else datetime.fromisoformat(at))
    assert event.at.tzinfo is UTC


def test_who_set_the_collector_up_knows_best_whose_line_it_is() -> None:
    assert read("Nov 20 11:00:00 web1 gunicorn[77]: x", service="Shop.service").service == "shop"


def test_a_stamp_without_zone_is_in_the_zone_of_the_host() -> None:
    event = Parsing(zone=timezone(timedelta(hours=2))).event(Signal("h", "x", "2026-11-20 13:00:00 INFO x", READ_AT))
    assert event.at == datetime(2026, 11, 20, 11, 0, tzinfo=UTC)


def test_decembers_line_read_in_january_is_of_last_year() -> None:
    read_at = datetime(2027, 1, 1, 0, 5, tzinfo=UTC)
    assert Parsing().event(Signal("h", "x", "Dec 31 23:59:59 a b[1]: c", read_at)).at.year == 2026


def test_a_clock_that_is_ahead_does_not_make_news_from_the_future() -> None:
    assert read("2031-01-01 00:00:00 ERROR x").at == READ_AT


@pytest.mark.parametrize(
    "line",
    [
        "Feb 30 11:00:00 a b[1]: c",
        "2026-13-45T99:99:99Z ERROR x",
        "0000-00-00 00:00:00 x",
        "{" * 5000 + "}" * 5000,
        '{"a":' * 3000 + "1" + "}" * 3000,
        "[" * 9999,
        "<999>1 x",
        "=" * 70_000,
        'a="' * 9999,
    ],
)
def test_a_broken_line_keeps_its_text(line: str) -> None:
    event = read(line)
    assert event.message
    assert event.signal.raw == line


@given(st.text(max_size=300))
def test_parsing_never_fails(text: str) -> None:
    event = read(text)
    assert event.signal.raw == text
    assert event.at.tzinfo is UTC


@given(st.sampled_from([line for line, *_ in LINES]), st.integers(0, 200), st.characters())
def test_parsing_a_damaged_line_never_fails(line: str, place: int, character: str) -> None:
    place %= len(line)
    read(line[:place] + character + line[place + 1 :])
    read(line[:place])
    read(line[place:])


@pytest.mark.parametrize("kind", discover(parsers, Parser).values(), ids=lambda kind: kind.name)
@given(text=st.text(max_size=120))
def test_no_parser_raises(kind: type[Parser], text: str) -> None:
    kind().parse(text, READ_AT, UTC)


def test_a_parser_that_fails_does_not_lose_the_line() -> None:
    class Broken(Parser):
        """Breaks."""

        name = "broken"
        order = 1

        def parse(self, line: str, read_at: datetime, zone: object) -> None:
            raise RuntimeError(line)

    event = Parsing([Broken()]).event(Signal("h", "x", "ERROR boom", READ_AT))
    assert (event.message, event.level) == ("ERROR boom", Level.INFO)


@pytest.mark.parametrize(
    "stamp", ["1970-01-01T00:00:07Z", "1980-01-01 00:00:00", "2106-02-07T06:28:16Z", "Thu Jan  1 00:00:00 1970", "4294967296"]
)
def test_a_clock_that_was_never_set_or_is_far_ahead_is_not_believed(stamp: str) -> None:
    event = Parsing().event(Signal("h", "x", f"{stamp} ERROR disk full", READ_AT))
    assert event.at == READ_AT


def live(parsing: Parsing, hours: float, count: int, *, every_s: float = 10, zone: str = "") -> timedelta:
    """Read lines as they are written by a clock of another zone; return how far the last is from when it was read."""
    off = timedelta(0)
    for number in range(count):
        read_at = READ_AT + timedelta(seconds=every_s * number)
        text = f"{read_at + timedelta(hours=hours) - timedelta(seconds=number % 3):%Y-%m-%d %H:%M:%S}{zone} INFO line {number}"
        off = parsing.event(Signal("h", "x", text, read_at)).at - read_at
    return off


@pytest.mark.parametrize("hours", [-7, -3.5, 2, 5.75])
def test_the_zone_of_a_source_is_learned(hours: float) -> None:
    assert abs(live(Parsing(), hours, 40)) < timedelta(seconds=5)


def test_a_backlog_is_no_other_zone_nor_is_a_stamp_that_names_its_own() -> None:
    assert live(Parsing(), -2, 10) < -timedelta(hours=1)
    assert live(Parsing(), -2, 400, every_s=0.01) < -timedelta(hours=1)
    assert live(Parsing(), -2, 40, zone="Z") < -timedelta(hours=1)


def test_a_stated_zone_is_the_zone_of_stamps_that_name_none() -> None:
    signal = Signal("h", "x", "2026-07-20 13:00:00 INFO x", datetime(2026, 7, 20, 11, 0, tzinfo=UTC))
    for name in ("+02:00", "+02"):
        assert Parsing().event(signal, zone_of(name)).at.hour == 11
    with pytest.raises(ValueError, match="Nowhere"):
        zone_of("Nowhere/Here")


@pytest.mark.parametrize(
    "stamp",
    [
        "20/11/2026 10:59:30",
        "20.11.2026 10:59:30",
        "26/11/20 10:59:30",
        "20261120 105930",
        "11-20 10:59:30",
        "10:59:30",
        "2026.11.20 10:59:30",
    ],
)
def test_rarer_habits_are_read_as_logs_diagnose_reads_them(stamp: str) -> None:
    read_at = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
    event = Parsing().event(Signal("h", "x", f"{stamp} ERROR orders: disk full", read_at))
    assert (event.at, event.level, event.message) == (datetime(2026, 11, 20, 10, 59, 30, tzinfo=UTC), Level.ERROR, "disk full")
    found = stamps.place(f"{stamp} ERROR orders: disk full", read_at)
    assert found is not None
    assert found.at_s == event.at.timestamp()
