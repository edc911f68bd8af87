"""Rows as a table for a person, its headings in their language."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from vigie import i18n
from vigie.interfaces.cli.output import Output, safe

if TYPE_CHECKING:
    from rich.console import Console

_STYLES = {
    "ok": "green",
    "pass": "green",
    "resolved": "green",
    "no_fault": "green",
    "done": "green",
    "waiting": "yellow",
    "warn": "yellow",
    "escalated": "yellow",
    "unreachable": "red",
    "key_changed": "red",
    "fail": "red",
    "failed": "red",
}


def table(
    output: Output, area: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]], *, empty: str | None = None
) -> "Callable[[Console], None]":
    """Return what draws the rows; `empty` is the catalogue key of the sentence for none."""

    def draw(console: "Console") -> None:
        from rich.table import Table
        from rich.text import Text

        if not rows and empty:
            console.print(output.text(empty))
            return
        drawn = Table(box=None, pad_edge=False, header_style="bold")
        for column in columns:
            drawn.add_column(_heading(output, area, column) + _zone(column, rows), overflow="fold")
        for row in rows:
            drawn.add_row(
                *(Text(_cell(output, row.get(column), column), _STYLES.get(str(row.get(column)), "")) for column in columns)
            )
        console.print(drawn)

    return draw


def _heading(output: Output, area: str, column: str) -> str:
    for key in (f"cli.columns.{area}.{column}", f"cli.columns.{column}"):
        if i18n.has(key):
            return output.text(key)
    return column


def _zone(column: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Name the zone of a column of instants once, in its heading."""
    zones = dict.fromkeys(at.tzname() for row in rows if (at := _instant(column, row.get(column))))
    return f" ({'/'.join(str(zone) for zone in zones)})" if zones else ""


def _instant(column: str, value: object) -> datetime | None:
    """Return an instant in this machine's zone; None where a column tells none."""
    if not isinstance(value, str) or not (column == "at" or column.endswith("_at")):
        return None
    try:
        return datetime.fromisoformat(value).astimezone()
    except ValueError:
        return None


def _cell(output: Output, value: object, column: str = "") -> str:
    if (at := _instant(column, value)) is not None:
        return f"{at:%Y-%m-%d %H:%M}"
    match value:
        case None:
            return "–"
        case bool():
            return output.text("cli.yes" if value else "cli.no")
        case float():
            return i18n.decimal(output.language, f"{value:.2f}")
        case list() | tuple():
            return ", ".join(safe(each) for each in value) or "–"
        case str() if i18n.has(f"cli.words.{value}"):
            return output.text(f"cli.words.{value}")
        case _:
            return safe(value)
