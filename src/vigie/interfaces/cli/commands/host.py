"""`vigie host`: the inventory."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from vigie.domain.errors import Permanent, VigieError
from vigie.domain.host import Autonomy, Host
from vigie.interfaces import hosts, observing, ssh_import
from vigie.interfaces.cli import secrets
from vigie.interfaces.cli.ask import can_ask, confirm
from vigie.interfaces.cli.frame import Session, run
from vigie.interfaces.cli.output import Answer
from vigie.interfaces.cli.tables import table
from vigie.interfaces.told import told

ACTOR = "person:owner"
_IMPORTED = ("name", "address", "jump", "key", "host_keys", "fate")
_MEASURED = ("subject", "name", "value", "ends_at")
_COLUMNS = ("name", "address", "os", "manager", "status", "autonomy", "enforced", "groups", "tags")


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer()
    group.command("add")(add)
    group.command("ls")(ls)
    group.command("show")(show)
    group.command("set")(set_)
    group.command("test")(ask_who)
    group.command("tag")(tag)
    group.command("enforce")(enforce)
    group.command("observe")(observe)
    group.command("trends")(trends)
    group.command("import")(import_)
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
    agent: Annotated[str | None, typer.Option("--agent", metavar="SOCKET")] = None,
    group: Annotated[list[str] | None, typer.Option("--group", metavar="NAME")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="WORD")] = None,
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
        "agent": agent,
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
                    groups=tuple(group or ()),
                    tags=tuple(tag or ()),
                    offline=offline,
                    secrets=kept,
                )

            try:
                host = await tried(options)
            except Permanent as error:
                fingerprint = await _accepted(session, name, error)
                if fingerprint is None:
                    raise
                host = await tried({**options, "accept_host_key": fingerprint})
        warn_of_unidentified(session, host, offline=offline)
        return _answer(session, host)

    run(context, command)


async def _accepted(session: Session, name: str, error: VigieError) -> str | None:
    """Return the fingerprint of a host that nobody knows yet, when the person at the terminal says that it is the right one."""
    fingerprint = error.values.get("fingerprint")
    if error.key != "host.key_unknown" or not fingerprint:
        return None
    question = session.output.text("cli.ask.host_key", host=name, fingerprint=fingerprint)
    return str(fingerprint) if await confirm(session, question) else None


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
    terminal: Annotated[bool | None, typer.Option("--terminal/--no-terminal")] = None,
) -> None:
    """Change how far Vigie may go on a host."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            host = await services.store.hosts.get(name)
            if autonomy is not None:
                host = await hosts.set_autonomy(services, name, autonomy, actor=ACTOR)
            if terminal is not None:
                host = await hosts.set_terminal(services, name, is_allowed=terminal, actor=ACTOR)
            if focus:
                host = replace(host, focus=tuple(focus))
                await services.store.hosts.save(host)
        return _answer(session, host)

    run(context, command)


def ask_who(
    context: typer.Context,
    name: str,
    accept_host_key: Annotated[str | None, typer.Option("--accept-host-key", metavar="FP")] = None,
) -> None:
    """Ask a host who it is."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            if accept_host_key:
                await hosts.accept_key(services, name, accept_host_key, actor=ACTOR)
            host, error = await hosts.test(services, name, actor=ACTOR)
            if error and (fingerprint := await _accepted(session, name, error)):
                await hosts.accept_key(services, name, fingerprint, actor=ACTOR)
                host, error = await hosts.test(services, name, actor=ACTOR)
        if error:
            answer = _answer(session, host)
            problem = told(error, session.output.language)
            session.output.note(f"{problem.what} {problem.why} {problem.next}")
            return replace(answer, document={**answer.document, "error": problem.document()}, code=1)
        return _answer(session, host)

    run(context, command)


def tag(
    context: typer.Context,
    name: str,
    tags: Annotated[list[str] | None, typer.Option("--tag", metavar="WORD")] = None,
    groups: Annotated[list[str] | None, typer.Option("--group", metavar="NAME")] = None,
    drop: Annotated[list[str] | None, typer.Option("--drop", metavar="WORD")] = None,
) -> None:
    """Put a host into groups, and note tags of it."""
    gone = set(drop or ())

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            host = await services.store.hosts.get(name)
            kept = {
                "groups": tuple(each for each in (*host.groups, *(groups or ())) if each not in gone),
                "tags": tuple(each for each in (*host.tags, *(tags or ())) if each not in gone),
            }
            host = await hosts.label(services, name, groups=kept["groups"], tags=kept["tags"], actor=ACTOR)
        return _answer(session, host)

    run(context, command)


def import_(
    context: typer.Context,
    file: Annotated[str | None, typer.Argument()] = None,
    yes: Annotated[bool, typer.Option("--yes")] = False,
) -> None:
    """Add the hosts of an OpenSSH configuration, after a look at them."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            found = await ssh_import.preview(services, Path(file) if file else None)
            rows = [candidate.document() for candidate in found]
            shown = table(session.output, "host", _IMPORTED, rows, empty="cli.host.none_in_file")
            has_new = any(candidate.fate == "new" for candidate in found)
            is_agreed = yes
            if has_new and not yes and can_ask():
                shown(session.output.console(stderr=True))
                is_agreed = await confirm(session, session.output.text("cli.ask.import"))
            added = await ssh_import.add(services, found, actor=ACTOR) if is_agreed else []
        if has_new and not is_agreed:
            session.output.note(session.output.text("cli.host.not_imported"))
        return Answer({"hosts": rows, "added": [host.name for host in added]}, shown, rows=rows, columns=_IMPORTED)

    run(context, command)


def enforce(
    context: typer.Context,
    name: str,
    file: Annotated[str | None, typer.Option("--file", metavar="F")] = None,
    remove: Annotated[bool, typer.Option("--remove")] = False,
    yes: Annotated[bool, typer.Option("--yes")] = False,
) -> None:
    """Have a host itself let only signed lines through."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            if remove:
                host = await observing.release(services, name, actor=ACTOR)
                return _answer(session, host)
            if not yes and can_ask() and not await confirm(session, session.output.text("enforce.view.confirm", name=name)):
                session.output.note(session.output.text("enforce.view.agree"))
                return _answer(session, await services.store.hosts.get(name))
            return _answer(session, await observing.enforce(services, name, actor=ACTOR, file=file))

    run(context, command)


def observe(
    context: typer.Context,
    name: str,
    every: Annotated[float, typer.Option("--every", metavar="S", min=30, max=86_400)] = observing.EVERY_S,
    stop: Annotated[bool, typer.Option("--stop")] = False,
) -> None:
    """Only observe a host: measure it on a schedule, and warn ahead."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            if stop:
                return _answer(session, await observing.stop(services, name, actor=ACTOR))
            return _answer(session, await observing.start(services, name, every, actor=ACTOR))

    run(context, command)


def trends(
    context: typer.Context, name: str, hours: Annotated[float, typer.Option("--hours", metavar="N", min=1, max=1500)] = 24.0
) -> None:
    """Show what was measured on a host."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            said = await observing.trends(services, name, hours)
        rows = [
            {**{key: each[key] for key in ("subject", "name", "value")}, "ends_at": (each["forecast"] or {}).get("ends_at")}
            for each in said["series"]
        ]
        shown = table(session.output, "host", _MEASURED, rows, empty="observation.none")
        return Answer(said, shown, rows=rows, columns=_MEASURED)

    run(context, command)


def rm(context: typer.Context, name: str, gone: Annotated[bool, typer.Option("--gone")] = False) -> None:
    """Remove a host."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            await hosts.remove(services, name, actor=ACTOR, is_gone=gone)
        return Answer({"removed": name}, session.output.text("cli.host.removed", name=name))

    run(context, command)


def _answer(session: Session, host: Host) -> Answer:
    row = hosts.document(host)
    return Answer({"host": row}, table(session.output, "host", _COLUMNS, [row]), rows=[row], columns=_COLUMNS)
