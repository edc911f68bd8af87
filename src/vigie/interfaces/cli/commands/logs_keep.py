"""`vigie logs keep`: keeps the lines of files, so that they can be searched."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vigie.interfaces.cli.frame import Session, run
from vigie.interfaces.cli.output import Answer

if TYPE_CHECKING:
    from vigie.memory.memory import TenantMemory


def keep(
    context: typer.Context,
    file: Annotated[list[str], typer.Argument()],
    host: Annotated[str, typer.Option("--host", metavar="NAME")] = "",
) -> None:
    """Keep the lines of files."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            kept = [await asyncio.to_thread(_kept, services.store, host, each) for each in dict.fromkeys(file)]
        lines = sum(each["lines"] for each in kept)
        told = session.output.text("lines.kept", lines=lines, files=len(kept))
        return Answer({"files": kept, "lines": lines}, told, rows=kept)

    run(context, command)


def _kept(memory: "TenantMemory", host: str, file: str) -> dict[str, Any]:
    from vigie.collectors.archive import Archive
    from vigie.interfaces.keeping import keep_log

    archive = Archive(file)
    store = memory.lines()
    try:
        return {"file": file, "lines": keep_log(store, archive, host)}
    finally:
        store.close()
        archive.close()
