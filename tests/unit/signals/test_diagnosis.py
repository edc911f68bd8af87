"""From logs alone: what is wrong, since when, where it began; and nothing, where nothing is wrong."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from tests.haystacks.first import FIRST
from tests.haystacks.fourth import FOURTH
from tests.haystacks.judging import Text, texts, wrong
from tests.haystacks.second import SECOND
from tests.haystacks.third import THIRD
from tests.haystacks.world import Haystack

from vigie.signals.diagnosis.diagnose import diagnose
from vigie.signals.diagnosis.envelopes import opened
from vigie.signals.diagnosis.names import Names
from vigie.signals.diagnosis.speakers import shown, stem, ways
from vigie.signals.diagnosis.stamps import StampClock, place
from vigie.signals.diagnosis.telling import summary
from vigie.signals.diagnosis.wording import Badness, badness, is_change, trouble

READ_AT = datetime(2026, 6, 1, tzinfo=UTC)
SHORT = ("stranger", "recovered", "skewed")


@pytest.mark.parametrize(
    "make",
    [
        *(pytest.param(make, id=make.__name__) for make in FIRST if make.__name__ in SHORT),
        *(
            pytest.param(make, marks=pytest.mark.slow) for make in (*FIRST, *SECOND, *THIRD, *FOURTH)[::5]
        ),  # bench/haystacks.py runs them all
    ],
)
def test_the_needle_is_found_and_none_where_there_is_none(make: Callable[[], Haystack]) -> None:
    hay = make()
    assert wrong(hay, diagnose(texts(hay))) == []


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("2026-05-12T06:00:01.250Z up", "2026-05-12T06:00:01.250+00:00"),
        ("2026-05-12 08:00:01,250+02:00 up", "2026-05-12T06:00:01.250+00:00"),
        ("May 12 06:00:01 host prog[1]: up", "2026-05-12T06:00:01+00:00"),
        ("[12/May/2026:08:17:01 +0200] up", "2026-05-12T06:17:01+00:00"),
        ("- 1 2005-06-03-15.42.50.675 R02", "2005-06-03T15:42:50.675+00:00"),
        ("2026.05.12 06:17:01 up", "2026-05-12T06:17:01+00:00"),
        ("12 May 2026 06:00:01.250 # up", "2026-05-12T06:00:01.250+00:00"),
        ("26/05/12 06:00:01 INFO up", "2026-05-12T06:00:01+00:00"),
        ("260512 060001 12 INFO up", "2026-05-12T06:00:01+00:00"),
        ("05-12 06:00:01.250  1702  2395 D Tag: up", "2026-05-12T06:00:01.250+00:00"),
        ("05/12/2026 06:00:01 PM up", "2026-12-05T18:00:01+00:00"),
        ("E0512 06:00:01.250000       1 a.go:3] up", "2026-05-12T06:00:01.250+00:00"),
        ("1778565601250 up", "2026-05-12T06:00:01.250+00:00"),
        ('{"level":"info","ts":1778565601.25,"msg":"up"}', "2026-05-12T06:00:01.250+00:00"),
        ('level=info time="2026-05-12T06:00:01.25Z" msg=up', "2026-05-12T06:00:01.250+00:00"),
        ("1970-01-01T00:00:01Z up", "1970-01-01T00:00:01+00:00"),
        ("2106-02-07T06:28:15Z up", "2106-02-07T06:28:15+00:00"),
    ],
)
def test_a_stamp_of_any_habit_is_read_also_the_fast_way(line: str, at: str) -> None:
    found = place(line, READ_AT)
    assert found is not None
    assert datetime.fromtimestamp(found.at_s, UTC) == datetime.fromisoformat(at)
    clock = StampClock(READ_AT)
    seconds = [clock.seconds(line[found.start : found.end].encode()) for _ in range(2)]
    assert seconds == [pytest.approx(found.at_s, abs=1e-3)] * 2


@pytest.mark.parametrize(
    "line", ["", "no stamp", "12:99:99 no", "99999999999999999999", "[[[[", "\ufffd\ufffd", '{"ts":"', "|||||"]
)
def test_a_line_that_makes_no_sense_is_opened_all_the_same(line: str) -> None:
    assert opened(line, READ_AT).at_s is None


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (["2026-05-12 06:00:00 INFO [{0}] said 1 to {1}", "2026-05-12 06:00:00 WARN [{1}] said 2"], ("orders", "stock")),
        (["2026-05-12T06:00:00Z node1 {0}[12]: hello", "2026-05-12T06:00:00Z node2 {1}[13]: bye"], ("orders", "stock")),
        (["{0}-1  | 2026-05-12 06:00:00 hello", "{1}-1  | 2026-05-12 06:00:00 bye"], ("orders-1", "stock-1")),
        (
            [
                '{{"time":"2026-05-12T06:00:00Z","app":"{0}","logger":"x","msg":"a"}}',
                '{{"time":"2026-05-12T06:00:00Z","app":"{1}","logger":"x","msg":"b"}}',
            ],
            ("orders", "stock"),
        ),
        (["2026-05-12 06:00:00 INFO [main] a.b.Foo {0}: hello {1}", "2026-05-12 06:00:00 INFO [exec-2] a.b.Foo {1}: bye"], None),
    ],
)
def test_who_speaks_is_found_in_many_places(lines: list[str], names: tuple[str, str] | None) -> None:
    sample = [opened(line.format("orders", "stock"), READ_AT) for line in lines for _ in range(30)]
    way = ways(["all.log"], [sample])[0]
    found = tuple(dict.fromkeys(shown(envelope.slots.get(way.slot, "")) for envelope in sample))
    assert names is None or found == names


def test_a_name_of_a_file_loses_its_date_and_its_ending() -> None:
    assert [stem(name) for name in ("/var/log/orders.log.1", "orders-2026-05-12.log.gz", "a/orders.json")] == ["orders"] * 3


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ("connection to payments refused", {"payments"}),
        ("http://payments.prod.svc:8080/pay answered 503", {"payments"}),
        ("request from gateway failed", set()),
        ("order 12 paid", set()),
        ("dial tcp ledger-db:5432: i/o timeout", {"ledger-db"}),
        ("could not reach localhost:5432", {"postgres"}),
        ("no answer from mail.example.org:25", {"mail.example.org"}),
        ("error in handler.py:25", set()),
    ],
)
def test_whom_a_message_complains_of(message: str, named: set[str]) -> None:
    names = Names(("orders", "payments", "gateway", "ledger-db", "postgres"))
    if named == {"postgres"}:
        names = Names(("orders", "payments", "gateway", "postgres"))
    assert {mention.name for mention in names.mentions(message, "orders") if not mention.incoming} == named


def test_words_tell_how_bad_it_is() -> None:
    assert badness(None, trouble("Out of memory: Killed process 12")) is Badness.DECISIVE
    assert badness(None, trouble("0 errors, timeout=30s")) is Badness.NONE
    assert is_change("deployed version 4.2")
    assert not is_change("order 4.2 shipped")


def log(*lines: str) -> list[Text]:
    return [Text("a.log", "\n".join([*lines, ""]).encode("utf-8", "surrogateescape"))]


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [""] * 50,
        ["\udcff\udcfe broken bytes \udcff"] * 50,
        ["2106-02-07T06:28:15Z INFO a: ok", "1970-01-01T00:00:00Z INFO a: ok"] * 30,
        ["x" * 100_000] * 3,
        ["99999999999999999999 1e999 nan"] * 40,
    ],
)
def test_odd_logs_end_in_nothing_wrong(lines: list[str]) -> None:
    assert diagnose(log(*lines)).cause is None


def test_a_log_without_stamps_has_no_time_but_a_cause() -> None:
    lines = [f"served {number}" for number in range(3000)] + ["ERROR write failed: No space left on device"] * 80
    verdict = diagnose(log(*lines))
    assert verdict.cause is not None
    assert verdict.cause.since is None
    assert verdict.evidence[0].line == 3001


def test_a_trace_belongs_to_the_line_before_it() -> None:
    lines = [f"2026-05-12 06:{number // 60:02}:{number % 60:02} INFO app: served {number}" for number in range(3000)]
    for number in range(40):
        lines += [
            f"2026-05-12 06:50:{number:02} ERROR app: query failed",
            "  at x.Y(Z.java:3)",
            "Caused by: java.net.ConnectException: Connection refused: ledger-db:5432",
        ]
    verdict = diagnose(log(*lines))
    assert verdict.cause is not None
    assert (verdict.cause.origin, verdict.cause.affected) == ("ledger-db", ("app",))


def test_the_answer_is_told_in_both_languages() -> None:
    hay = next(make for make in FIRST if make.__name__ == "recovered")()
    verdict = diagnose(texts(hay))
    assert "payments failed from" in summary(verdict, "en")
    assert "payments a été en panne" in summary(verdict, "fr")
