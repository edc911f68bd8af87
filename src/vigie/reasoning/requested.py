"""Which pages people really ask for, from access logs: a page that answers there is a page that can be asked again."""

import re
from collections.abc import Iterator, Sequence

from vigie.domain.fact import Fact, Value
from vigie.reasoning.derived import made
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import House, tail, text_of, value_of
from vigie.reasoning.log_lines import Record
from vigie.reasoning.parsers.parser import Seen
from vigie.reasoning.templating import template_of
from vigie.reasoning.times import Times

# A GET should change nothing; where its words say that it might, it is not made again.
MIGHT_CHANGE = re.compile(
    r"log-?out|sign-?out|delete|remove|cancel|unsubscribe|destroy|reset|confirm|approve|pay|export|download|backup|run|start|stop",
    re.IGNORECASE,
)
_ASKED = re.compile(r"\bGET (?P<target>/[^\s\"'<>\\^`{|}]*) HTTP/[\d.]+\"? (?P<status>[23]\d\d)\b")
_KEPT = 8
_ASKED_AGAIN_MOST = 6


def pages(subject: str, whole: Sequence[Record]) -> Iterator[Seen]:
    """Yield `log.requested`: pages that were asked for and answered, the most asked first, one example of each kind."""
    found: dict[str, tuple[int, str, str]] = {}
    for record in whole:
        match = _ASKED.search(record.text)
        if match is None:
            continue
        target = match["target"]
        kind = template_of(target.partition("?")[0])
        count, _, _ = found.get(kind, (0, "", ""))
        found[kind] = (count + 1, target, record.text)
    for kind, (count, target, line) in sorted(found.items(), key=lambda item: -item[1][0])[:_KEPT]:
        if not MIGHT_CHANGE.search(target):
            value: Value = {"kind": kind, "target": target, "count": count}
            yield Seen(subject, "log.requested", value, line)


def addresses(facts: Facts, house: House, _times: Times) -> Iterator[Fact]:
    """Yield `url.requested`: those pages, at the address of the service that wrote the log."""
    done: set[str] = set()
    for fact in sorted(facts.named("log.requested"), key=_by_count):
        base = _base(fact, house)
        target = text_of(fact, "target")
        if base is None or target == "/" or f"{base[0]}{target}" in done or len(done) >= _ASKED_AGAIN_MOST:
            continue
        done.add(f"{base[0]}{target}")
        yield made("url.requested", f"url:{base[0]}{target}", {"kind": value_of(fact, "kind")}, (fact, base[1]))


def _by_count(fact: Fact) -> int:
    count = value_of(fact, "count")
    return -count if isinstance(count, int) else 0


def _base(fact: Fact, house: House) -> tuple[str, Fact] | None:
    """Return the address of the service that owns a log, and the fact of the port it listens on; plain HTTP first."""
    owners = {f"service:{text_of(owner, 'service')}" for owner in house.owners_of_log.get(tail(fact), ())}
    found: list[tuple[str, Fact]] = []
    for listener in house.listening.values():
        url, owner = text_of(listener, "url"), house.service_of(value_of(listener, "pid"))
        if url and owner is not None and owner.subject in owners:
            found.append((url.rstrip("/"), listener))
    return min(found, key=lambda one: (one[0].startswith("https"), one[0]), default=None)
