"""How answers and errors leave the program."""

import json
from typing import Any

import pytest

from vigie.interfaces.cli.output import Answer, Output, safe
from vigie.interfaces.told import Told


def test_json_is_one_document_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    Output("json", "en").answer(Answer({"name": "é\ud800"}, "never shown"))
    assert json.loads(capsys.readouterr().out)["name"] == "é\ud800"


def test_json_of_lines_is_one_ascii_document_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    Output("json", "en").answer(Answer({}, lines=[{"line": "écho"}, {"line": "a\nb"}]))
    out = capsys.readouterr().out
    assert out.isascii()
    assert [json.loads(line)["line"] for line in out.splitlines()] == ["écho", "a\nb"]


def test_csv_has_a_heading_and_keeps_structures_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[dict[str, Any]] = [{"id": "C-1", "labels": ["a", "b"]}, {"id": None, "labels": []}]
    Output("csv", "en").answer(Answer({}, rows=rows, columns=("id", "labels")))
    assert capsys.readouterr().out.splitlines() == ["id,labels", 'C-1,"[""a"", ""b""]"', ",[]"]


def test_csv_of_a_document_names_its_values(capsys: pytest.CaptureFixture[str]) -> None:
    Output("csv", "en").answer(Answer({"valid": True}))
    assert capsys.readouterr().out.splitlines() == ["name,value", "valid,True"]


def test_an_error_is_the_one_document_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    Output("json", "en").error(Told("a.b", "what", "why", "next"))
    assert json.loads(capsys.readouterr().out) == {"error": {"code": "a.b", "what": "what", "why": "why", "next": "next"}}


def test_an_error_for_a_person_goes_to_the_error_stream(capsys: pytest.CaptureFixture[str]) -> None:
    Output("human", "fr").error(Told("a.b", "quoi", "pourquoi", "ensuite"))
    said = capsys.readouterr()
    assert said.out == ""
    assert "Erreur" in said.err
    assert "ensuite" in said.err


@pytest.mark.parametrize("text", ["\x1b[2J", "a\rb", "\u202egnp", "\x9b31m", "a\x07", "\u2066x"])
def test_what_a_host_says_cannot_drive_the_terminal(text: str) -> None:
    assert not set(safe(text)) & {"\x1b", "\r", "\u202e", "\x9b", "\x07", "\u2066"}


def test_ordinary_text_is_left_alone() -> None:
    assert safe("« déjà » \t\n→ ok") == "« déjà » \t\n→ ok"
