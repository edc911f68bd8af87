"""`vigie doctor`: is everything here as it should be? Changes nothing."""

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from vigie.interfaces.cli.frame import Session, run
from vigie.interfaces.cli.output import Answer, safe

if TYPE_CHECKING:
    from rich.console import Console

_COLOURS = {"pass": "green", "warn": "yellow", "fail": "bold red", "skipped": "dim"}


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("doctor")(doctor)


def doctor(context: typer.Context) -> None:
    """Check the installation."""

    async def command(session: Session) -> Answer:
        from vigie.interfaces.doctor import checks

        rows = [asdict(check) async for check in checks(session.launcher, session.output.language)]
        is_ill = any(row["status"] == "fail" for row in rows)
        return Answer({"checks": rows}, _drawn(session, rows), rows=rows, code=1 if is_ill else 0)

    run(context, command)


def _drawn(session: Session, rows: list[dict[str, Any]]) -> "Callable[[Console], None]":
    def draw(console: "Console") -> None:
        from rich.text import Text

        group = ""
        for row in rows:
            if row["group"] != group:
                group = row["group"]
                console.print(Text(session.output.text(f"doctor.groups.{group}"), "bold"))
            word = session.output.text(f"cli.words.{row['status']}")
            name = row["name"].partition(".")[2]
            console.print(Text.assemble("  ", (f"{word:<9}", _COLOURS[row["status"]]), f" {name:<10} ", safe(row["detail"])))
            if row["repair"]:
                console.print(Text.assemble(" " * 12, "→ ", (safe(row["repair"]), "bold")))

    return draw
