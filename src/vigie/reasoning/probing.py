"""From a probe to the lines to run, and from what they printed to facts. Pure: whoever runs the lines comes from outside.

A probe has variants, best first. `readings` gives the lines of those that the host's programs allow; they are run in turn
until one `worked`; `facts` reads the answers. `Batch` does that for many probes at once.
"""

import functools
import hashlib
import json
import logging
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from vigie import plugins
from vigie.domain.action import Completed
from vigie.domain.errors import Permanent
from vigie.domain.fact import Fact, Source, Value
from vigie.domain.host import Host
from vigie.knowledge import detection, library
from vigie.knowledge.library import Knowledge
from vigie.knowledge.models import Probe, Variant
from vigie.reasoning import parsers, templates
from vigie.reasoning.parsers.parser import EXCERPT_MAX, Output, Parser, Seen

logger = logging.getLogger(__name__)

FACTS_MAX = 6000
_THE_MANAGERS = "plain"  # a verb's output is read by the parser of the manager that printed it
_NO_PROGRAM = {126, 127}
_REFUSED = (
    "permission denied",
    "operation not permitted",
    "must be root",
    "a password is required",
    "authentication failed",
    "not allowed",
    "access denied",
)
_DETAIL_MAX = 300
_INTEGER_MAX = 2**63


@dataclass(frozen=True, slots=True)
class Line:
    """A line to run for a probe, what it reads on standard input, and how long it may take."""

    line: str
    stdin: bytes | None
    timeout_s: float
    variant: int = 0


def readings(
    probe: Probe,
    slots: Mapping[str, str],
    host: Host,
    *,
    programs: Collection[str] | None = None,
    knowledge: Knowledge | None = None,
) -> list[Line]:
    """Return the alternatives for reading a probe, best first; run them in turn until one `worked`.

    Args:
        probe: what to read.
        slots: its slots' values.
        host: where; its focus fills `{focus*}`, its manager speaks `@verb`.
        programs: those the host has (fact `host.programs`); None: not known yet, so nothing is left out.
        knowledge: where scripts and managers are; the released one by default.

    Raises:
        Permanent: `knowledge.slot_missing`, `knowledge.slot_wrong`.
    """
    known = knowledge or library.load()
    manager = detection.of_host(known, host)
    given: dict[str, str | Sequence[str]] = {**slots, "focus": list(host.focus)}
    lines: list[Line] = []
    for index, variant in enumerate(probe.variants):
        if programs is not None and not set(variant.needs) <= set(programs):
            continue
        try:
            line = templates.fill(variant.line, given, {**probe.slots, "focus": "path"}, manager)
        except Permanent as error:
            # What a host calls its things may be no name or address at all: then there is no such line.
            if error.key in {"knowledge.no_manager", "knowledge.verb_unknown", "knowledge.slot_wrong"}:
                continue
            raise
        script = variant.script or _spoken_script(variant, manager)
        stdin = known.scripts[script].source if script else None
        lines.append(Line(line.rstrip(), stdin, probe.timeout_s, index))
    return lines


def worked(probe: Probe, completed: Completed, variant: int, *, accepts: Collection[int] = ()) -> bool:
    """Say whether a line's end gives an answer, so that no other variant is needed."""
    return completed.rc is not None and not completed.killed and completed.rc in {*probe.variants[variant].accepts, *accepts}


def facts(
    probe: Probe,
    slots: Mapping[str, str],
    attempts: Sequence[tuple[Line, Completed]],
    host: Host,
    now: datetime,
    *,
    knowledge: Knowledge | None = None,
) -> list[Fact]:
    """Return what the attempts show, with a `probe.ran`, or else one `probe.unavailable` that says why there is nothing."""
    for line, completed in attempts:
        variant = probe.variants[line.variant]
        accepts = _accepted(variant, host, knowledge)
        if worked(probe, completed, line.variant, accepts=accepts):
            return _read(probe, variant, slots, completed, host, now, knowledge)
    return [_unavailable(probe, slots, attempts, host, now)]


@functools.cache
def known_parsers() -> Mapping[str, type[Parser]]:
    """Return the parsers by name."""
    return plugins.discover(parsers, Parser)


def shown(parser: str, output: Output) -> Iterator[Seen]:
    """Yield what a parser sees in an output, whatever a broken or hostile host has put into it."""
    reading = known_parsers()[parser]().parse(output)
    while True:
        try:
            item = next(reading, None)
        except (ArithmeticError, LookupError, RecursionError, ValueError):
            # A number of a thousand digits, a date in the year 99999: what came before it still counts.
            logger.warning("an output could not be read to its end", extra={"parser": parser}, exc_info=True)
            return
        if item is None:
            return
        yield replace(item, value=_storable(item.value))


def fact_id(host: str, subject: str, name: str, value: Value, at: datetime) -> str:
    """Return a short id that is the same for the same observation."""
    body = json.dumps([host, subject, name, value, at.isoformat()], sort_keys=True, default=str)
    return "F-" + hashlib.sha256(body.encode()).hexdigest()[:12]


@dataclass
class Batch:
    """Several checks read together: `pending` lines, their answers given to `take`, until nothing is pending; then `facts`."""

    checks: Sequence[tuple[Probe, Mapping[str, str]]]
    host: Host
    programs: Collection[str] | None = None
    knowledge: Knowledge | None = None
    _ways: list[list[Line]] = field(default_factory=list)
    _tried: list[list[tuple[Line, Completed]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ways = [
            readings(probe, slots, self.host, programs=self.programs, knowledge=self.knowledge) for probe, slots in self.checks
        ]
        self._tried = [[] for _ in self.checks]

    def pending(self) -> list[Line]:
        """Return the lines to run now, each once even where several checks want it."""
        wanted = [ways[len(tried)] for ways, tried in self._open()]
        return list({(line.line, line.stdin): line for line in wanted}.values())

    def take(self, lines: Sequence[Line], answers: Sequence[Completed]) -> None:
        """Take the answers to `pending`, in its order."""
        by_line = {(line.line, line.stdin): completed for line, completed in zip(lines, answers, strict=True)}
        for ways, tried in list(self._open()):
            line = ways[len(tried)]
            completed = by_line.get((line.line, line.stdin))
            if completed is not None:
                tried.append((line, completed))

    def facts(self, now: datetime) -> list[Fact]:
        """Return what all the answers show."""
        made: list[Fact] = []
        for (probe, slots), tried in zip(self.checks, self._tried, strict=True):
            made += facts(probe, slots, tried, self.host, now, knowledge=self.knowledge)
        return made

    def _open(self) -> Iterator[tuple[list[Line], list[tuple[Line, Completed]]]]:
        for (probe, _), ways, tried in zip(self.checks, self._ways, self._tried, strict=True):
            done = tried and worked(
                probe,
                tried[-1][1],
                tried[-1][0].variant,
                accepts=_accepted(probe.variants[tried[-1][0].variant], self.host, self.knowledge),
            )
            if not done and len(tried) < len(ways):
                yield ways, tried


def _spoken_script(variant: Variant, manager: detection.Found | None) -> str | None:
    verb = variant.line.removeprefix("@").split(maxsplit=1)[0] if variant.line.startswith("@") else ""
    return manager.manager.scripts.get(verb) if manager is not None else None


def _accepted(variant: Variant, host: Host, knowledge: Knowledge | None) -> Collection[int]:
    if not variant.line.startswith("@"):
        return ()
    found = detection.of_host(knowledge or library.load(), host)
    return found.manager.accepts if found is not None else ()


def _read(
    probe: Probe,
    variant: Variant,
    slots: Mapping[str, str],
    completed: Completed,
    host: Host,
    now: datetime,
    knowledge: Knowledge | None,
) -> list[Fact]:
    output = Output(
        text=completed.text(),
        now=now,
        stderr=completed.stderr.decode("utf-8", "replace"),
        rc=completed.rc or 0,
        seconds=completed.seconds,
        slots=dict(slots),
        options=probe.options,
        focus=host.focus,
    )
    seen = list(_seen(probe, variant, output, host, knowledge))
    made = [_fact(probe, item, completed, host, now) for item in seen]
    said: Value = {"slots": dict(slots), "line": completed.line, "facts": len(made)}
    return [*made, _fact(probe, Seen(f"probe:{probe.name}", "probe.ran", said), completed, host, now)]


def _seen(probe: Probe, variant: Variant, output: Output, host: Host, knowledge: Knowledge | None) -> Iterator[Seen]:
    name = variant.parser or probe.parser
    if variant.line.startswith("@") and name == _THE_MANAGERS:
        found = detection.of_host(knowledge or library.load(), host)
        name = found.manager.parser if found is not None else name
    for count, item in enumerate(shown(name, output)):
        if count >= FACTS_MAX:
            logger.warning("a probe showed too much", extra={"probe": probe.name, "host": host.name})
            return
        if item.name in probe.yields:  # what a host says never widens what a probe may tell
            yield item


def _storable(value: Value) -> Value:
    match value:
        case float() if not math.isfinite(value):
            return None
        case int() if abs(value) > _INTEGER_MAX:
            return None
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case list():
            return [_storable(each) for each in value]
        case dict():
            return {name: _storable(each) for name, each in value.items()}
        case _:
            return value


def _fact(probe: Probe, item: Seen, completed: Completed, host: Host, now: datetime) -> Fact:
    excerpt = item.excerpt[:EXCERPT_MAX] if item.excerpt else ""
    made_id = fact_id(host.name, item.subject, item.name, item.value, now)
    return Fact(made_id, host.name, item.subject, item.name, item.value, now, Source(completed.line, excerpt), probe.name)


def _unavailable(
    probe: Probe, slots: Mapping[str, str], attempts: Sequence[tuple[Line, Completed]], host: Host, now: datetime
) -> Fact:
    tried: list[Value] = [completed.line for _, completed in attempts]
    why, detail = "no_program", ", ".join(sorted({need for variant in probe.variants for need in variant.needs}))
    if attempts:
        why, detail = _why(attempts[-1][1])
    value: Value = {"slots": dict(slots), "why": why, "detail": detail, "tried": tried}
    last = attempts[-1][1].line if attempts else probe.variants[0].line
    subject = f"probe:{probe.name}"
    made_id = fact_id(host.name, subject, "probe.unavailable", value, now)
    return Fact(made_id, host.name, subject, "probe.unavailable", value, now, Source(last, detail), probe.name)


def _why(completed: Completed) -> tuple[str, str]:
    said = completed.stderr.decode("utf-8", "replace").strip() or completed.text().strip()
    detail = said[-_DETAIL_MAX:]
    if completed.killed or completed.rc is None:
        return "timeout", detail
    if completed.rc in _NO_PROGRAM:
        return "no_program", detail
    if any(word in said.lower() for word in _REFUSED):
        return "refused", detail
    return "failed", detail or f"exit code {completed.rc}"
