"""`vigie metrics detect`: what is out of the ordinary in a series of measured numbers."""

import csv
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Annotated, Any

import typer

from vigie.domain.errors import BadUsage
from vigie.interfaces.cli.frame import Session, run_plain
from vigie.interfaces.cli.output import Answer
from vigie.interfaces.cli.reading import lines
from vigie.interfaces.cli.tables import table

_COLUMNS = ("timestamp", "value", "anomaly_score")
_SHOWN = ("timestamp", "anomaly_score", "reason")
_ALARM = 0.5
_Cells = Sequence[str]


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer()
    group.callback()(_group)
    group.command("detect")(detect)
    app.add_typer(group, name="metrics")


def _group() -> None:
    """Keep `metrics` a group, though it has one verb."""


def detect(context: typer.Context, file: Annotated[str, typer.Argument()]) -> None:
    """Score each number of a CSV file by those before it."""

    def command(session: Session) -> Answer:
        from vigie.signals import times
        from vigie.signals.metric import MetricModel
        from vigie.signals.sentence import of_verdict

        model = MetricModel()
        rows: list[dict[str, Any]] = []
        found: list[dict[str, Any]] = []
        for stamp, value in _samples(file):
            verdict = model.judge(_number(value), times.of_field(stamp))
            row = {"timestamp": stamp, "value": value, "anomaly_score": round(verdict.score, 6) if verdict else 0.0}
            rows.append(row)
            if verdict is not None and verdict.score >= _ALARM:
                found.append({**row, "reason": of_verdict(verdict, _number(value), model.count - 1, session.output.language)})
        shown = table(session.output, "metrics", _SHOWN, found, empty="cli.metrics.nothing_found")
        return Answer({"samples": len(rows), "anomalies": found}, shown, rows=rows, columns=_COLUMNS)

    run_plain(context, command)


def _samples(file: str) -> Iterator[tuple[str, str]]:
    """Yield time stamp and value of each row; the columns are found by their names, or are the first two."""
    try:
        yield from _columns(csv.reader(lines(file)), file)
    except csv.Error as error:
        raise BadUsage("cli.no_samples", file=file) from error


def _columns(rows: Iterator[list[str]], file: str) -> Iterator[tuple[str, str]]:
    first = next(rows, [])
    names = [name.strip().lower() for name in first]
    if "timestamp" in names and "value" in names:
        at, value = names.index("timestamp"), names.index("value")
    elif len(first) > 1 and isfinite(_number(first[1])):
        at, value = 0, 1
        yield first[0], first[1]
    else:
        raise BadUsage("cli.no_samples", file=file)
    for row in rows:
        if row:
            yield _cell(row, at), _cell(row, value)


def _cell(row: _Cells, number: int) -> str:
    return row[number] if number < len(row) else ""


def _number(text: str) -> float:
    """Return a number; one that is not to be read is not a number."""
    try:
        return float(text)
    except ValueError:
        return float("nan")
