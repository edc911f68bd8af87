"""How an answer leaves the program: one JSON document, CSV, or words for a person; and how an error does."""

import contextlib
import csv
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

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


class OutputLost(Exception):
    """The answer could not be written where it was sent; what the command did is done."""


def mend_streams() -> None:
    """Give the program streams that can be written to: a closed one leads nowhere, no character is refused."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            stream = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # it lives as long as the program
            setattr(sys, name, stream)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


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

    def raw(self, pieces: Iterable[bytes | memoryview]) -> None:
        """Write bytes that are an answer already."""
        with _written(sys.stdout):
            for piece in pieces:
                sys.stdout.buffer.write(piece)

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
        with contextlib.suppress(OutputLost):
            _write(sys.stderr, safe(text))

    def console(self, *, stderr: bool = False) -> "Console":
        """Return the terminal for tables and views; no markup is ever read from what it is given."""
        from rich.console import Console

        stream = sys.stderr if stderr else sys.stdout
        width = None if stream.isatty() else 200
        file = cast("TextIO", _Beside(stream)) if stderr else stream
        return Console(file=file, markup=False, highlight=False, emoji=False, width=width, soft_wrap=not stream.isatty())

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
        with _written(sys.stdout):
            answer.human(self.console())


class _Beside:
    """The error stream of a view: when nobody reads it any more, what it tells of goes on all the same."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.encoding = stream.encoding

    def write(self, text: str) -> int:
        """Write, if somebody reads."""
        with contextlib.suppress(OutputLost), _written(self._stream):
            return self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Each `write` has done it."""

    def isatty(self) -> bool:
        """Say whether it is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """Return the number that the system knows it by."""
        return self._stream.fileno()


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
    with _written(sys.stdout):
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            writer.writerow([_cell(row.get(name)) for name in names])


def _cell(value: object) -> object:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict | tuple) else value


def _write(stream: TextIO, text: str) -> None:
    with _written(stream):
        stream.write(text + "\n")


@contextlib.contextmanager
def _written(stream: TextIO) -> Iterator[None]:
    """See that what the block writes is written, or that it is said that it was not; a reader who has gone is no failure."""
    try:
        yield
        stream.flush()
    except BrokenPipeError:
        _nobody_reads(stream)
    except OSError as error:
        _nobody_reads(stream)
        raise OutputLost(error.strerror or str(error)) from error


def _nobody_reads(stream: TextIO) -> None:
    """Let the rest of the output go nowhere, so that the interpreter's last flush does not complain either."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
