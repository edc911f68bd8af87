"""The conversations of a tenant's people: each exchange one row, found by person, session and words."""

from dataclasses import replace

from sqlalchemy import ColumnElement

from vigie.domain.exchange import Exchange
from vigie.memory.cases import plain
from vigie.memory.documents import from_text, to_text
from vigie.memory.schema import counters, exchanges
from vigie.memory.scope import Rows, Scope
from vigie.memory.usage import count


class Exchanges:
    """What was said stays until its person forgets the session. Nobody reads another person's."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def add(self, exchange: Exchange) -> Exchange:
        """Keep an exchange, count it, and return it with its number."""

        def work(rows: Rows) -> Exchange:
            rows.add(counters, name="exchange", value=0)
            counter = rows.locked(counters, counters.c.name == "exchange")
            assert counter is not None
            kept = replace(exchange, number=int(counter["value"]) + 1)
            rows.change(counters, counters.c.name == "exchange", value=kept.number)
            rows.append(exchanges, **_columns(kept))
            count(rows, kept)
            return kept

        return await self._scope.write(work)

    async def last(self, person: str, session: str) -> Exchange | None:
        """Return a session's last exchange, None when it has none."""
        return next(iter(await self.list(person, session=session, limit=1)), None)

    async def forget(self, person: str, session: str) -> int:
        """Forget a session; return how many exchanges it had."""
        where = (exchanges.c.person == person, exchanges.c.session == session)
        return await self._scope.write(lambda rows: rows.remove(exchanges, *where))

    async def list(
        self,
        person: str,
        *,
        session: str | None = None,
        text: str | None = None,
        limit: int = 50,
        before: int | None = None,
    ) -> "list[Exchange]":
        """Return a person's exchanges, newest first.

        Args:
            person: whose.
            session: only of this conversation.
            text: only those whose words, line or answer hold it, capitals and accents aside.
            limit: at most so many.
            before: only those before the one with this number.
        """
        where: list[ColumnElement[bool]] = [exchanges.c.person == person]
        if session is not None:
            where.append(exchanges.c.session == session)
        if text:
            where.append(exchanges.c.words.contains(plain(text), autoescape=True))
        if before is not None:
            where.append(exchanges.c.number < before)
        rows = await self._scope.read(lambda rows: rows.all(exchanges, *where, order=[exchanges.c.number.desc()], limit=limit))
        return [from_text(Exchange, row["doc"]) for row in rows]


def _columns(exchange: Exchange) -> dict[str, object]:
    return {
        "number": exchange.number,
        "person": exchange.person,
        "session": exchange.session,
        "at": exchange.at,
        "kind": exchange.kind,
        "intent": exchange.intent,
        "succeeded": exchange.succeeded,
        "words": plain("\u2028".join([exchange.text, exchange.command or "", exchange.answer])),
        "doc": to_text(exchange),
    }
