"""`vigie ask`: a request in words, understood, shown, run and answered."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from vigie.domain.errors import BadUsage
from vigie.interfaces import asking
from vigie.interfaces.cli.frame import Session, run
from vigie.interfaces.cli.output import Answer, Output, safe
from vigie.interfaces.cli.tables import table

if TYPE_CHECKING:
    from rich.console import Console

OWNER = "owner"
DEFAULT_SESSION = "terminal"
_COLUMNS = ("kind", "intent", "targets", "command", "class", "answer")


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("ask")(ask)


def ask(
    context: typer.Context,
    text: Annotated[str | None, typer.Argument()] = None,
    host: Annotated[list[str] | None, typer.Option("--host", metavar="NAME")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
    session: Annotated[str, typer.Option("--session", metavar="S")] = DEFAULT_SESSION,
    history: Annotated[bool, typer.Option("--history")] = False,
    status: Annotated[bool, typer.Option("--status")] = False,
    reset: Annotated[bool, typer.Option("--reset")] = False,
) -> None:
    """Ask in words, in French or English."""
    instead = [about for asked, about in ((history, _history), (status, _status), (reset, _reset)) if asked]
    if len(instead) > 1 or (text and (status or reset)):
        raise BadUsage("cli.one_of", options="--history, --status, --reset")
    if instead:
        run(context, lambda own: instead[0](own, session, text))
        return
    if text is None or not text.strip():
        raise BadUsage("cli.empty_request")
    _ask(context, text, tuple(host or ()), session, dry=dry_run)


def _ask(context: typer.Context, words: str, hosts: tuple[str, ...], session: str, *, dry: bool) -> None:
    async def command(own: Session) -> Answer:
        async with own.services() as services:
            exchange = await services.conversation.ask(
                words, person=OWNER, hosts=hosts, session=session, dry=dry, hint=own.output.language
            )
        document = asking.document(exchange)
        return Answer(
            document, _drawn(own.output, document), rows=[_row(document)], code=asking.exit_code(exchange), columns=_COLUMNS
        )

    run(context, command)


async def _history(own: Session, session: str, text: str | None) -> Answer:
    async with own.services() as services:
        found = await services.store.exchanges.list(OWNER, session=session, text=text)
    documents = [asking.document(exchange) for exchange in found]
    shown = ("at", "text", "kind", "targets", "command")
    rows = [{name: document[name] for name in shown} for document in documents]
    drawn = table(own.output, "asked", shown, rows, empty="ask.history.nothing_asked")
    return Answer({"exchanges": documents}, drawn, rows=rows, columns=shown)


async def _status(own: Session, session: str, _text: str | None) -> Answer:
    async with own.services() as services:
        found = await services.conversation.status(OWNER, session, own.output.language)
    could = ", ".join(str(each["title"]) for each in found["suggestions"])
    hosts = ", ".join(found["targets"]) or "-"
    return Answer(found, own.output.text("cli.ask.status", **(found | {"hosts": hosts, "could": could})))


async def _reset(own: Session, session: str, _text: str | None) -> Answer:
    async with own.services() as services:
        forgotten = await services.store.exchanges.forget(OWNER, session)
    document = {"session": session, "forgotten": forgotten}
    return Answer(document, own.output.text("cli.ask.forgotten", **document))


def _drawn(output: Output, document: dict[str, Any]) -> Any:
    def draw(console: "Console") -> None:
        from rich.markdown import Markdown

        console.print(Markdown(safe(document["answer"])))
        if document["class"] and document["kind"] == "command":
            console.print(output.text("cli.ask.class", effect_class=document["class"]))

    return draw


def _row(document: dict[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in _COLUMNS}
