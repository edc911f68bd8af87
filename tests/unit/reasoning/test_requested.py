"""Pages that people ask for can be asked again, at the address of whoever wrote the log."""

from tests.unit.reasoning.world import NOW, fact

from vigie.domain.fact import Fact
from vigie.reasoning import log_lines, relations, requested
from vigie.reasoning.facts import Facts
from vigie.reasoning.times import ALWAYS

LINES = """\
127.0.0.1 - - [20/Nov/2026:08:59:01 +0000] "GET /invoices/17?year=2026 HTTP/1.1" 200 512 "-" "curl/8"
127.0.0.1 - - [20/Nov/2026:08:59:02 +0000] "GET /invoices/18?year=2026 HTTP/1.1" 200 512 "-" "curl/8"
127.0.0.1 - - [20/Nov/2026:08:59:03 +0000] "GET /logout HTTP/1.1" 302 0 "-" "curl/8"
127.0.0.1 - - [20/Nov/2026:08:59:04 +0000] "GET /logout HTTP/1.1" 302 0 "-" "curl/8"
127.0.0.1 - - [20/Nov/2026:08:59:05 +0000] "POST /invoices HTTP/1.1" 201 9 "-" "curl/8"
127.0.0.1 - - [20/Nov/2026:08:59:06 +0000] "GET /gone HTTP/1.1" 404 9 "-" "curl/8"
"""


def test_pages_that_answered_are_kept_by_kind_with_an_example() -> None:
    shown = list(requested.pages("log:/var/log/access.log", list(log_lines.records(LINES, NOW))))
    assert [one.value for one in shown] == [{"kind": "/invoices/<*>", "target": "/invoices/18?year=2026", "count": 2}]


def test_a_page_is_asked_at_the_address_of_the_service_that_wrote_the_log() -> None:
    facts: list[Fact] = [
        fact("log.requested", "log:/var/log/access.log", {"kind": "/invoices/<*>", "target": "/invoices/18", "count": 2}),
        fact("log.open", "log:/var/log/access.log", {"pid": 50}),
        fact("service.pid", "service:front", 50),
        fact("port.listening", "port:443", {"pid": 50, "process": "front", "url": "https://127.0.0.1:443/"}),
        fact("port.listening", "port:80", {"pid": 50, "process": "front", "url": "http://127.0.0.1:80/"}),
        fact("port.listening", "port:9000", {"pid": 60, "process": "other", "url": "http://127.0.0.1:9000/"}),
    ]
    derived = relations.derive(Facts(facts), ALWAYS)
    assert [one.subject for one in derived if one.name == "url.requested"] == ["url:http://127.0.0.1:80/invoices/18"]
