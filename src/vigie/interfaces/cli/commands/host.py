"""`vigie host`: the inventory."""

from dataclasses import replace
from typing import Annotated

import typer

from vigie.domain.errors import Permanent
from vigie.domain.host import Autonomy, Host
from vigie.interfaces import hosts
from vigie.interfaces.cli import secrets
from vigie.interfaces.cli.ask import confirm
from vigie.interfaces.cli.frame import Session, run
from vigie.interfaces.cli.output import Answer
from vigie.interfaces.cli.tables import table
from vigie.interfaces.told import told

ACTOR = "person:owner"
_COLUMNS = ("name", "address", "os", "manager", "status", "autonomy")


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer()
    group.command("add")(add)
    group.command("ls")(ls)
    group.command("show")(show)
    group.command("set")(set_)
    group.command("test")(test)
    group.command("rm")(rm)
    app.add_typer(group, name="host")


def add(
    context: typer.Context,
    name: str,
    address: str,
    jump: Annotated[str | None, typer.Option("--jump", metavar="H")] = None,
    proxy_command: Annotated[str | None, typer.Option("--proxy-command", metavar="C")] = None,
    key: Annotated[str | None, typer.Option("--key", metavar="F")] = None,
    host_key: Annotated[str | None, typer.Option("--host-key", metavar="K")] = None,
    accept_host_key: Annotated[str | None, typer.Option("--accept-host-key", metavar="FP")] = None,
    autonomy: Annotated[Autonomy | None, typer.Option("--autonomy", metavar="LEVEL")] = None,
    focus: Annotated[list[str] | None, typer.Option("--focus", metavar="FOLDER")] = None,
    offline: Annotated[bool, typer.Option("--offline")] = False,
    ask_passphrase: Annotated[bool, typer.Option("--ask-passphrase")] = False,
    ask_password: Annotated[bool, typer.Option("--ask-password")] = False,
    passphrase_stdin: Annotated[bool, typer.Option("--passphrase-stdin")] = False,
    password_stdin: Annotated[bool, typer.Option("--password-stdin")] = False,
) -> None:
    """Add a host."""
    kept = secrets.given(
        context.obj,
        name,
        asked=_chosen(passphrase=ask_passphrase, password=ask_password),
        piped=_chosen(passphrase=passphrase_stdin, password=password_stdin),
    )
    options = {
        "jump": jump,
        "proxy_command": proxy_command,
        "key": key,
        "host_key": secrets.host_key(host_key),
        "accept_host_key": accept_host_key,
    }

    async def command(session: Session) -> Answer:
        async with session.services() as services:

            async def tried(given: dict[str, str | None]) -> Host:
                return await hosts.add(
                    services,
                    name,
                    address,
                    options=given,
                    actor=ACTOR,
                    autonomy=autonomy,
                    focus=tuple(focus or ()),
                    offline=offline,
                    secrets=kept,
                )

            try:
                host = await tried(options)
            except Permanent as error:
                fingerprint = error.values.get("fingerprint")
                if error.key != "host.key_unknown" or not fingerprint:
                    raise
                question = session.output.text("cli.ask.host_key", host=name, fingerprint=fingerprint)
                if not await confirm(session, question):
                    raise
                host = await tried({**options, "accept_host_key": str(fingerprint)})
        warn_of_unidentified(session, host, offline=offline)
        return _answer(session, host)

    run(context, command)


def _chosen(**kinds: bool) -> tuple[str, ...]:
    return tuple(kind for kind, is_chosen in kinds.items() if is_chosen)


def warn_of_unidentified(session: Session, host: Host, *, offline: bool) -> None:
    """Say so when a host runs commands but tells nothing of itself."""
    if host.os is None and not offline:
        session.output.note(session.output.text("cli.host.unidentified", name=host.name))


def ls(context: typer.Context) -> None:
    """List the hosts."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            rows = [hosts.document(host) for host in await services.store.hosts.list()]
        return Answer(
            {"hosts": rows}, table(session.output, "host", _COLUMNS, rows, empty="cli.host.none"), rows=rows, columns=_COLUMNS
        )

    run(context, command)


def show(context: typer.Context, name: str) -> None:
    """Show a host."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            host = await services.store.hosts.get(name)
        return _answer(session, host)

    run(context, command)


def set_(
    context: typer.Context,
    name: str,
    autonomy: Annotated[Autonomy | None, typer.Option("--autonomy", metavar="LEVEL")] = None,
    focus: Annotated[list[str] | None, typer.Option("--focus", metavar="FOLDER")] = None,
) -> None:
    """Change how far Vigie may go on a host."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            host = await services.store.hosts.get(name)
            if autonomy is not None:
                host = await hosts.set_autonomy(services, name, autonomy, actor=ACTOR)
            if focus:
                host = replace(host, focus=tuple(focus))
                await services.store.hosts.save(host)
        return _answer(session, host)

    run(context, command)


def test(context: typer.Context, name: str) -> None:
    """Ask a host who it is."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            host, error = await hosts.test(services, name, actor=ACTOR)
        if error:
            answer = _answer(session, host)
            problem = told(error, session.output.language)
            session.output.note(f"{problem.what} {problem.why} {problem.next}")
            return replace(answer, document={**answer.document, "error": problem.document()}, code=1)
        return _answer(session, host)

    run(context, command)


def rm(context: typer.Context, name: str) -> None:
    """Remove a host."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            await hosts.remove(services, name, actor=ACTOR)
        return Answer({"removed": name}, session.output.text("cli.host.removed", name=name))

    run(context, command)


def _answer(session: Session, host: Host) -> Answer:
    row = hosts.document(host)
    return Answer({"host": row}, table(session.output, "host", _COLUMNS, [row]), rows=[row], columns=_COLUMNS)
