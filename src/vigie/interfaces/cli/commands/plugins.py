"""`vigie plugins`: what discovery found."""

import typer

from vigie.interfaces.cli.frame import Session, run
from vigie.interfaces.cli.output import Answer
from vigie.interfaces.cli.tables import table

_COLUMNS = ("kind", "name", "says", "where")


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("plugins")(plugins)


def plugins(context: typer.Context) -> None:
    """List what discovery found."""

    async def command(session: Session) -> Answer:
        from vigie.interfaces.discovered import plugins as found

        async with session.services() as services:
            rows = found(services.knowledge)
        return Answer({"plugins": rows}, table(session.output, "plugins", _COLUMNS, rows), rows=rows, columns=_COLUMNS)

    run(context, command)
