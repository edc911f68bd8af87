"""Answers a question from the blocks: segment by segment, the latest first, opening only blocks that hold what is sought."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest

from vigie.memory.lines import signature
from vigie.memory.lines.block import Unpacked, unpacked
from vigie.memory.lines.question import Found, Hit, Question, Rank

_ALL = frozenset(range(signature.BLOCKS))
_FEW = 64


@dataclass(frozen=True, slots=True)
class _Block:
    id: int
    host: str
    source: str
    last_s: float


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that answers, not yet made a hit of."""

    rank: Rank
    block: _Block
    part: Unpacked
    kind: int
    text: bytes


def find(base: sqlite3.Connection, tenant: str, question: Question) -> Found:
    """Return the latest lines that answer a question."""
    began = time.monotonic()
    best: list[_Line] = []
    for block in _candidates(base, tenant, question, best):
        if time.monotonic() - began > question.patience_s:
            return Found(_hits(best), complete=False)
        # The list is the same throughout: the candidates end by it.
        best[:] = nlargest(question.limit, [*best, *_matching(base, block, question)], key=lambda line: line.rank)
    return Found(_hits(best), complete=True)


def _hits(lines: Sequence[_Line]) -> tuple[Hit, ...]:
    return tuple(
        Hit(
            f"{line.rank[1]}:{line.rank[2]}",
            line.rank[0],
            line.block.host,
            line.block.source,
            line.text.decode("utf-8", "replace"),
            line.part.kinds[line.kind],
        )
        for line in lines
    )


def _candidates(base: sqlite3.Connection, tenant: str, question: Question, best: Sequence[_Line]) -> Iterator[_Block]:
    """Yield the blocks that may hold an answer, the latest first, until none of those left can be among the best."""
    marks = question.marks()
    until_s = min(question.until_s, question.before[0]) if question.before else question.until_s

    def is_late(last_s: float) -> bool:
        return len(best) >= question.limit and last_s < best[-1].rank[0]

    for segment, last_s in _segments(base, question.since_s, until_s):
        if is_late(last_s):
            return
        for block in _blocks(base, tenant, segment, _asked(base, segment, marks), (question.since_s, until_s)):
            if is_late(block.last_s):
                break
            if question.sees(block.host):
                yield block


def _blocks(
    base: sqlite3.Connection, tenant: str, segment: int, places: frozenset[int] | set[int], span: tuple[float, float]
) -> list[_Block]:
    """Return the blocks at some places of a segment that are within a span, the latest first."""
    if not places:
        return []
    first = segment * signature.BLOCKS
    if len(places) <= _FEW:
        which, named = f"id IN ({','.join('?' * len(places))})", [first + place for place in places]
    else:
        which, named = "id BETWEEN ? AND ?", [first, first + signature.BLOCKS - 1]
    rows = base.execute(
        f"SELECT id, host, source, last_s FROM blocks WHERE {which} AND tenant = ? AND last_s >= ? AND first_s <= ?"  # noqa: S608  # marks of places only
        " ORDER BY last_s DESC",
        (*named, tenant, *span),
    ).fetchall()
    return [_Block(*row) for row in rows if row[0] - first in places]


def _segments(base: sqlite3.Connection, since_s: float, until_s: float) -> list[tuple[int, float]]:
    """Return the segments within a span and their last instants, the latest first; those that are not sealed come before all."""
    sealed = base.execute(
        "SELECT id, last_s FROM segments WHERE last_s >= ? AND first_s <= ? ORDER BY last_s DESC", (since_s, until_s)
    ).fetchall()
    opened = base.execute("SELECT DISTINCT block / ? FROM marks ORDER BY 1 DESC", (signature.BLOCKS,)).fetchall()
    return [*((segment, float("inf")) for (segment,) in opened), *sealed]


def _asked(base: sqlite3.Connection, segment: int, marks: Sequence[Sequence[bytes]]) -> frozenset[int] | set[int]:
    """Return the places of the blocks of a segment that may answer."""
    first = segment * signature.BLOCKS
    own = base.execute(
        "SELECT block, own FROM marks WHERE block BETWEEN ? AND ?", (first, first + signature.BLOCKS - 1)
    ).fetchall()
    if own:
        return {block - first for block, held in own if all(signature.may_hold(held, each) for each in marks)}
    left: frozenset[int] | set[int] = _ALL
    for each in marks:
        left = left & {place for mark in each for place in signature.places(_bucket(base, segment, mark), mark)}
        if not left:
            break
    return left


def _bucket(base: sqlite3.Connection, segment: int, mark: bytes) -> bytes:
    number = segment * signature.BUCKETS + signature.bucket_of(mark)
    row = base.execute("SELECT entries FROM buckets WHERE id = ?", (number,)).fetchone()
    return row[0] if row else b""


def _matching(base: sqlite3.Connection, block: _Block, question: Question) -> Iterator[_Line]:
    """Yield the lines of a block that answer."""
    sought = question.sought()
    for begin, body in base.execute("SELECT place, body FROM bodies WHERE block = ?", (block.id,)).fetchall():
        part = unpacked(body)
        fits: list[bool] = []
        for place, text in _holding(part, sought):
            at_s = part.at_s[place]
            rank = (at_s, block.id, begin + place)
            if not question.since_s <= at_s <= question.until_s or (question.before and rank >= question.before):
                continue
            fits = fits or [question.wants(kind) for kind in part.kinds]
            if fits[part.about[place]]:
                yield _Line(rank, block, part, part.about[place], text)


def _holding(part: Unpacked, words: frozenset[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that hold all the words, the last first; without words, all lines."""
    if not words:
        texts = part.text.split(b"\n")
        for place in range(len(texts) - 1, -1, -1):
            yield place, texts[place]
        return
    small = part.text.lower()
    rarest = min(words, key=small.count) if len(words) > 1 else next(iter(words))
    end = len(small)
    while (at := small.rfind(rarest, 0, end)) >= 0:
        begin, stop = small.rfind(b"\n", 0, at) + 1, small.find(b"\n", at)
        text = part.text[begin : stop if stop >= 0 else len(small)]
        if words <= set(signature.words(text)):
            yield small.count(b"\n", 0, begin), text
        end = begin
        if not begin:
            return
