"""Keeps log lines and finds them again: by words, fields and time, the latest first.

Lines go in by blocks of some hundred. A block's words are marked in a signature (`signature.py`), so that a question opens
only the blocks that may answer it. What is old, or too much, goes by whole segments of 256 blocks.
"""

import sqlite3
import time
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vigie.domain.errors import Permanent, Transient
from vigie.domain.host import DEFAULT_TENANT
from vigie.memory.lines import signature
from vigie.memory.lines.block import About, Lines, Unpacked, packed, unpacked

__all__ = ["About", "Found", "Hit", "LineStore", "Lines", "Question"]

BLOCK_LINES = 512
_BUSY_S = 30.0
_BAD = frozenset(("warning", "error", "critical"))
_SCHEMA = """
CREATE TABLE IF NOT EXISTS blocks (
  id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, host TEXT NOT NULL, source TEXT NOT NULL,
  first_s REAL NOT NULL, last_s REAL NOT NULL, lines INTEGER NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL, filter BLOB);
CREATE INDEX IF NOT EXISTS blocks_last ON blocks (tenant, last_s, first_s, id);
CREATE TABLE IF NOT EXISTS segments (id INTEGER PRIMARY KEY, rows BLOB NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for: lines that hold all the words, and are as the fields say; None and "" are anything.

    `since_s`, `until_s`: seconds since 1970. `patience_s`: how long to look at most.
    """

    words: str = ""
    host: str | None = None
    level: str | None = None
    service: str | None = None
    template: str | None = None
    since_s: float = float("-inf")
    until_s: float = float("inf")
    limit: int = 50
    patience_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Hit:
    """A line that was found; `id` names it for as long as it is kept."""

    id: str
    at_s: float
    host: str
    source: str
    text: str
    about: About


@dataclass(frozen=True, slots=True)
class Found:
    """The latest lines that answer; `complete` is False when patience ended before all blocks were seen."""

    hits: tuple[Hit, ...]
    complete: bool


class LineStore:
    """The kept lines of one tenant; any number of processes may use one file. Its calls block: run them in a thread."""

    def __init__(self, path: Path, tenant: str = DEFAULT_TENANT) -> None:
        self._tenant = tenant
        self._path = path
        with self._words_for_errors():
            is_new = not path.exists()
            self._base = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
            path.chmod(0o600)
            if is_new:
                self._base.execute("PRAGMA auto_vacuum = INCREMENTAL")
            self._base.execute("PRAGMA journal_mode = WAL")
            self._base.execute("PRAGMA synchronous = FULL")
            self._base.executescript(_SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()

    def keep(self, host: str, source: str, lines: Lines) -> int:
        """Keep lines of one source; durable on return. Returns how many blocks they took.

        Raises:
            Permanent: the disk does not take them; none of them is kept then.
            Transient: another process keeps the file busy.
        """
        blocks = []
        for begin in range(0, len(lines.texts), BLOCK_LINES):
            part = slice(begin, begin + BLOCK_LINES)
            blocks.append(_row(self._tenant, host, source, _part(lines, part)))
        with self._writing() as base:
            (last,) = base.execute("SELECT coalesce(max(id), -1) FROM blocks").fetchone()
            for number, row in enumerate(blocks, last + 1):
                base.execute("INSERT INTO blocks VALUES (?,?,?,?,?,?,?,?,?,?)", (number, *row))
                if number % signature.BLOCKS == signature.BLOCKS - 1:
                    _seal(base, number // signature.BLOCKS)
        return len(blocks)

    def find(self, question: Question) -> Found:
        """Return the latest lines that answer a question."""
        began = time.monotonic()
        marks = _marks(question)
        hits: list[Hit] = []
        with self._words_for_errors():
            for number in self._candidates(question, marks):
                if time.monotonic() - began > question.patience_s:
                    return Found(tuple(hits[: question.limit]), complete=False)
                row = self._base.execute("SELECT host, source, body, last_s FROM blocks WHERE id = ?", (number,)).fetchone()
                if row is None:
                    continue
                host, source, body, last_s = row
                if len(hits) >= question.limit and last_s < hits[question.limit - 1].at_s:
                    break
                hits = sorted([*hits, *_matching(number, host, source, body, question)], key=lambda hit: -hit.at_s)[
                    : question.limit
                ]
        return Found(tuple(hits), complete=True)

    def lines(self) -> int:
        """Return how many lines are kept."""
        with self._words_for_errors():
            (count,) = self._base.execute(
                "SELECT coalesce(sum(lines), 0) FROM blocks WHERE tenant = ?", (self._tenant,)
            ).fetchone()
        return int(count)

    def forget(self, *, before_s: float, bytes_max: int) -> int:
        """Give up whole segments that ended before an instant, then the oldest until little enough is left; return the lines."""
        forgotten = 0
        with self._writing() as base:
            kept = base.execute(
                "SELECT id / ?, max(last_s), sum(size), sum(lines) FROM blocks GROUP BY 1 ORDER BY 2", (signature.BLOCKS,)
            ).fetchall()
            total = sum(size for _, _, size, _ in kept)
            newest = max((number for number, *_ in kept), default=0)
            for number, last_s, size, lines in kept:
                if number == newest or (last_s >= before_s and total <= bytes_max):
                    continue
                span = (number * signature.BLOCKS, (number + 1) * signature.BLOCKS - 1)
                base.execute("DELETE FROM blocks WHERE id BETWEEN ? AND ?", span)
                base.execute("DELETE FROM segments WHERE id = ?", (number,))
                total, forgotten = total - size, forgotten + lines
        with self._words_for_errors():
            self._base.execute("PRAGMA incremental_vacuum").fetchall()
        return forgotten

    def _candidates(self, question: Question, marks: Sequence[bytes]) -> Iterator[int]:
        """Yield the blocks that may hold an answer, the latest first."""
        query = "SELECT id FROM blocks WHERE tenant = ? AND last_s >= ? AND first_s <= ? ORDER BY last_s DESC"
        blocks = self._base.execute(query, [self._tenant, question.since_s, question.until_s]).fetchall()
        rows = [row for mark in marks for row in signature.bits(mark)]
        segments = {number for (number,) in self._base.execute("SELECT id FROM segments")}
        may: dict[int, int] = {}
        for (number,) in blocks:
            segment, place = divmod(number, signature.BLOCKS)
            if segment in segments:
                if segment not in may:
                    may[segment] = self._asked(segment, rows)
                if may[segment] >> place & 1:
                    yield number
            elif self._may_hold(number, marks):
                yield number

    def _asked(self, segment: int, wanted: Sequence[int]) -> int:
        """Return which blocks of a segment may answer: bit i for block i."""
        left = (1 << signature.BLOCKS) - 1
        with self._base.blobopen("segments", "rows", segment, readonly=True) as rows:
            for row in wanted:
                rows.seek(row * signature.ROW)
                left &= int.from_bytes(rows.read(signature.ROW), "little")
                if not left:
                    break
        return left

    def _may_hold(self, number: int, marks: Sequence[bytes]) -> bool:
        row = self._base.execute("SELECT filter FROM blocks WHERE id = ?", (number,)).fetchone()
        return row is not None and (row[0] is None or signature.may_hold(row[0], marks))

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._words_for_errors():
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield self._base
            except BaseException:  # a cancellation too leaves nothing half written
                self._base.execute("ROLLBACK")
                raise
            self._base.execute("COMMIT")

    @contextmanager
    def _words_for_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise Transient("lines.busy", path=self._path) from error
            raise Permanent("lines.refused", path=self._path, reason=error) from error
        except (sqlite3.DatabaseError, OSError) as error:
            raise Permanent("lines.damaged", path=self._path, reason=error) from error


def _part(lines: Lines, part: slice) -> Lines:
    about = lines.about[part]
    used = {number: place for place, number in enumerate(dict.fromkeys(about))}
    return Lines(
        lines.at_s[part],
        lines.texts[part],
        array("H", (used[number] for number in about)),
        [lines.kinds[number] for number in used],
    )


def _row(tenant: str, host: str, source: str, lines: Lines) -> tuple[object, ...]:
    marks = set(signature.words(b"\n".join(lines.texts)))
    bad = {number for number, kind in enumerate(lines.kinds) if kind.level in _BAD}
    if bad:
        troubles = b"\n".join([text for text, number in zip(lines.texts, lines.about, strict=True) if number in bad])
        marks.update(map(signature.bad, set(signature.words(troubles))))
    for kind in lines.kinds:
        marks.update(_fields(kind))
    marks.add(signature.field("host", host))
    body = packed(lines)
    row = (tenant, host, source, min(lines.at_s), max(lines.at_s), len(lines.texts), len(body))
    return (*row, body, signature.hashes(marks))


def _fields(kind: About) -> list[bytes]:
    named = (("level", kind.level), ("service", kind.service), ("template", kind.template))
    return [signature.field(name, value) for name, value in named if value]


def _seal(base: sqlite3.Connection, segment: int) -> None:
    """Turn the filters of a full segment on their side."""
    first = segment * signature.BLOCKS
    span = (first, first + signature.BLOCKS - 1)
    filters = dict(base.execute("SELECT id, filter FROM blocks WHERE id BETWEEN ? AND ?", span))
    rows = signature.turned([filters.get(first + place) or b"" for place in range(signature.BLOCKS)])
    base.execute("INSERT INTO segments VALUES (?, ?)", (segment, rows))
    base.execute("UPDATE blocks SET filter = NULL WHERE id BETWEEN ? AND ?", span)


def _marks(question: Question) -> list[bytes]:
    marks = signature.words(question.words.encode("utf-8", "replace"))
    if question.level in _BAD:
        marks = [signature.bad(word) for word in marks]
    for name in ("host", "level", "service", "template"):
        value = getattr(question, name)
        if value:
            marks.append(signature.field(name, value))
    return marks


def _matching(number: int, host: str, source: str, body: bytes, question: Question) -> Iterator[Hit]:
    """Yield the lines of a block that answer, the latest first."""
    if question.host and host != question.host:
        return
    block = unpacked(body)
    words = set(signature.words(question.words.encode("utf-8", "replace")))
    fits = [_is_asked(kind, question) for kind in block.kinds]
    for place, text in _holding(block, words):
        kind = block.about[place]
        if fits[kind] and question.since_s <= block.at_s[place] <= question.until_s:
            yield Hit(f"{number}:{place}", block.at_s[place], host, source, text.decode("utf-8", "replace"), block.kinds[kind])


def _holding(block: Unpacked, words: set[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that hold all the words, the last first; without words, all lines."""
    if not words:
        texts = block.text.split(b"\n")
        for place in range(len(texts) - 1, -1, -1):
            yield place, texts[place]
        return
    small = block.text.lower()
    rarest = min(words, key=small.count)
    end = len(small)
    while (at := small.rfind(rarest, 0, end)) >= 0:
        begin, stop = small.rfind(b"\n", 0, at) + 1, small.find(b"\n", at)
        text = block.text[begin : stop if stop >= 0 else len(small)]
        if words <= set(signature.words(text)):
            yield small.count(b"\n", 0, begin), text
        end = max(begin, 0)
        if not begin:
            return


def _is_asked(kind: About, question: Question) -> bool:
    asked = ((question.level, kind.level), (question.service, kind.service), (question.template, kind.template))
    return all(not wanted or wanted == own for wanted, own in asked)
