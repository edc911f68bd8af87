"""What users suffered from, as requests that can be made again from outside the repaired process."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from vigie.domain.fact import Fact
from vigie.reasoning.complaint import Complaint
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import is_here, tail, value_of
from vigie.reasoning.looks import Look
from vigie.reasoning.requested import MIGHT_CHANGE

_REQUESTED = re.compile(r"\bGET\s+(/[^\s\"'<>\\^`{|}]*)")
_REPEATED_MOST = 3
_ADDRESSES_MOST = 8
_BAD_STATUS = 500
_QUICK_S = 0.25
_MUCH_QUICKER = 0.4
_AS_QUICK_AS_OTHERS = 5.0


@dataclass(frozen=True, slots=True)
class Request:
    """An address that answered badly.

    `slow_s` is how long it took where that was the trouble; `status` is what it said when all was well.
    """

    url: str
    slow_s: float | None = None
    status: int | None = None

    def look(self) -> Look:
        """Return the look that makes it again."""
        return Look.of("endpoint.check", {"url": self.url})

    def answer(self, facts: Facts) -> Fact | None:
        """Return the last answer to it."""
        found = facts.about("endpoint.answer", f"url:{self.url}")
        return found[-1] if found else None


def requests_of(facts: Facts, complaint: Complaint) -> tuple[Request, ...]:
    """Return what to ask again: addresses seen to answer badly, and requests that a log tells to have failed or dragged."""
    found: dict[str, Request] = {}
    for request in (*_bad_addresses(facts), *_logged(facts), *_named(complaint)):
        found.setdefault(request.url, request)
    return tuple(found.values())[:_ADDRESSES_MOST]


def answers_well(request: Request, answer: Fact, facts: Facts) -> bool:
    """Say whether an answer is good: as when all was well, else without a server's error, and quick beside what is quick here."""
    status, seconds = value_of(answer, "status"), value_of(answer, "seconds")
    if not isinstance(status, int) or status == 0 or status >= _BAD_STATUS:
        return False
    if request.status is not None and status != request.status:
        return False
    if request.slow_s is None or not isinstance(seconds, int | float):
        return True
    others = [value_of(fact, "seconds") for fact in facts.named("endpoint.answer") if fact.subject != answer.subject]
    reference = min((one for one in others if isinstance(one, int | float)), default=0.0)
    return seconds <= max(_QUICK_S, request.slow_s * _MUCH_QUICKER, reference * _AS_QUICK_AS_OTHERS)


def _bad_addresses(facts: Facts) -> Iterator[Request]:
    for fact in facts.named("change.endpoint"):
        before, after = value_of(fact, "before"), value_of(fact, "after")
        if isinstance(before, int) and (not isinstance(after, int) or after == 0 or after >= 400):
            yield Request(tail(fact), status=before)
    for fact in facts.named("change.latency"):
        after = value_of(fact, "after")
        if isinstance(after, int | float):
            yield Request(tail(fact), slow_s=float(after))
    for fact in facts.named("endpoint.answer"):
        status = value_of(fact, "status")
        if isinstance(status, int) and (status == 0 or status >= _BAD_STATUS):
            yield Request(tail(fact))


def _logged(facts: Facts) -> Iterator[Request]:
    base = _base(facts)
    if base is None:
        return
    count = 0
    for name in ("log.failed_request", "log.slow_request"):
        for fact in facts.named(name):
            path = _REQUESTED.search(fact.source.excerpt)
            if path is None or MIGHT_CHANGE.search(path.group(1)) or count >= _REPEATED_MOST or not _is_trouble(fact):
                continue
            count += 1
            slow_s = value_of(fact, "seconds_median") if name == "log.slow_request" else None
            yield Request(f"{base}{path.group(1)}", slow_s=float(slow_s) if isinstance(slow_s, int | float) else None)


def _is_trouble(fact: Fact) -> bool:
    status = value_of(fact, "status")
    return fact.name == "log.slow_request" or (isinstance(status, int) and status >= _BAD_STATUS)


def _base(facts: Facts) -> str | None:
    """Return where users come in: the address in front of the others, else the first that speaks HTTP."""
    served = facts.named("endpoint.served_by")
    gateways = {fact.subject for fact in facts.named("service.role") if value_of(fact, "role") == "web"}
    for fact in sorted(served, key=lambda one: f"service:{value_of(one, 'service')}" not in gateways):
        parts = urlsplit(tail(fact))
        if parts.hostname is not None and is_here(parts.hostname):
            return f"{parts.scheme}://{parts.netloc}"
    return None


def _named(complaint: Complaint) -> Iterator[Request]:
    for entity in complaint.entities:
        if entity.kind == "url":
            parts = urlsplit(entity.text)
            if parts.hostname is not None and is_here(parts.hostname) and not MIGHT_CHANGE.search(entity.text):
                yield Request(entity.text)
