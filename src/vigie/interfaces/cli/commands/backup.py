"""`vigie backup`: what was saved before each intervention, and the way back."""

from typing import Annotated

import typer

from vigie.domain.action import Outcome
from vigie.interfaces.backups import backup_document
from vigie.interfaces.cli.frame import Session, run
from vigie.interfaces.cli.output import Answer
from vigie.interfaces.cli.tables import table

ACTOR = "person:owner"
_COLUMNS = ("id", "case", "host", "taken_at", "items")


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer()
    group.command("ls")(ls)
    group.command("restore")(restore)
    app.add_typer(group, name="backup")


def ls(context: typer.Context, case: Annotated[str | None, typer.Option("--case", metavar="ID")] = None) -> None:
    """List the backups."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            of = (await services.store.cases.get(case)).id if case else None
            rows = [backup_document(backup) for backup in await services.store.backups.list(case=of)]
        human = table(session.output, "backup", _COLUMNS, rows, empty="cli.backup.none")
        return Answer({"backups": rows}, human, rows=rows, columns=_COLUMNS)

    run(context, command)


def restore(
    context: typer.Context,
    backup: str,
    approval: Annotated[str | None, typer.Option("--approval", metavar="ID")] = None,
) -> None:
    """Put back what a backup holds."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            saved = await services.store.backups.get(backup)
            host = await services.store.hosts.get(saved.host)
            records = await services.gate.restore(host, saved.id, actor=ACTOR, approval=approval)
        rows = [{"command": r.command, "class": r.effect_class.value, "outcome": r.outcome.value} for r in records]
        is_done = all(record.outcome is Outcome.DONE for record in records)
        human = table(session.output, "case", ("command", "class", "outcome"), rows)
        return Answer({"restored": saved.id, "actions": rows}, human, rows=rows, code=0 if is_done else 1)

    run(context, command)
