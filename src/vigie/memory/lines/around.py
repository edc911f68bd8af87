"""What stands around a kept line: those of its source before and after it."""

import sqlite3
from collections.abc import Iterator

from vigie.domain.errors import Permanent
from vigie.memory.lines.block import unpacked
from vigie.memory.lines.question import Hit

_BEFORE = "SELECT id FROM blocks WHERE tenant = ? AND host = ? AND source = ? AND id < ? ORDER BY id DESC"
_AFTER = "SELECT id FROM blocks WHERE tenant = ? AND host = ? AND source = ? AND id > ? ORDER BY id"


def context(base: sqlite3.Connection, tenant: str, line: str, count: int, hosts: frozenset[str] | None) -> list[Hit]:
    """Return a line with as many of its source before and after it, in order.

    Raises:
        Permanent: it is not kept, or not of these hosts.
    """
    block, place = (int(number) for number in line.split(":"))
    row = base.execute("SELECT host, source FROM blocks WHERE id = ? AND tenant = ?", (block, tenant)).fetchone()
    own = list(_hits(base, block, *row)) if row and (hosts is None or row[0] in hosts) else []
    if place >= len(own):
        raise Permanent("lines.unknown", line=line)
    before, after = own[:place], own[place:]
    for (number,) in base.execute(_BEFORE, (tenant, *row, block)) if len(before) < count else ():
        before = [*_hits(base, number, *row), *before]
        if len(before) >= count:
            break
    for (number,) in base.execute(_AFTER, (tenant, *row, block)) if len(after) <= count else ():
        after += _hits(base, number, *row)
        if len(after) > count:
            break
    return [*before[max(0, len(before) - count) :], *after[: count + 1]]


def _hits(base: sqlite3.Connection, block: int, host: str, source: str) -> Iterator[Hit]:
    """Yield all lines of a block, in order."""
    place = 0
    for (body,) in base.execute("SELECT body FROM bodies WHERE block = ? ORDER BY place", (block,)).fetchall():
        part = unpacked(body)
        for text, at_s, number in zip(part.text.split(b"\n"), part.at_s, part.about, strict=True):
            yield Hit(f"{block}:{place}", at_s, host, source, text.decode("utf-8", "replace"), part.kinds[number])
            place += 1
