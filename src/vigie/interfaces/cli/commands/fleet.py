"""`vigie fleet`: one line on many hosts."""

import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vigie.domain.errors import BadUsage
from vigie.domain.fleet import Progress
from vigie.interfaces import fleet, running
from vigie.interfaces.cli.ask import can_ask, confirm
from vigie.interfaces.cli.frame import Session
from vigie.interfaces.cli.frame import run as run_command
from vigie.interfaces.cli.output import Answer, Output, safe
from vigie.interfaces.services import Services
from vigie.interfaces.told import EXIT_FAILED, EXIT_WAITING

if TYPE_CHECKING:
    from rich.console import Console

ACTOR = "person:owner"
_COLUMNS = ("host", "outcome", "rc", "stdout", "stderr", "seconds")
_CODES = {"done": 0, "failed": EXIT_FAILED, "waiting": EXIT_WAITING}
_ROUTE = "/api/v1/fleet/run"
_GRACE_S = 60.0


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer()
    group.callback()(_group)
    group.command("run")(run)
    app.add_typer(group, name="fleet")


def _group() -> None:
    """Keep `fleet` a group, though it has one verb."""


def run(
    context: typer.Context,
    line: Annotated[list[str], typer.Argument()],
    on: Annotated[list[str], typer.Option("--on", metavar="NAME")],
    timeout: Annotated[float, typer.Option("--timeout", metavar="S", min=1, max=86_400)] = 20.0,
    canary: Annotated[int, typer.Option("--canary", metavar="N", min=0)] = 1,
    width: Annotated[int, typer.Option("--width", metavar="N", min=1)] = 5,
    stop_after: Annotated[int, typer.Option("--stop-after", metavar="K", min=1)] = 1,
    plan_hash: Annotated[str | None, typer.Option("--hash", metavar="H")] = None,
) -> None:
    """Run a line on many hosts."""
    names = [each.strip() for name in on for each in name.split(",") if each.strip()]
    words = line[0] if len(line) == 1 else shlex.join(line)
    if not words.strip() or not names:
        raise BadUsage("cli.missing", name="LINE" if names else "--on", command="vigie fleet run")
    limits = {"timeout_s": timeout, "canary": canary, "width": width, "stop_after": stop_after}

    async def command(session: Session) -> Answer:
        async with session.services() as services:

            async def tried(agreed: str | None) -> dict[str, Any]:
                return await _tried(services, session, names, words, limits, agreed)

            said = await tried(plan_hash)
            if said["state"] == "waiting" and plan_hash is None and can_ask():
                session.output.note("\n".join(_outlook(session.output, said)))
                if await confirm(session, session.output.text("fleet.view.confirm")):
                    said = await tried(said["hash"])
        return Answer(said, _view(session.output, said), rows=said["results"], code=_CODES[said["state"]], columns=_COLUMNS)

    run_command(context, command)


async def _tried(
    services: Services, session: Session, names: list[str], line: str, limits: Mapping[str, Any], agreed: str | None
) -> dict[str, Any]:
    """Give the order: to the server that runs on the home, whose ways are open already, else from here."""
    from vigie.interfaces.cli import handover

    language = session.output.language
    server = running.find(services.settings.run_folder)
    if server is not None:
        body = {"on": names, "line": line, "hash": agreed, **limits}
        limit_s = _GRACE_S + limits["timeout_s"] * (1 + len(await services.store.hosts.list()))
        with _shown(session.output) as show:
            return await handover.follow(server, _ROUTE, body, language, progress=show, limit_s=limit_s)
    with _shown(session.output) as show:

        def tell(progress: Progress) -> None:
            show(fleet.progress_document(progress))

        ended = await fleet.run(services, names, line, actor=ACTOR, approved=agreed, progress=tell, **limits)
    return fleet.document(ended, language)


@contextmanager
def _shown(output: Output) -> "Iterator[Callable[[Mapping[str, Any]], None]]":
    """Show on a terminal how far an order has come; the line is gone when it has ended."""
    if not output.is_live:
        yield lambda _: None
        return
    with output.console(stderr=True).status("") as status:
        yield lambda progress: status.update(_counted(output, progress))


def _counted(output: Output, progress: Mapping[str, Any]) -> str:
    """Say on how many hosts it ended how, is under way, and was not begun."""
    counted = [(f"fleet.endings.{name}", count) for name, count in progress["counts"].items() if name != "not_started"]
    counted += [("fleet.view.running", progress["running"]), ("fleet.endings.not_started", progress["waiting"])]
    return "  ".join(f"{output.text(key)} {count}" for key, count in counted if count)


def _outlook(output: Output, said: Mapping[str, Any]) -> list[str]:
    """Say what would run, and on which hosts: every one of them by its name."""
    lines = [
        output.text("fleet.view.line", line=said["line"]),
        output.text("fleet.view.class", **{"class": said["class"]}),
        output.text("fleet.view.targets", count=len(said["targets"]), hosts=", ".join(said["targets"])),
        output.text("fleet.view.turns", **{name: said[name] for name in ("canary", "width", "stop_after")}),
    ]
    lines += [output.text(f"fleet.view.{name}", hosts=", ".join(said[name])) for name in ("unseen", "refusing") if said[name]]
    return lines


def _view(output: Output, said: Mapping[str, Any]) -> "Callable[[Console], None]":
    def draw(console: "Console") -> None:
        if said["state"] == "waiting":
            for line in [*_outlook(output, said), output.text("fleet.view.hash", hash=said["hash"])]:
                console.print(safe(line))
            return
        for answer in said["answers"]:
            console.print(safe(_heading(output, answer)), style="bold red" if answer["outcome"] != "done" else "bold")
            for line in _said(output, answer):
                console.print(f"  {safe(line)}")

    return draw


def _heading(output: Output, answer: Mapping[str, Any]) -> str:
    ending = output.text(f"fleet.endings.{answer['outcome']}")
    if answer["rc"]:
        ending = f"{ending} ({answer['rc']})"
    hosts = ", ".join(answer["hosts"])
    if answer["outlier"]:
        return output.text("fleet.view.outlier", ending=ending, hosts=hosts)
    if len(answer["hosts"]) == 1:
        return output.text("fleet.view.one", host=hosts, ending=ending)
    return output.text("fleet.view.same", count=len(answer["hosts"]), ending=ending, hosts=hosts)


def _said(output: Output, answer: Mapping[str, Any]) -> list[str]:
    if answer["error"]:
        return [answer["error"]["what"], answer["error"]["why"]]
    lines = [*answer["stdout"].rstrip().splitlines(), *answer["stderr"].rstrip().splitlines()]
    cut = [output.text("fleet.view.cut")] if answer["truncated"] else []
    return [*(lines or [output.text("fleet.view.silent")]), *cut]
