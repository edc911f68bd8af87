"""The cases of a tenant: each one document, and the columns by which it is found."""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement

from vigie.domain.case import Case, CaseState
from vigie.domain.errors import Permanent, Transient
from vigie.memory.documents import from_text, to_text
from vigie.memory.schema import cases, counters
from vigie.memory.scope import Rows, Scope

_PREFIX = "C-"


class Cases:
    """Kept so that of two writers who start from the same version, the second is told."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def new_id(self) -> str:
        """Return an id that was never used: `C-1`, then `C-2`."""

        def work(rows: Rows) -> int:
            rows.add(counters, name="case", value=0)
            counter = rows.locked(counters, counters.c.name == "case")
            assert counter is not None
            number = int(counter["value"]) + 1
            rows.change(counters, counters.c.name == "case", value=number)
            return number

        return f"{_PREFIX}{await self._scope.write(work)}"

    async def save(self, case: Case) -> Case:
        """Store a case and return it with its new version.

        Raises:
            Transient: another writer has saved it since it was read; read it again.
        """
        saved = replace(case, version=case.version + 1)
        values = _columns(saved)

        def work(rows: Rows) -> bool:
            if case.version == 0:
                return rows.add(cases, **values)
            return rows.change(cases, cases.c.id == case.id, cases.c.version == case.version, **values) == 1

        if not await self._scope.write(work):
            raise Transient("case.conflict", case=case.id, retry_after_s=0.1)
        return saved

    async def get(self, case_id: str) -> Case:
        """Return a case by its id, in capitals or not, or by its number alone.

        Raises:
            Permanent: there is none.
        """
        full = full_id(case_id)
        row = await self._scope.read(lambda rows: rows.first(cases, cases.c.id == full))
        if row is None:
            raise Permanent("case.unknown", case=case_id)
        return from_text(Case, row["doc"])

    async def recent(self, host: str, since: datetime) -> list[Case]:
        """Return the cases opened on a host from an instant on, newest first."""
        where = (cases.c.host == host, cases.c.opened_at >= since)
        rows = await self._scope.read(lambda rows: rows.all(cases, *where, order=[cases.c.number.desc()]))
        return [from_text(Case, row["doc"]) for row in rows]

    async def list(
        self,
        *,
        states: Sequence[CaseState] | None = None,
        host: str | None = None,
        text: str | None = None,
        limit: int = 100,
        before: str | None = None,
    ) -> "list[Case]":
        """Return cases, newest first.

        Args:
            states: only in one of these; None for any.
            host: only on this host.
            text: only those whose title or ticket holds it, capitals and accents aside.
            limit: at most so many.
            before: only those opened before the case with this id, to go on where a list ended.
        """
        where: list[ColumnElement[bool]] = []
        if states is not None:
            where.append(cases.c.state.in_([state.value for state in states]))
        if host is not None:
            where.append(cases.c.host == host)
        if text:
            where.append(cases.c.words.contains(plain(text), autoescape=True))
        if before is not None:
            where.append(cases.c.number < _number(full_id(before)))
        rows = await self._scope.read(lambda rows: rows.all(cases, *where, order=[cases.c.number.desc()], limit=limit))
        return [from_text(Case, row["doc"]) for row in rows]


def full_id(case_id: str) -> str:
    """Return the id as it is stored, from `c-12`, `C-12` or `12`."""
    word = case_id.strip().upper()
    return f"{_PREFIX}{word}" if word.isdecimal() else word


def plain(text: str) -> str:
    """Return the words of a text without capitals, accents, or what no database takes."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in folded if not unicodedata.combining(c) and unicodedata.category(c) not in ("Cc", "Cs"))


def _number(full: str) -> int:
    digits = full.removeprefix(_PREFIX)
    return int(digits) if digits.isdecimal() else 0


def _columns(case: Case) -> dict[str, object]:
    leader = case.verdict.leader.label if case.verdict and case.verdict.leader else None
    return {
        "id": case.id,
        "number": _number(case.id),
        "version": case.version,
        "kind": case.kind.value,
        "state": case.state.value,
        "phase": case.phase.value,
        "host": case.host,
        "label": case.labels[0] if case.labels else leader,
        "opened_at": case.opened_at,
        "updated_at": case.updated_at,
        "words": plain(f"{case.title}\u2028{case.ticket or ''}"),
        "doc": to_text(case),
    }
