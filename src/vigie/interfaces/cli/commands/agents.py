"""`vigie agents`: the team."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

from vigie.interfaces import team
from vigie.interfaces.cli.frame import Session, run
from vigie.interfaces.cli.output import Answer
from vigie.interfaces.cli.tables import table

if TYPE_CHECKING:
    from rich.console import Console

ACTOR = "person:owner"
_COLUMNS = ("name", "state", "purpose")


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer()
    group.command("ls")(ls)
    group.command("show")(show)
    group.command("pause")(pause)
    group.command("resume")(resume)
    group.command("new")(new)
    app.add_typer(group, name="agents")


def ls(context: typer.Context) -> None:
    """List the agents."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            rows = await team.documents(services, session.output.language)
        return Answer({"agents": rows}, _drawn(session, rows), rows=rows, columns=_COLUMNS)

    run(context, command)


def show(context: typer.Context, name: str) -> None:
    """Show an agent."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            row = await team.document(services, name, session.output.language)
        return Answer({"agent": row}, _drawn(session, [row]), rows=[row], columns=_COLUMNS)

    run(context, command)


def pause(context: typer.Context, name: str) -> None:
    """Let an agent do nothing until it is resumed."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            row = await team.pause(services, name, session.output.language, actor=ACTOR)
        return Answer({"agent": row}, _drawn(session, [row]), rows=[row], columns=_COLUMNS)

    run(context, command)


def resume(context: typer.Context, name: str) -> None:
    """Let a paused agent work again."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            row = await team.resume(services, name, session.output.language, actor=ACTOR)
        return Answer({"agent": row}, _drawn(session, [row]), rows=[row], columns=_COLUMNS)

    run(context, command)


def new(context: typer.Context, name: str) -> None:
    """Write a new agent and its test into this checkout."""

    async def command(session: Session) -> Answer:
        home = session.launcher.surroundings().home
        written = [str(path) for path in team.scaffold(name, home=home)]
        told = "\n".join([session.output.text("cli.agents.written"), *written])
        return Answer({"agent": {"name": name}, "files": written}, told, rows=[{"file": path} for path in written])

    run(context, command)


def _drawn(session: Session, rows: list[dict[str, Any]]) -> "Callable[[Console], None]":
    return table(session.output, "agents", _COLUMNS, rows)
