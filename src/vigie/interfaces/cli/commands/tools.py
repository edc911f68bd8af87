"""`vigie tools`: what the agents can be asked to do."""

import typer

from vigie.interfaces import team
from vigie.interfaces.cli.frame import Session, run
from vigie.interfaces.cli.output import Answer
from vigie.interfaces.cli.tables import table

_COLUMNS = ("name", "agent", "says")


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer()
    group.callback()(_group)
    group.command("ls")(ls)
    app.add_typer(group, name="tools")


def _group() -> None:
    """Keep `tools` a group, though it has one verb."""


def ls(context: typer.Context) -> None:
    """List the capabilities of the team."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            members = await team.documents(services, session.output.language)
        rows = [
            {"name": f"{member['name']}.{each['name']}", "agent": member["name"], "says": each["says"]}
            for member in members
            for each in member["capabilities"]
        ]
        return Answer({"tools": rows}, table(session.output, "tools", _COLUMNS, rows), rows=rows, columns=_COLUMNS)

    run(context, command)
