"""What the tail of a log is understood to say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vigie.knowledge import library
from vigie.reasoning import log_lines
from vigie.reasoning.parsers.log import Log
from vigie.reasoning.parsers.parser import Output
from vigie.reasoning.templating import template_of

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
OPTIONS = dict(library.load().probes["log.errors"].options)


def seen(text: str, name: str) -> list[dict[str, Any]]:
    output = Output(text, NOW, slots={"log": "/var/log/x.log"}, options=OPTIONS)
    return [item.value for item in Log().parse(output) if item.name == name and isinstance(item.value, dict)]


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("2026-11-20T11:58:01.120Z ERROR x", "2026-11-20T11:58:01.120000+00:00"),
        ("2026-11-20 11:58:01,120 ERROR x", "2026-11-20T11:58:01.120000+00:00"),
        ("[2026-11-20 12:58:01 +0100] [7] [ERROR] x", "2026-11-20T11:58:01+00:00"),
        ("2026/11/20 11:58:01 [error] 7#7: *1 x", "2026-11-20T11:58:01+00:00"),
        ("Nov 20 11:58:01 host1 web[812]: x", "2026-11-20T11:58:01+00:00"),
        ("Dec 31 23:59:59 host1 web[812]: x", "2025-12-31T23:59:59+00:00"),
        ('10.0.0.1 - - [20/Nov/2026:13:58:01 +0200] "GET / HTTP/1.1" 200 5', "2026-11-20T11:58:01+00:00"),
        ("1795175881.5 x", "2026-11-20T11:58:01.500000+00:00"),
    ],
)
def test_the_time_of_a_line_is_read(line: str, at: str) -> None:
    found = log_lines.time_of(line, NOW)
    assert found is not None
    assert found.isoformat() == at


@pytest.mark.parametrize(
    "line", ["", "order 2026-13-45 10:00:00", "no time here", "2026-02-30T10:00:00Z x", "[99/Foo/2026:99:99:99 +0000]"]
)
def test_what_is_no_time_is_none(line: str) -> None:
    assert log_lines.time_of(line, NOW) is None


def test_equal_errors_are_counted_under_one_template() -> None:
    lines = [
        f"2026-11-20T11:5{minute}:00Z ERROR app: cannot reach 10.0.0.{minute}:5432 (attempt {minute})" for minute in range(5)
    ]
    (error,) = seen("\n".join(lines), "log.error")
    assert error["count"] == 5
    assert (error["first"], error["last"]) == ("2026-11-20T11:50:00Z", "2026-11-20T11:54:00Z")
    assert "<*>" in error["template"]


def test_a_traceback_belongs_to_its_line_and_names_the_exception() -> None:
    text = """2026-11-20 11:58:31,900 ERROR app: cannot start
Traceback (most recent call last):
  File "/srv/app/app.py", line 4, in <module>
    import yaml
ModuleNotFoundError: No module named 'yaml'
2026-11-20 11:58:32,000 INFO app: bye
"""
    (error,) = seen(text, "log.error")
    assert (error["exception"], error["kind"]) == ("ModuleNotFoundError", "missing_module")
    assert error["message"] == "ModuleNotFoundError: No module named 'yaml'"
    assert "app.py" in error["trace"]


def test_a_traceback_without_a_time_is_an_error_too() -> None:
    text = 'Traceback (most recent call last):\n  File "a.py", line 1\nOSError: [Errno 98] Address already in use\nnext line\n'
    (error,) = seen(text, "log.error")
    assert (error["level"], error["kind"], error["exception"]) == ("error", "address_in_use", "OSError")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("write failed: No space left on device", "no_space"),
        ("upload refused: storage quota of 60 MB exceeded", "quota"),
        ("connect() failed (111: Connection refused) while connecting to upstream", "refused"),
        ("upstream timed out (110)", "timeout"),
        ("could not open /etc/x: Permission denied", "permission"),
        ("sqlite3.OperationalError: database is locked", "locked"),
        ('relation "orders" does not exist', "missing_table"),
        ('FATAL: password authentication failed for user "app"', "auth"),
        ("getaddrinfo: Name or service not known", "name"),
        ("accept4: too many open files", "too_many_files"),
        ("KeyError: 'DATABASE_URL'", "setting"),
        ("certificate has expired", "tls"),
        ("something odd", "other"),
    ],
)
def test_an_error_has_a_kind(words: str, kind: str) -> None:
    (error,) = seen(f"2026-11-20T11:58:00Z ERROR {words}", "log.error")
    assert error["kind"] == kind


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-20 11:58:07,004 WARNING db: slow query (812 ms): SELECT * FROM visits WHERE page = '/p1' ORDER BY at",
        "2026-11-20 11:58:07.004 UTC [812] LOG:  duration: 812.000 ms  statement: "
        "SELECT * FROM visits WHERE page = '/p1' ORDER BY at",
        '{"time": "2026-11-20T11:58:07.004Z", "level": "warning", "msg": "slow", "duration_ms": 812, '
        '"sql": "SELECT * FROM visits WHERE page = ? ORDER BY at"}',
        "11:58:07 requête lente (0.812 s) : SELECT v.* FROM visits v WHERE v.page = $1 ORDER BY v.at",
        'level=warn msg="slow query" query="SELECT * FROM visits WHERE page = ? ORDER BY at" duration=812ms',
    ],
)
def test_a_slow_query_is_found_whatever_the_application(line: str) -> None:
    (query,) = seen(line, "log.slow_query")
    assert query["table"] == "visits"
    assert query["columns"] == ["page", "at"]
    assert query["seconds_max"] == pytest.approx(0.812)


def test_queries_that_differ_in_values_only_are_one() -> None:
    lines = [
        f"2026-11-20T11:58:0{n}Z WARN slow query {400 + n} ms: SELECT id FROM t WHERE a = {n} AND b = 'x{n}'" for n in range(4)
    ]
    (query,) = seen("\n".join(lines), "log.slow_query")
    assert (query["count"], query["columns"]) == (4, ["a", "b"])
    assert seen("\n".join(lines), "log.error") == []


def test_a_fast_query_and_a_query_without_a_time_are_none() -> None:
    text = "2026-11-20T11:58:00Z DEBUG SELECT 1 FROM t WHERE a = 1 (3 ms)\n2026-11-20T11:58:00Z DEBUG SELECT 1 FROM t WHERE a = 1"
    assert seen(text, "log.slow_query") == []


def test_failed_and_slow_requests_are_told() -> None:
    text = """10.0.0.1 - - [20/Nov/2026:11:58:01 +0000] "GET /orders/17?x=1 HTTP/1.1" 502 157 "-" "curl" 0.003
10.0.0.1 - - [20/Nov/2026:11:58:02 +0000] "GET /orders/18 HTTP/1.1" 502 157 "-" "curl" 0.004
10.0.0.1 - - [20/Nov/2026:11:58:03 +0000] "GET /history HTTP/1.1" 200 9157 "-" "curl" 4.211
10.0.0.1 - - [20/Nov/2026:11:58:03 +0000] "GET /once HTTP/1.1" 404 57 "-" "curl" 0.001
"""
    (failed,) = seen(text, "log.failed_request")
    assert (failed["path"], failed["status"], failed["count"]) == ("/orders/<*>", 502, 2)
    (slow,) = seen(text, "log.slow_request")
    assert (slow["path"], slow["seconds_max"]) == ("/history", 4.211)


def test_ordinary_lines_are_no_trouble() -> None:
    text = """2026-11-20T11:58:00Z INFO mail: sent to 3 people, 0 errors
2026-11-20T11:58:01Z INFO web: GET / 200 in 4 ms
{"level": "info", "message": "error page was rendered for the preview", "time": "2026-11-20T11:58:02Z"}
"""
    assert seen(text, "log.error") == []
    assert seen(text, "log.failed_request") == []


def test_the_first_line_of_a_tail_is_not_trusted() -> None:
    whole = "900000 1795175881\nor happened: ERROR half a line\n2026-11-20T11:58:00Z INFO fine\n"
    assert seen(whole, "log.error") == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("user 17 not found in 3 ms", "user 98 not found in 12 ms"),
        ("cannot open '/a/b'", "cannot open '/c'"),
        ("from 10.0.0.1:99 at 0xdead", "from 10.0.0.2:1 at 0xbeef"),
        ("id 1f0e6a52-7a1a-4a57-9f0b-6a1f3c1d2e4f", "id 0c9e6a52-7a1a-4a57-9f0b-6a1f3c1d2e4f"),
    ],
)
def test_two_occurrences_have_one_template(one: str, other: str) -> None:
    assert template_of(one) == template_of(other)


@pytest.mark.parametrize(
    ("hours", "apart"),
    [(0.0, False), (2.0, False), (-5.5, False), (72.0, True), (0.4, True), (-30.0, True)],
)
def test_a_log_whose_lines_tell_another_time_than_they_were_written_at(hours: float, apart: bool) -> None:
    told = NOW - timedelta(hours=hours)
    lines = "".join(f"{told + timedelta(seconds=second):%Y-%m-%d %H:%M:%S} INFO tick {second}\n" for second in range(-3, 1))
    output = Output(f"{len(lines)} {NOW.timestamp():.0f}\n{lines}", NOW, slots={"log": "/var/log/app.log"})
    assert ("log.clock" in {one.name for one in Log().parse(output)}) is apart
