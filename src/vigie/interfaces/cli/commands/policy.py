"""`vigie policy explain`: what a shell line would do, and what may be done about it."""

import sys
from typing import Annotated, Any

import typer

from vigie.interfaces.cli.frame import Session, run_plain
from vigie.interfaces.cli.output import Answer
from vigie.interfaces.cli.tables import table

_COLUMNS = ("line", "class", "effects", "reasons")


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer()
    group.callback()(_group)
    group.command("explain")(explain)
    app.add_typer(group, name="policy")


def _group() -> None:
    """Keep `policy` a group, though it has one verb."""


def explain(context: typer.Context, line: Annotated[str, typer.Argument()] = "-") -> None:
    r"""Classify lines; only `\n` ends one."""

    def command(session: Session) -> Answer:
        if line != "-":
            row = _explained(line)
            return Answer(row, table(session.output, "policy", _COLUMNS, [row]), rows=[row], columns=_COLUMNS)
        rows = [_explained(each) for each in _lines()]
        return Answer({}, table(session.output, "policy", _COLUMNS, rows), rows=rows, lines=rows, columns=_COLUMNS)

    run_plain(context, command)


def _explained(line: str) -> dict[str, Any]:
    from vigie.policy.shell import classify

    judged = classify(line)
    return {
        "line": line,
        "class": judged.effect_class.value,
        "effects": list(judged.effects),
        "reasons": list(judged.reasons),
    }


def _lines() -> list[str]:
    text = sys.stdin.buffer.read().decode("utf-8", "replace")
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines
