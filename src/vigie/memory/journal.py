"""Everything that happens, in order: rows are added, durable and chained, and never changed. `audit_chain.py` is the chain."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, RowMapping, Text, bindparam, insert, select, type_coerce, update

from vigie.clock import Clock
from vigie.domain.errors import Permanent
from vigie.domain.fact import Value
from vigie.domain.happening import Happening
from vigie.memory import audit_chain
from vigie.memory.anchor import Anchor
from vigie.memory.audit_chain import AuditReport, Head, Link
from vigie.memory.database import Database
from vigie.memory.journal_watch import JournalWatch
from vigie.memory.prepared import Prepared
from vigie.memory.schema import cases, instant_text, journal, journal_cursors, journal_head
from vigie.memory.scope import Scope, upsert

_THE_HEAD = journal_head.c.id == 1
_PAGE = 1000


class Chain:
    """The installation's one chain: all tenants' rows in the order in which they were written."""

    def __init__(self, database: Database, key: bytes, clock: Clock, anchor: Anchor) -> None:
        self._database = database
        self._key = key
        self._clock = clock
        self._anchor = anchor
        self.watch = JournalWatch(self._last)

    async def start(self) -> None:
        """Make the head of a new journal, or see that the key is the one that the journal was written with.

        Raises:
            Permanent: it is not.
        """
        mark = audit_chain.key_print(self._key)

        def work(connection: Connection) -> str:
            if is_empty(connection):
                seal = audit_chain.head_seal(self._key, 0, audit_chain.GENESIS)
                values = {"id": 1, "seq": 0, "hash": audit_chain.GENESIS, "seal": seal, "key_print": mark}
                connection.execute(upsert(connection, journal_head).values(values).on_conflict_do_nothing())
            return str(connection.execute(_KEY_PRINT).scalar() or mark)

        if await self._database.write(work) != mark:
            raise Permanent("journal.other_key")

    async def append(self, tenant: str, kind: str, actor: str, case: str | None, body: str, ref: str | None) -> Happening:
        """Add one row to the chain."""

        def work(connection: Connection) -> Happening:
            head = _HEAD_LOCKED.run(connection).first()
            if head is None:
                raise Permanent("journal.broken")
            last, before = cast("tuple[int, str]", tuple(head))
            at = self._clock.now()
            link = Link(last + 1, instant_text(at), tenant, case, kind, actor, body, ref)
            row_hash = audit_chain.link_hash(self._key, before, link)
            seal = audit_chain.head_seal(self._key, link.seq, row_hash)
            values = {"case_id": case, "kind": kind, "actor": actor, "body": body, "ref": ref, "hash": row_hash}
            _ADD.run(connection, seq=link.seq, at=link.at, tenant=tenant, **values)
            _MOVE_HEAD.run(connection, seq=link.seq, hash=row_hash, seal=seal)
            return Happening(link.seq, at, tenant, case, kind, actor, json.loads(body), row_hash, ref)

        happening = await self._database.write(work)
        self.watch.saw(happening.seq)
        self._anchor.saw(happening.seq, happening.hash)
        return happening

    async def verify(self) -> AuditReport:
        """Walk the whole chain on one consistent view of it, and see that it still holds what it once held."""
        mark = await asyncio.to_thread(self._anchor.read)

        def work(connection: Connection) -> AuditReport:
            walk = audit_chain.Walk(self._key)
            for page in _pages(connection):
                walk.along((_link(row), str(row["hash"])) for row in page)
            head = connection.execute(select(journal_head).where(_THE_HEAD)).mappings().first()
            report = walk.ended(Head(head["seq"], head["hash"], head["seal"]) if head else None)
            if report.valid and not report.entries and connection.execute(select(cases.c.id).limit(1)).first():
                # No case comes to be without a row: all of them were taken, and their head with them.
                return replace(report, valid=False, first_bad=1)
            if report.valid and mark is not None and connection.execute(_HASH_OF, {"seq": mark.seq}).scalar() != mark.hash:
                return replace(report, valid=False, first_bad=min(report.entries + 1, mark.seq))
            return report

        return await self._database.read(work)

    async def close(self) -> None:
        """Remember how far the journal has come."""
        await asyncio.to_thread(self._anchor.close)

    async def _last(self) -> int:
        return await self._database.read(lambda connection: int(connection.execute(_LAST).scalar() or 0))


class Journal:
    """One tenant's view of the journal."""

    def __init__(self, scope: Scope, chain: Chain) -> None:
        self._scope = scope
        self._chain = chain

    async def append(
        self,
        kind: str,
        *,
        actor: str,
        case: str | None = None,
        body: dict[str, Value] | None = None,
        ref: str | None = None,
    ) -> Happening:
        """Write what happened; on return it is on the disk."""
        return await self._chain.append(self._scope.tenant, kind, actor, case, _canonical(body or {}), ref)

    async def read(self, after: int = 0, *, case: str | None = None, limit: int = 500) -> list[Happening]:
        """Return the happenings after a number, oldest first."""
        where: list[ColumnElement[bool]] = [journal.c.seq > after]
        if case is not None:
            where.append(journal.c.case_id == case)
        rows = await self._scope.read(lambda rows: rows.all(journal, *where, order=[journal.c.seq], limit=limit))
        return [_happening(row) for row in rows]

    async def of_ref(self, ref: str) -> list[Happening]:
        """Return the happenings about one thing, oldest first."""
        rows = await self._scope.read(lambda rows: rows.all(journal, journal.c.ref == ref, order=[journal.c.seq]))
        return [_happening(row) for row in rows]

    async def wait(self, after: int, timeout_s: float) -> bool:
        """Wait for a happening after a number, from whichever process; False when the time is over."""
        return await self._chain.watch.wait(after, timeout_s, self._has_newer)

    async def cursor(self, reader: str) -> int:
        """Return how far a reader has come; 0 for a new one."""
        row = await self._scope.read(lambda rows: rows.first(journal_cursors, journal_cursors.c.reader == reader))
        return int(row["seq"]) if row else 0

    async def move_cursor(self, reader: str, seq: int) -> None:
        """Remember how far a reader has come."""
        await self._scope.write(lambda rows: rows.put(journal_cursors, reader=reader, seq=seq))

    async def _has_newer(self, after: int) -> bool:
        return await self._scope.read(lambda rows: rows.first(journal, journal.c.seq > after)) is not None


def is_empty(connection: Connection) -> bool:
    """Say whether nothing was ever written."""
    return connection.execute(select(journal.c.seq).limit(1)).first() is None


_HEAD_LOCKED = Prepared(select(journal_head.c.seq, journal_head.c.hash).where(_THE_HEAD).with_for_update())
_KEY_PRINT = select(journal_head.c.key_print).where(_THE_HEAD)
_LAST = select(journal_head.c.seq).where(_THE_HEAD)
_HASH_OF = select(journal.c.hash).where(journal.c.seq == bindparam("seq"))
_ADD = Prepared(insert(journal))
_MOVE_HEAD = Prepared(update(journal_head).where(_THE_HEAD).values({name: bindparam(name) for name in ("seq", "hash", "seal")}))
# An instant as the text that it is stored as: one that was altered may be no instant any more.
_AS_STORED = [type_coerce(column, Text).label("at") if column.name == "at" else column for column in journal.c]


def _canonical(body: dict[str, Value]) -> str:
    return json.dumps(body, sort_keys=True, separators=(",", ":"))


def _pages(connection: Connection) -> Iterator[Sequence[RowMapping]]:
    last: Any = None
    while True:
        query = select(*_AS_STORED).order_by(journal.c.seq).limit(_PAGE)
        if last is not None:
            query = query.where(journal.c.seq > last)
        page = connection.execute(query).mappings().all()
        if not page:
            return
        last = page[-1]["seq"]
        yield page


def _link(row: RowMapping) -> Link:
    texts = {name: value if value is None else str(value) for name, value in row.items() if name not in ("seq", "hash")}
    return Link(seq=row["seq"], case=texts.pop("case_id"), **texts)  # type: ignore[arg-type]  # tampered rows hold anything


def _happening(row: RowMapping) -> Happening:
    body = cast("dict[str, Value]", json.loads(row["body"]))
    return Happening(
        row["seq"], row["at"], row["tenant"], row["case_id"], row["kind"], row["actor"], body, row["hash"], row["ref"]
    )
