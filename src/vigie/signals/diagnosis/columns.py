"""Reads whole logs into columns: for each line its instant and what it says, as numbers.

A line that looks like one before it (the same text but for its digits) is not opened again: that is what makes it fast.
"""

import re
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isnan, nan

from vigie.signals.diagnosis import speakers, wording
from vigie.signals.diagnosis.envelopes import Envelope, opened
from vigie.signals.diagnosis.stamps import StampClock
from vigie.signals.diagnosis.text import LogText
from vigie.signals.diagnosis.wording import Badness
from vigie.signals.templates import Miner, Template

CONTINUES = -1
_KNOWN_MAX = 150_000
_LINE_MAX = 16_384
_STAMPED = 0.3
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
# Numbers and identifiers; each pattern begins with one set of bytes, which is what makes the search fast.
_VARIABLE = re.compile(rb"[0-9][0-9a-fA-F]*(?:-[0-9a-fA-F]+)*")
_NUMBERS = re.compile(r"[0-9][0-9a-fA-F]*(?:-[0-9a-fA-F]+)*")
# What the first leaves of an identifier that begins with letters.
_IDENTIFIER = re.compile(rb"(?<![\w])[a-fA-F]{1,10}0(?![0-9a-fA-F])")
# A status of 500 to 504 is no mere number.
_MAY_BE_STATUS = b"50"
_BUT_STATUS = re.compile(rb"(?<!\d)(?!50[0-4](?!\d))[0-9][0-9a-fA-F]*(?:-[0-9a-fA-F]+)*|(?<=50[0-4])\d+")
_BESIDE = 12
_SAMPLE, _SAMPLE_MIN = 2400, 150
_FRACTION_MAX = 9

# A saying, where its stamp begins and ends, what stands before and after it.
_Known = tuple[int, int, int, bytes, bytes]
_Told = tuple[frozenset[str], bool, bool, Template]


@dataclass(slots=True)
class Saying:
    """What one speaker says in one way. `sample` is its first line; `lines` how many there are."""

    number: int
    service: str
    instance: str | None
    template: str
    badness: Badness
    sorts: frozenset[str]
    is_change: bool
    is_recovery: bool
    sample: str
    message: str
    log: int
    lines: int = 0


@dataclass(slots=True)
class Columns:
    """All lines of all logs, log after log. `begins[i]` is the index of log i's first line.

    `at_s` holds seconds since 1970, NaN where neither the line nor one before it tells; `says` the number of a saying.
    """

    logs: Sequence[LogText]
    ways: list[speakers.Way]
    at_s: "array[float]" = field(default_factory=lambda: array("d"))
    says: "array[int]" = field(default_factory=lambda: array("i"))
    begins: list[int] = field(default_factory=list)
    sayings: list[Saying] = field(default_factory=list)
    stamped: list[bool] = field(default_factory=list)

    def log_of(self, index: int) -> int:
        """Return which log a line is in."""
        return max(number for number, begin in enumerate(self.begins) if begin <= index)

    def span(self, log: int) -> range:
        """Return the indices of one log's lines."""
        ends = [*self.begins[1:], len(self.says)]
        return range(self.begins[log], ends[log])


def read(logs: Sequence[LogText]) -> Columns:
    """Read logs into columns."""
    quota = max(_SAMPLE_MIN, _SAMPLE // max(1, len(logs)))
    samples = [_sampled(log, quota) for log in logs]
    columns = Columns(logs, speakers.ways([log.name for log in logs], samples))
    reader = _Reader(columns)
    for number, sample in enumerate(samples):
        columns.begins.append(len(columns.says))
        reader.read(number, sample)
    reader.settle()
    return columns


def _sampled(log: LogText, quota: int) -> list[Envelope]:
    lines = log.sample()
    return [opened(_text(line), log.modified_at) for line in lines[:: max(1, len(lines) // quota)]]


def _text(line: bytes) -> str:
    return line[:_LINE_MAX].decode("utf-8", "replace")


class _Reader:
    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._miner = Miner(20_000)
        self._numbers: dict[tuple[object, ...], int] = {}
        self._known: dict[tuple[str, bool], _Told] = {}
        self._templates: list[tuple[tuple[object, ...], Template]] = []

    def read(self, number: int, sample: Sequence[Envelope]) -> None:
        """Append one log's lines."""
        columns, log = self._columns, self._columns.logs[number]
        stamped = sum(envelope.at_s is not None for envelope in sample)
        continuing = sum(envelope.continues for envelope in sample)
        columns.stamped.append(stamped > 0 and stamped >= _STAMPED * (len(sample) - continuing))
        one = _LogReader(self, number, columns.stamped[number])
        for block in log.blocks():
            one.take(block)
        _mend(columns, columns.span(number))

    def saying(self, number: int, envelope: Envelope, line: str) -> int:
        """Return the number of what an opened line says."""
        columns = self._columns
        way = columns.ways[number]
        service = speakers.shown(envelope.slots[way.slot]) if envelope.slots.get(way.slot, "").strip() else way.stem
        instance = envelope.slots.get(way.instances) if way.instances else None
        named = [value for slot, value in envelope.slots.items() if slot != way.slot and slot[:4] in ("colo", "dash", "pipe")]
        message = ": ".join([*named, envelope.message])
        sorts, change, recovery, template = self._told(message)
        badness = wording.badness(envelope.level, sorts)
        key = (service, instance, badness, sorts, change, recovery)
        found = self._numbers.get((template.key, *key))
        if found is None:
            found = self._numbers[template.key, *key] = len(columns.sayings)
            self._templates.append((key, template))
            columns.sayings.append(
                Saying(found, service, instance, template.text, badness, sorts, change, recovery, line, message, number)
            )
        return found

    def settle(self) -> None:
        """Make one of the sayings whose templates turned out to be one, and count their lines."""
        columns = self._columns
        firsts: dict[tuple[object, ...], int] = {}
        becomes = []
        kept: list[Saying] = []
        for saying, (key, template) in zip(columns.sayings, self._templates, strict=True):
            saying.template = template.text
            place = firsts.setdefault((saying.template, *key), len(kept))
            if place == len(kept):
                saying.number = place
                kept.append(saying)
            becomes.append(place)
        columns.sayings[:] = kept
        columns.says = array("i", (number if number == CONTINUES else becomes[number] for number in columns.says))
        for number, lines in Counter(columns.says).items():
            if number != CONTINUES:
                kept[number].lines = lines

    def _told(self, message: str) -> _Told:
        """Return what the words of a message tell; those that differ in numbers only tell the same."""
        alike = (_NUMBERS.sub("0", message), wording.failed_status(message))
        told = self._known.get(alike)
        if told is None:
            if len(self._known) > _KNOWN_MAX:
                self._known.clear()
            told = (
                wording.trouble(message),
                wording.is_change(message),
                wording.is_recovery(message),
                self._miner.template(message),
            )
            self._known[alike] = told
        return told


class _LogReader:
    """Reads one log, block by block."""

    def __init__(self, reader: _Reader, number: int, stamped: bool) -> None:
        self._reader = reader
        self._number = number
        self._log = reader._columns.logs[number]  # noqa: SLF001  # one thing in two classes
        self._at_s = reader._columns.at_s  # noqa: SLF001  # the same
        self._says = reader._columns.says  # noqa: SLF001  # the same
        self._stamped = stamped
        self._clock = StampClock(self._log.modified_at)
        self._alike: dict[bytes, _Known] = {}
        self._masked: dict[bytes, _Known] = {}

    def take(self, block: Sequence[bytes]) -> None:
        """Append the lines of a block."""
        alike, seconds = self._alike, self._clock.seconds
        at_s, says = self._at_s, self._says
        for line in block:
            shape = line.translate(_DIGITS)
            known = alike.get(shape) if _MAY_BE_STATUS not in line else None
            if known is None:
                known = self._known(line, shape)
            saying, start, end = known[:3]
            says.append(saying)
            at = seconds(line[start:end]) if end else None
            at_s.append(nan if at is None else at)

    def _known(self, line: bytes, shape: bytes) -> _Known:
        special = _MAY_BE_STATUS in line
        masked = (_BUT_STATUS if special else _VARIABLE).sub(b"0", line[:_LINE_MAX])
        known = self._masked.get(masked)
        if known is None:
            barest = _IDENTIFIER.sub(b"0", masked)
            known = self._masked.get(barest)
            if known is None:
                known = self._opened(line)
            if len(self._masked) > _KNOWN_MAX:
                self._masked.clear()
            self._masked[masked] = self._masked[barest] = known
        known = _moved(known, line)
        if not special:
            if len(self._alike) > _KNOWN_MAX:
                self._alike.clear()
            self._alike[shape] = known
        return known

    def _opened(self, line: bytes) -> _Known:
        text = _text(line)
        envelope = opened(text, self._log.modified_at)
        if envelope.continues or not text.strip() or (self._stamped and envelope.at_s is None):
            return (CONTINUES, 0, 0, b"", b"")
        saying = self._reader.saying(self._number, envelope, text)
        if envelope.at_s is None:
            return (saying, 0, 0, b"", b"")
        start = len(text[: envelope.start].encode("utf-8", "replace"))
        end = start + len(text[envelope.start : envelope.end].encode("utf-8", "replace"))
        return (saying, start, end, line[max(0, start - _BESIDE) : start], line[end : end + 1])


def _moved(known: _Known, line: bytes) -> _Known:
    """Return where the stamp stands in a line that is like a known one but for the lengths of what is in it."""
    saying, start, end, before, after = known
    if not end or (line[start - len(before) : start] == before and line[end : end + 1] == after):
        return known
    found = line.find(before)
    if found < 0:
        return known
    begin = found + len(before)
    stop = begin + end - start
    if line[stop : stop + 1] != after:  # a fraction of other length
        stop = line.find(after, stop - _FRACTION_MAX)
    return (saying, begin, stop, before, after) if stop > begin else known


def _mend(columns: Columns, span: range) -> None:
    """Give lines without a stamp, or with an absurd one, the instant of the line before."""
    at_s = columns.at_s
    told = sorted(at for index in range(span.start, span.stop, max(1, len(span) // 20_000)) if not isnan(at := at_s[index]))
    low, high = (-1.0, -1.0) if not told else _bulk(told)
    last = next((at for index in span if low <= (at := at_s[index]) <= high), nan)
    for index in span:
        at = at_s[index]
        if low <= at <= high:
            last = at
        else:
            at_s[index] = last


def _bulk(told: Sequence[float]) -> tuple[float, float]:
    """Return between which instants a log's lines lie, leaving out the few whose clock was plainly wrong."""
    low, high = told[len(told) // 50], told[-1 - len(told) // 50]
    slack = (high - low) + 86_400.0
    return low - slack, high + slack
