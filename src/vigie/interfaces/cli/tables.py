"""Rows as a table for a person, its headings in their language."""

from collections.abc import Callable, Mapping, Sequence
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
            drawn.add_column(_heading(output, area, column), overflow="fold")
        for row in rows:
            drawn.add_row(*(Text(_cell(output, row.get(column)), _STYLES.get(str(row.get(column)), "")) for column in columns))
        console.print(drawn)

    return draw


def _heading(output: Output, area: str, column: str) -> str:
    for key in (f"cli.columns.{area}.{column}", f"cli.columns.{column}"):
        if i18n.has(key):
            return output.text(key)
    return column


def _cell(output: Output, value: object) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return output.text("cli.yes" if value else "cli.no")
        case float():
            return f"{value:.2f}"
        case list() | tuple():
            return ", ".join(safe(each) for each in value) or "–"
        case str() if i18n.has(f"cli.words.{value}"):
            return output.text(f"cli.words.{value}")
        case _:
            return safe(value)
