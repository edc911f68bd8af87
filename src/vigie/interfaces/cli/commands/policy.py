"""`vigie policy`: what a shell line would do and what may be done about it; and whether the rules are what their examples say."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vigie.i18n import Language
from vigie.interfaces.cli.frame import Session, run_plain
from vigie.interfaces.cli.output import Answer
from vigie.interfaces.cli.tables import table

if TYPE_CHECKING:
    from vigie.policy.examples import Tried

_COLUMNS = ("line", "class", "effects", "reasons")
_TRIED = ("program", "line", "expected", "class", "reasons")


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer()
    group.callback()(_group)
    group.command("explain")(explain)
    group.command("test")(try_examples)
    app.add_typer(group, name="policy")


def _group() -> None:
    """Keep `policy` a group."""


def explain(context: typer.Context, line: Annotated[str, typer.Argument()] = "-") -> None:
    r"""Classify lines; only `\n` ends one."""

    def command(session: Session) -> Answer:
        _learn(session, ())
        language = session.output.language
        if line != "-":
            row = _explained(line, language)
            return Answer(row, table(session.output, "policy", _COLUMNS, [row]), rows=[row], columns=_COLUMNS)
        rows = [_explained(each, language) for each in _lines()]
        return Answer({}, table(session.output, "policy", _COLUMNS, rows), rows=rows, lines=rows, columns=_COLUMNS)

    run_plain(context, command)


def try_examples(context: typer.Context, folders: Annotated[list[Path] | None, typer.Argument()] = None) -> None:
    """Try the examples of every program model, the user's own too; those of given folders are read beside them."""

    def command(session: Session) -> Answer:
        from vigie.policy import examples, models

        own = _learn(session, tuple(folders or ()))
        done = examples.tried(sorted(models.names()))
        rows = [_tried(each, session.output.language) for each in done if not each.holds]
        document = {"programs": len(models.names()), "own": own, "examples": len(done), "wrong": rows}
        counts = {"programs": len(models.names()), "own": len(own), "examples": len(done), "wrong": len(rows)}
        if not rows:
            return Answer(document, session.output.text("policy.holds", **counts), rows=rows, columns=_TRIED)
        session.output.note(session.output.text("policy.wrong", **counts))
        return Answer(document, table(session.output, "policy", _TRIED, rows), rows=rows, columns=_TRIED, code=1)

    run_plain(context, command)


def _learn(session: Session, more: tuple[Path, ...]) -> list[str]:
    from vigie.policy import models

    folders = (*session.launcher.settings().programs, *more)
    return [name for folder in folders for name in models.learn(folder)]


def _explained(line: str, language: Language) -> dict[str, Any]:
    from vigie.policy.shell import classify

    judged = classify(line)
    return {
        "line": line,
        "class": judged.effect_class.value,
        "effects": list(judged.effects),
        "reasons": list(judged.because(language)),
    }


def _tried(each: "Tried", language: Language) -> dict[str, Any]:
    return {
        "program": each.program,
        "line": each.judged.line,
        "expected": each.expected.value,
        "class": each.judged.effect_class.value,
        "reasons": list(each.because(language)),
    }


def _lines() -> list[str]:
    text = sys.stdin.buffer.read().decode("utf-8", "replace")
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines
