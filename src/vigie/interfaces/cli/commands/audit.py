"""`vigie audit`: is the trail of everything that was done still what was written?"""

import typer

from vigie.interfaces.cli.frame import Session, run
from vigie.interfaces.cli.output import Answer


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer()
    group.callback()(_group)
    group.command("verify")(verify)
    app.add_typer(group, name="audit")


def _group() -> None:
    """Keep `audit` a group, though it has one verb."""


def verify(context: typer.Context) -> None:
    """Check the chain."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            report = await services.memory.verify_journal()
        document = {"entries": report.entries, "valid": report.valid, "first_bad": report.first_bad}
        key = "cli.audit.valid" if report.valid else "cli.audit.invalid"
        return Answer(document, session.output.text(key, **document), rows=[document], code=0 if report.valid else 1)

    run(context, command)
