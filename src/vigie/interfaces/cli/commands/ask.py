"""`vigie ask`: a request in words, understood, shown, run and answered."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from vigie.domain.errors import BadUsage
from vigie.interfaces import asking
from vigie.interfaces.cli.frame import Session, run
from vigie.interfaces.cli.output import Answer, Output, safe

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
    text: str,
    host: Annotated[list[str] | None, typer.Option("--host", metavar="NAME")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
    session: Annotated[str, typer.Option("--session", metavar="S")] = DEFAULT_SESSION,
) -> None:
    """Ask in words, in French or English."""
    if not text.strip():
        raise BadUsage("cli.empty_request")

    async def command(own: Session) -> Answer:
        async with own.services() as services:
            exchange = await services.conversation.ask(
                text, person=OWNER, hosts=tuple(host or ()), session=session, dry=dry_run, hint=own.output.language
            )
        document = asking.document(exchange)
        return Answer(
            document, _drawn(own.output, document), rows=[_row(document)], code=asking.exit_code(exchange), columns=_COLUMNS
        )

    run(context, command)


def _drawn(output: Output, document: dict[str, Any]) -> Any:
    def draw(console: "Console") -> None:
        from rich.markdown import Markdown

        console.print(Markdown(safe(document["answer"])))
        if document["class"] and document["kind"] == "command":
            console.print(output.text("cli.ask.class", effect_class=document["class"]))

    return draw


def _row(document: dict[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in _COLUMNS}
