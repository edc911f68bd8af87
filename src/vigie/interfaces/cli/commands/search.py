"""`vigie search`: words in kept log lines, in cases, and in what Vigie knows."""

from enum import StrEnum
from typing import Annotated

import typer

from vigie.interfaces.cli.frame import Session, run
from vigie.interfaces.cli.output import Answer
from vigie.interfaces.cli.tables import table
from vigie.interfaces.redacted import redacted

_COLUMNS = ("kind", "id", "score", "excerpt")


class Where(StrEnum):
    """What can be searched."""

    logs = "logs"
    cases = "cases"
    knowledge = "knowledge"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("search")(search)


def search(
    context: typer.Context,
    text: str,
    where: Annotated[Where | None, typer.Option("--in", metavar="ROOM")] = None,
    level: Annotated[str, typer.Option("--level", metavar="LEVEL")] = "",
    service: Annotated[str, typer.Option("--service", metavar="NAME")] = "",
    host: Annotated[str, typer.Option("--host", metavar="NAME")] = "",
    like: Annotated[bool, typer.Option("--like")] = False,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=1000)] = 20,
) -> None:
    """Search."""

    async def command(session: Session) -> Answer:
        from vigie.interfaces.searching import ROOMS, search
        from vigie.memory.lines.store import Question

        question = Question(text, host or None, level or None, service or None, limit=limit)
        rooms = ROOMS if where is None and not like else ("logs",) if where is None else (where.value,)
        async with session.services() as services:
            hits, complete = await search(services, question, rooms, session.output.language, like=like)
        if not complete:
            session.output.note(session.output.text("lines.incomplete"))
        hits = redacted(hits)
        drawn = table(session.output, "search", _COLUMNS, hits, empty="lines.nothing")
        return Answer({"hits": hits, "complete": complete}, drawn, rows=hits, columns=_COLUMNS)

    run(context, command)
