"""Tables for people: short instants in this machine's zone, which the heading names once."""

import io
import time
from collections.abc import Iterator

import pytest
from rich.console import Console

from vigie.interfaces.cli.output import Output
from vigie.interfaces.cli.tables import table


@pytest.fixture
def _in_paris(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_in_paris")
def test_an_instant_is_short_and_its_zone_is_named_once() -> None:
    rows = [{"id": f"C-{n}", "opened_at": f"2026-07-25T12:1{n}:30.123456+00:00"} for n in range(2)]
    drawn = io.StringIO()
    table(Output("human", "fr"), "case", ("id", "opened_at"), rows)(Console(file=drawn, width=100))
    told = drawn.getvalue()
    assert "2026-07-25 14:10\n" in told
    assert told.count("CEST") == 1
    assert "+00:00" not in told


def test_what_is_no_instant_stays() -> None:
    drawn = io.StringIO()
    table(Output("human", "fr"), "case", ("opened_at", "share"), [{"opened_at": "–", "share": 0.5}])(Console(file=drawn))
    assert "0,50" in drawn.getvalue()
    assert "(" not in drawn.getvalue()
