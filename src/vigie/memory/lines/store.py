"""Keeps log lines and finds them again: by words, fields and time, the latest first.

Lines of one source go into blocks of a hundred, part by part as they come. What is in a block is marked (`signature.py`), so
that a question opens only the blocks that may answer it. What is old, or too much, goes by whole segments of 1,024 blocks.
"""

import json
import sqlite3
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from vigie.domain.fact import Value
from vigie.domain.host import DEFAULT_TENANT
from vigie.memory.lines import around, search, signature, templates
from vigie.memory.lines.block import About, Lines, joined, packed
from vigie.memory.lines.question import BAD, Found, Hit, Question
from vigie.memory.lines.tables import Tables
from vigie.memory.lines.templates import Told

__all__ = ["About", "Found", "Hit", "Kept", "LineStore", "Lines", "Question", "Told"]

# Small blocks: what two words share by chance is opened in vain.  bench/lines, 2026-11
BLOCK_LINES = 128
# More parts than this are made one: a search opens them all.
_PARTS_MAX = 8


@dataclass(frozen=True, slots=True)
class Kept:
    """Lines that were kept one after the other: the first is `block:place`."""

    block: int
    place: int
    count: int


class LineStore:
    """The kept lines of one tenant; any number of processes may use one file. Its calls block: run them in a thread."""

    def __init__(self, path: Path, tenant: str = DEFAULT_TENANT) -> None:
        self._tenant = tenant
        self._tables = Tables(path)

    def close(self) -> None:
        """Let go of the file."""
        self._tables.close()

    def keep(self, host: str, source: str, lines: Lines) -> list[Kept]:
        """Keep lines of one source; durable on return. Returns where they are, in order.

        Raises:
            Permanent: the disk does not take them; none of them is kept then.
            Transient: another process keeps the file busy.
        """
        return self.keep_all([(host, source, lines)])[0]

    def keep_all(
        self, batches: Sequence[tuple[str, str, Lines]], positions: Mapping[str, Mapping[str, Value]] | None = None
    ) -> list[list[Kept]]:
        """Keep lines of several sources with the positions after them, all or nothing, as `keep` does."""
        with self._tables.writing() as base:
            for source, position in (positions or {}).items():
                base.execute("INSERT OR REPLACE INTO positions VALUES (?,?,?)", (self._tenant, source, json.dumps(position)))
            kept = [_Writer(base, self._tenant, host, source).append(lines) for host, source, lines in batches]
            for host, _, lines in batches:
                templates.count(base, self._tenant, host, lines)
        return kept

    def position(self, source: str) -> dict[str, Value] | None:
        """Return how far the lines of a source are kept."""
        with self._tables.reading() as base:
            query = "SELECT doc FROM positions WHERE tenant = ? AND source = ?"
            row = base.execute(query, (self._tenant, source)).fetchone()
        return cast("dict[str, Value]", json.loads(row[0])) if row else None

    def put(self, source: str, body: str) -> None:
        """Put in the post what was sent to a source; durable on return."""
        with self._tables.writing() as base:
            base.execute("INSERT INTO post (tenant, source, body) VALUES (?,?,?)", (self._tenant, source, body))

    def post(self, source: str, after: int, limit: int) -> list[tuple[int, str]]:
        """Return what lies in the post for a source, in order, after a number."""
        with self._tables.reading() as base:
            query = "SELECT id, body FROM post WHERE tenant = ? AND source = ? AND id > ? ORDER BY id LIMIT ?"
            return base.execute(query, (self._tenant, source, after, limit)).fetchall()

    def clear(self, source: str, until: int) -> None:
        """Give up what lies in the post up to a number."""
        with self._tables.writing() as base:
            base.execute("DELETE FROM post WHERE tenant = ? AND source = ? AND id <= ?", (self._tenant, source, until))

    def find(self, question: Question) -> Found:
        """Return the latest lines that answer a question."""
        with self._tables.reading() as base:
            return search.find(base, self._tenant, question)

    def context(self, line: str, count: int, hosts: frozenset[str] | None = None) -> list[Hit]:
        """Return a line with as many of its source before and after it, in order.

        Raises:
            Permanent: it is not kept, or not of these hosts.
        """
        with self._tables.reading() as base:
            return around.context(base, self._tenant, line, count, hosts)

    def templates(self, *, since_hour: int, hosts: frozenset[str] | None, host: str | None, limit: int) -> list[Told]:
        """Return what the lines say, the most said since an hour first, by the hour."""
        with self._tables.reading() as base:
            return templates.told(base, self._tenant, since_hour, hosts, host, limit)

    def texts_of(self, template: str) -> tuple[str, ...]:
        """Return the texts that a template of this id has had; none when it is not known."""
        with self._tables.reading() as base:
            return templates.texts_of(base, self._tenant, template)

    def wordings(self, hosts: frozenset[str] | None) -> list[tuple[str, str]]:
        """Return id and text of every template that lines of some hosts have, the latest said first."""
        with self._tables.reading() as base:
            return templates.wordings(base, self._tenant, hosts)

    def generalise(self, changes: Sequence[tuple[str, str]]) -> None:
        """Take up that the texts of templates became others: old, new."""
        with self._tables.writing() as base:
            for old, new in changes:
                templates.generalise(base, self._tenant, old, new)

    def lines(self) -> int:
        """Return how many lines are kept."""
        with self._tables.reading() as base:
            (count,) = base.execute("SELECT coalesce(sum(lines), 0) FROM blocks WHERE tenant = ?", (self._tenant,)).fetchone()
        return int(count)

    def size(self) -> int:
        """Return how many bytes the kept lines of all tenants take, without their indexes."""
        with self._tables.reading() as base:
            (size,) = base.execute("SELECT coalesce(sum(size), 0) FROM blocks").fetchone()
        return int(size)

    def forget(self, *, before_s: float, bytes_max: int) -> int:
        """Give up whole segments that ended before an instant, then the oldest until little enough is left; return the lines."""
        forgotten = 0
        with self._tables.writing() as base:
            kept = base.execute(
                "SELECT id / ?, max(last_s), sum(size), sum(lines) FROM blocks GROUP BY 1 ORDER BY 2", (signature.BLOCKS,)
            ).fetchall()
            total = sum(size for _, _, size, _ in kept)
            newest = max((number for number, *_ in kept), default=0)
            for number, last_s, size, lines in kept:
                if number == newest or (last_s >= before_s and total <= bytes_max):
                    continue
                _drop(base, number)
                total, forgotten = total - size, forgotten + lines
            templates.forget(base, before_s)
        with self._tables.reading() as base:
            base.execute("PRAGMA incremental_vacuum").fetchall()
        return forgotten


class _Writer:
    """Appends to the open block of one source, and opens the next when it is full."""

    def __init__(self, base: sqlite3.Connection, tenant: str, host: str, source: str) -> None:
        self._base = base
        self._key = (tenant, host, source)

    def append(self, lines: Lines) -> list[Kept]:
        """Write lines; return where they are."""
        kept, begin = [], 0
        query = "SELECT id, lines FROM blocks WHERE tenant = ? AND host = ? AND source = ? AND is_open"
        block, place = self._base.execute(query, self._key).fetchone() or (0, 0)
        while begin < len(lines.texts):
            part = lines.part(begin, begin + BLOCK_LINES - place)
            body, is_full = packed(part), place + len(part.texts) >= BLOCK_LINES
            if place:
                self._grow(block, part, len(body), is_full=is_full)
            else:
                block = self._new(part, len(body), is_full=is_full)
            self._base.execute("INSERT INTO bodies VALUES (?,?,?)", (block, place, body))
            self._mark(block, part, is_new=not place)
            if place:
                (parts,) = self._base.execute("SELECT count(*) FROM bodies WHERE block = ?", (block,)).fetchone()
                if is_full or parts >= _PARTS_MAX:
                    _join(self._base, block)
            kept.append(Kept(block, place, len(part.texts)))
            begin, place = begin + len(part.texts), 0
        return kept

    def _new(self, part: Lines, size: int, *, is_full: bool) -> int:
        (number,) = self._base.execute("SELECT coalesce(max(id), -1) + 1 FROM blocks").fetchone()
        segment, place = divmod(number, signature.BLOCKS)
        if segment and not place:
            _seal(self._base, segment - 1)
        row = (number, *self._key, min(part.at_s), max(part.at_s), len(part.texts), size, not is_full)
        self._base.execute("INSERT INTO blocks VALUES (?,?,?,?,?,?,?,?,?)", row)
        return int(number)

    def _grow(self, block: int, part: Lines, size: int, *, is_full: bool) -> None:
        self._base.execute(
            "UPDATE blocks SET first_s = min(first_s, ?), last_s = max(last_s, ?), lines = lines + ?, size = size + ?,"
            " is_open = ? WHERE id = ?",
            (min(part.at_s), max(part.at_s), len(part.texts), size, not is_full, block),
        )

    def _mark(self, block: int, part: Lines, *, is_new: bool) -> None:
        marks = _marks(part)
        marks.add(signature.field("host", self._key[1]))
        own = signature.hashes(marks)
        if not is_new:
            (before,) = self._base.execute("SELECT own FROM marks WHERE block = ?", (block,)).fetchone()
            own = before + own
        self._base.execute("INSERT OR REPLACE INTO marks VALUES (?, ?)", (block, own))


def _join(base: sqlite3.Connection, block: int) -> None:
    """Make the parts of a block one."""
    parts = [body for (body,) in base.execute("SELECT body FROM bodies WHERE block = ? ORDER BY place", (block,))]
    if len(parts) < 2:
        return
    body = joined(parts)
    base.execute("DELETE FROM bodies WHERE block = ?", (block,))
    base.execute("INSERT INTO bodies VALUES (?, 0, ?)", (block, body))
    base.execute("UPDATE blocks SET size = ? WHERE id = ?", (len(body), block))


def _seal(base: sqlite3.Connection, segment: int) -> None:
    """Close what is open in a segment that has all its blocks, and make its index."""
    first = segment * signature.BLOCKS
    span = (first, first + signature.BLOCKS - 1)
    for (block,) in base.execute("SELECT id FROM blocks WHERE id BETWEEN ? AND ? AND is_open", span).fetchall():
        _join(base, block)
    base.execute("UPDATE blocks SET is_open = 0 WHERE id BETWEEN ? AND ?", span)
    own = dict(base.execute("SELECT block, own FROM marks WHERE block BETWEEN ? AND ?", span))
    # The hashes of a block that came part by part are those of its parts one after the other.
    lists = (set(array("I", own.pop(first + place, b""))) for place in range(signature.BLOCKS))
    base.executemany(
        "INSERT OR REPLACE INTO buckets VALUES (?, ?)",
        enumerate(signature.buckets(lists), segment * signature.BUCKETS),
    )
    base.execute(
        "INSERT OR REPLACE INTO segments SELECT ?, min(first_s), max(last_s) FROM blocks WHERE id BETWEEN ? AND ?",
        (segment, *span),
    )
    base.execute("DELETE FROM marks WHERE block BETWEEN ? AND ?", span)


def _drop(base: sqlite3.Connection, segment: int) -> None:
    first = segment * signature.BLOCKS
    span = (first, first + signature.BLOCKS - 1)
    base.execute("DELETE FROM bodies WHERE block BETWEEN ? AND ?", span)
    base.execute("DELETE FROM blocks WHERE id BETWEEN ? AND ?", span)
    base.execute("DELETE FROM marks WHERE block BETWEEN ? AND ?", span)
    base.execute("DELETE FROM segments WHERE id = ?", (segment,))
    first = segment * signature.BUCKETS
    base.execute("DELETE FROM buckets WHERE id BETWEEN ? AND ?", (first, first + signature.BUCKETS - 1))


def _marks(lines: Lines) -> set[bytes]:
    marks = set(signature.words(b"\n".join(lines.texts)))
    bad = {number for number, kind in enumerate(lines.kinds) if kind.level in BAD}
    if bad:
        troubles = b"\n".join([text for text, number in zip(lines.texts, lines.about, strict=True) if number in bad])
        marks.update(map(signature.bad, set(signature.words(troubles))))
    for kind in lines.kinds:
        named = (("level", kind.level), ("service", kind.service), ("template", kind.template))
        marks.update(signature.field(name, value) for name, value in named if value)
    return marks
