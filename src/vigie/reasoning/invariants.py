"""What a repair must not change: other services, other addresses, rows of tables, other files."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from vigie.domain.fact import Fact
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import tail, text_of, value_of
from vigie.reasoning.looks import Look
from vigie.reasoning.sayings import Saying, saying
from vigie.reasoning.wording import shown

# Read again after a repair, with the same slots, where they were read before it.
_AGAIN = ("sqlite.schema", "postgres.tables", "files.state", "files.settings_state")
_ALWAYS = ("services",)
_ADDRESSES_MOST = 8
_BAD_STATUS = 400
# Rows come and go while people work; a loss of more than this is no ordinary work.
_ROWS_KEPT = 0.95


def looks(before: Facts) -> Iterator[Look]:
    """Yield the looks that show whether anything else has changed."""
    for probe in _ALWAYS:
        if before.runs(probe):
            yield Look.of(probe, {})
    for probe in _AGAIN:
        for ran in before.runs(probe):
            slots = value_of(ran, "slots")
            if isinstance(slots, dict):
                yield Look.of(probe, {name: str(value) for name, value in slots.items()})
    for fact in before.named("endpoint.answer")[:_ADDRESSES_MOST]:
        yield Look.of("endpoint.check", {"url": tail(fact)})


def broken(before: Facts, now: Facts, touched: Sequence[str]) -> Iterator[Saying]:
    """Yield what was well before and is not any more."""
    yield from _services(before, now)
    yield from _addresses(before, now, touched)
    yield from _rows(before, now)
    yield from _files(before, now, touched)


def _services(before: Facts, now: Facts) -> Iterator[Saying]:
    for fact in before.named("service.running"):
        stands = now.about("service.running", fact.subject)
        if fact.value is True and stands and stands[-1].value is not True and not _is_starting(now, fact.subject):
            yield saying("broken.service", service=shown(tail(fact)))


def _is_starting(now: Facts, subject: str) -> bool:
    stands = now.about("service.state", subject)
    return bool(stands) and text_of(stands[-1], "state") == "starting"


def _addresses(before: Facts, now: Facts, touched: Sequence[str]) -> Iterator[Saying]:
    """Addresses that answered; not those that answered otherwise when all was well, nor of a process that was ended."""
    for fact in before.named("endpoint.answer"):
        if before.about("change.endpoint", fact.subject) or _listener_of(fact, before) in touched:
            continue
        stands = now.about("endpoint.answer", fact.subject)
        if _is_good(fact) and stands and not _is_good(stands[-1]):
            yield saying("broken.address", url=shown(tail(fact)), status=value_of(stands[-1], "status"))


def _listener_of(answer: Fact, before: Facts) -> str:
    """Return the process that answered, empty where it is not known."""
    try:
        port = urlsplit(tail(answer)).port
    except ValueError:
        return ""
    listening = before.about("port.listening", f"port:{port}")
    return str(value_of(listening[-1], "pid") or "") if listening else ""


def _is_good(fact: Fact) -> bool:
    status = value_of(fact, "status")
    return isinstance(status, int) and 0 < status < _BAD_STATUS


def _rows(before: Facts, now: Facts) -> Iterator[Saying]:
    for fact in before.named("table.state"):
        stands = now.about("table.state", fact.subject)
        had, has = value_of(fact, "rows"), value_of(stands[-1], "rows") if stands else None
        if isinstance(had, int | float) and isinstance(has, int | float) and has < had * _ROWS_KEPT:
            yield saying("broken.rows", table=shown(tail(fact)), before=int(had), after=int(has))
        elif not stands and _was_read_again(fact, now):
            yield saying("broken.table", table=shown(tail(fact)))


def _was_read_again(fact: Fact, now: Facts) -> bool:
    return any(value_of(ran, "line") == fact.source.line for ran in now.runs(fact.probe or ""))


def _files(before: Facts, now: Facts, touched: Sequence[str]) -> Iterator[Saying]:
    for fact in before.named("file.state"):
        if tail(fact) in touched:
            continue
        stands = now.about("file.state", fact.subject)
        if stands and text_of(fact, "sha256") and text_of(stands[-1], "sha256") != text_of(fact, "sha256"):
            yield saying("broken.file", path=shown(tail(fact)))
