"""How an answer leaves the program: one JSON document, CSV, or words for a person; and how an error does."""

import csv
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

from vigie import i18n
from vigie.i18n import Language
from vigie.interfaces.cli.flags import Format
from vigie.interfaces.told import Told

if TYPE_CHECKING:
    from rich.console import Console

# C0 and C1 controls but tab and newline, and what reorders or hides text: a host's output must not drive the terminal.
_UNSAFE = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), *range(127, 160))} | {
    code: f"\\u{code:04x}" for code in (0x061C, *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2066, 0x206A), 0xFEFF)
}


def safe(text: object) -> str:
    """Return text in which nothing can move the cursor, colour or reorder the screen."""
    return str(text).translate(_UNSAFE)


@dataclass(frozen=True)
class Answer:
    """What a command has to say.

    `document` is the JSON answer; `rows` the CSV's lines (default: the document's own values); `human` writes for a person.
    """

    document: Mapping[str, Any]
    human: "Callable[[Console], None] | str" = ""
    rows: Sequence[Mapping[str, Any]] | None = None
    lines: Sequence[Mapping[str, Any]] | None = None
    code: int = 0
    columns: Sequence[str] = field(default_factory=tuple)


class Output:
    """The two streams of one command, in one form and one language."""

    def __init__(self, form: Format, language: Language) -> None:
        self.form: Format = form
        self.language: Language = language

    def text(self, key: str, /, **values: object) -> str:
        """Return a sentence of the catalogue."""
        return i18n.text(self.language, key, **values)

    @property
    def is_live(self) -> bool:
        """Say whether a moving view may be drawn: only on a terminal."""
        return sys.stderr.isatty()

    def answer(self, answer: Answer) -> None:
        """Write the answer on the standard output."""
        match self.form:
            case "json":
                self._json(answer)
            case "csv":
                _csv(_rows(answer), answer.columns)
            case "human":
                self._human(answer)

    def error(self, error: Told) -> None:
        """Write an error: as the one document when JSON was asked for, else for a person, on the error stream."""
        if self.form == "json":
            _write(sys.stdout, _dumps({"error": error.document()}))
            return
        label = self.text("cli.error")
        lines = [f"{label} {safe(error.what)}", f"  {safe(error.why)}", f"  → {safe(error.next)}"]
        _write(sys.stderr, "\n".join(line for line in lines if line.strip()))

    def note(self, text: str) -> None:
        """Tell a person something beside the answer."""
        _write(sys.stderr, safe(text))

    def console(self, *, stderr: bool = False) -> "Console":
        """Return the terminal for tables and views; no markup is ever read from what it is given."""
        from rich.console import Console

        stream = sys.stderr if stderr else sys.stdout
        width = None if stream.isatty() else 200
        return Console(file=stream, markup=False, highlight=False, emoji=False, width=width, soft_wrap=not stream.isatty())

    def _json(self, answer: Answer) -> None:
        if answer.lines is None:
            _write(sys.stdout, _dumps(answer.document))
            return
        for line in answer.lines:
            _write(sys.stdout, json.dumps(line, ensure_ascii=True, default=str))

    def _human(self, answer: Answer) -> None:
        if isinstance(answer.human, str):
            if answer.human:
                _write(sys.stdout, safe(answer.human))
            return
        try:
            answer.human(self.console())
            sys.stdout.flush()
        except BrokenPipeError:
            _nobody_reads(sys.stdout)


def _dumps(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=True, indent=2, default=str)


def _rows(answer: Answer) -> Sequence[Mapping[str, Any]]:
    if answer.rows is not None:
        return answer.rows
    if answer.lines is not None:
        return answer.lines
    return [{"name": name, "value": value} for name, value in answer.document.items()]


def _csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    names = list(columns) or list(dict.fromkeys(name for row in rows for name in row))
    try:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            writer.writerow([_cell(row.get(name)) for name in names])
        sys.stdout.flush()
    except BrokenPipeError:
        _nobody_reads(sys.stdout)


def _cell(value: object) -> object:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict | tuple) else value


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text + "\n")
        stream.flush()
    except UnicodeEncodeError:
        stream.write(text.encode("ascii", "backslashreplace").decode("ascii") + "\n")
        stream.flush()
    except BrokenPipeError:
        _nobody_reads(stream)


def _nobody_reads(stream: TextIO) -> None:
    """Let the rest of the output go nowhere, so that the interpreter's last flush does not complain either."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
