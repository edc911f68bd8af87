"""A case at the terminal: what is asked of the person can really be done."""

import io
from typing import Any

from rich.console import Console

from vigie.interfaces.cli.case_view import drawn
from vigie.interfaces.cli.output import Output

WAITING: dict[str, Any] = {
    "case": "C-1", "state": "waiting", "label": "db.index.missing", "confidence": 0.958, "verified": False, "rolled_back": False,
    "seconds": {"total": 1.25}, "diagnosis": "", "evidence": [], "actions": [], "report": "",
    "plan": {"hash": "abc", "steps": [], "backups": [], "diff": "", "explanation": ""},
}  # fmt: skip


def told(language: Any, **how: Any) -> str:
    stream = io.StringIO()
    drawn(Output("human", language), WAITING, **how)(Console(file=stream, width=200))
    return stream.getvalue()


def test_a_plan_is_approved_with_the_command_that_is_named() -> None:
    assert "vigie case approve C-1 --hash abc" in told("en")


def test_where_no_command_can_answer_none_is_named() -> None:
    said = told("en", answer="run it again")
    assert "run it again" in said
    assert "vigie case approve" not in said


def test_numbers_are_written_as_the_reader_writes_them() -> None:
    assert "96\u202f%" in told("fr")
    assert "1,2 s" in told("fr")
    assert "96%" in told("en")
