"""`vigie people`: who may sign in, and what each may do. Whoever can read the home is its owner."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vigie.domain.person import Role
from vigie.interfaces import people, running
from vigie.interfaces.cli.frame import Session, run
from vigie.interfaces.cli.output import Answer
from vigie.interfaces.cli.tables import table
from vigie.interfaces.services import Services

if TYPE_CHECKING:
    from rich.console import Console

ACTOR = "person:owner"
_COLUMNS = ("name", "role", "hosts", "language", "blocked", "invited", "second_factor")


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer()
    group.command("ls")(ls)
    group.command("add")(add)
    group.command("set")(change)
    group.command("invite")(invite)
    group.command("rm")(rm)
    app.add_typer(group, name="people")


def ls(context: typer.Context) -> None:
    """List everybody who may sign in."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            rows = [await people.document(services, each) for each in await services.store.people.list()]
        return Answer({"people": rows}, _drawn(session, rows), rows=rows, columns=_COLUMNS)

    run(context, command)


def add(
    context: typer.Context,
    name: str,
    role: Annotated[Role, typer.Option("--role", metavar="ROLE")] = Role.VIEWER,
    hosts: Annotated[list[str] | None, typer.Option("--host", metavar="HOST|group:NAME")] = None,
) -> None:
    """Invite somebody and print the address where they choose their password."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            person, token = await people.invite(
                services, name, role, hosts or (), language=session.output.language, by=Role.OWNER, actor=ACTOR
            )
            return await _invited(session, services, person.name, token)

    run(context, command)


def change(
    context: typer.Context,
    name: str,
    role: Annotated[Role | None, typer.Option("--role", metavar="ROLE")] = None,
    hosts: Annotated[list[str] | None, typer.Option("--host", metavar="HOST|group:NAME")] = None,
    all_hosts: Annotated[bool, typer.Option("--all-hosts")] = False,
    blocked: Annotated[bool | None, typer.Option("--block/--unblock")] = None,
) -> None:
    """Change what somebody may do."""

    async def command(session: Session) -> Answer:
        scope: list[str] | None = [] if all_hosts else hosts or None
        async with session.services() as services:
            changed = await people.change(services, name, role=role, hosts=scope, is_blocked=blocked, by=Role.OWNER, actor=ACTOR)
            row = await people.document(services, changed)
        return Answer({"person": row}, _drawn(session, [row]), rows=[row], columns=_COLUMNS)

    run(context, command)


def invite(context: typer.Context, name: str) -> None:
    """Take somebody's password away and print the address where they choose a new one."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            token = await people.invite_again(services, name, by=Role.OWNER, actor=ACTOR)
            return await _invited(session, services, name, token)

    run(context, command)


def rm(context: typer.Context, name: str) -> None:
    """Remove somebody."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            await people.remove(services, name, by=Role.OWNER, actor=ACTOR)
        return Answer({"removed": name}, session.output.text("cli.people.removed", name=name))

    run(context, command)


async def _invited(session: Session, services: Services, name: str, token: str) -> Answer:
    row = await people.document(services, await people.known(services, name))
    server = running.find(services.settings.run_folder)
    address = f"{server.url if server else ''}/login?token={token}"
    told = session.output.text("cli.people.invited", name=name, address=address)
    return Answer({"person": row, "invitation": address}, told, rows=[row], columns=_COLUMNS)


def _drawn(session: Session, rows: list[dict[str, Any]]) -> "Callable[[Console], None]":
    return table(session.output, "people", _COLUMNS, rows, empty="cli.people.none")
