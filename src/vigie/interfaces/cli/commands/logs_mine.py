"""`vigie logs mine`: the templates of a log, line by line."""

import re
import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from vigie.domain.errors import BadUsage
from vigie.interfaces.cli.frame import Session, run_plain
from vigie.interfaces.cli.output import Answer
from vigie.interfaces.cli.reading import blocks
from vigie.interfaces.cli.tables import table

if TYPE_CHECKING:
    from vigie.signals.mining.blocks import Mined
    from vigie.signals.mining.header import Header

_COLUMNS = ("count", "first", "template")
_HEADER_S = 5.0
_LINES = 1000


def mine(
    context: typer.Context,
    file: Annotated[str, typer.Argument()],
    header: Annotated[str, typer.Option("--header", metavar="REGEX")] = "",
) -> None:
    """Find the templates of a log."""

    def command(session: Session) -> Answer:
        from vigie.signals.mining.blocks import BlockMiner

        source = blocks(file)
        pieces = _messages(source, header) if header else source
        first = next(pieces, b"")  # a file that cannot be read is told of before anything is compiled
        miner = BlockMiner(cache=session.launcher.surroundings().home / "cache")
        if not miner.is_fast and session.output.is_live:
            session.output.note(session.output.text("cli.logs.plain"))
        miner.take(first)
        for piece in pieces:
            miner.take(piece)
        mined = miner.finish()
        if session.output.form == "csv":
            session.output.raw(mined.csv())
            raise typer.Exit(0)
        rows = _rows(mined)
        document = {"lines": mined.lines, "templates": rows}
        return Answer(document, table(session.output, "logs", _COLUMNS, rows))

    run_plain(context, command)


def _rows(mined: "Mined") -> list[dict[str, Any]]:
    found = sorted(mined.counts().items(), key=lambda item: (-item[1][0], item[1][1]))
    return [{"template": text, "count": count, "first": first} for text, (count, first) in found]


def _messages(source: Iterator[bytes], expression: str) -> Iterator[bytes]:
    """Yield what is left of each line without its header; an expression that runs for ever is stopped."""
    from vigie.signals.mining.header import Header

    try:
        header = Header(expression)
    except (re.error, OverflowError, RecursionError) as error:
        raise BadUsage("cli.bad_header", header=expression, reason=str(error)) from error
    line, rest = 0, b""
    for block in source:
        *whole, rest = (rest + block).split(b"\n")
        for start in range(0, len(whole), _LINES):
            yield _without(header, expression, whole[start : start + _LINES], line + start)
        line += len(whole)
    if rest:
        yield _without(header, expression, [rest], line)


def _without(header: "Header", expression: str, lines: list[bytes], before: int) -> bytes:
    def stop(*_: object) -> NoReturn:
        raise BadUsage("cli.slow_header", header=expression, line=before + 1, seconds=round(_HEADER_S))

    previous = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, _HEADER_S)
    try:
        return b"".join([header.message(line.removesuffix(b"\r")) + b"\n" for line in lines])
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
