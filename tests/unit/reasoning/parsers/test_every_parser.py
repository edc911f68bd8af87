"""No text makes a parser fail, or show what cannot be stored."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.knowledge import library
from vigie.reasoning import probing
from vigie.reasoning.parsers.parser import Output

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PROBES = library.load().probes
RECORDED = [(name, case.stdout) for name, probe in PROBES.items() for case in probe.cases]
SLOTS = {
    "log": "/a.log",
    "path": "/a.ini",
    "url": "http://x/",
    "port": "1",
    "service": "web",
    "name": "n",
    "database": "/a.db",
    "statement": "SELECT 1",
}


def read(name: str, text: str, options: dict[str, object]) -> None:
    for seen in probing.shown(name, Output(text, NOW, slots=SLOTS, options=options)):
        assert seen.subject
        assert seen.name
        json.dumps(seen.value, allow_nan=False).encode()


def options_of(parser: str) -> list[dict[str, object]]:
    return [dict(probe.options) for probe in PROBES.values() if probe.parser == parser] or [{}, {"verb": "definition"}]


@pytest.mark.parametrize("name", probing.known_parsers())
@settings(max_examples=30, deadline=None)
@given(text=st.text(max_size=400))
def test_any_text_is_read_without_failing(name: str, text: str) -> None:
    for options in options_of(name):
        read(name, text, options)


@pytest.mark.parametrize(("probe", "text"), RECORDED, ids=[name for name, _ in RECORDED])
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_damaged_output_is_read_without_failing(probe: str, text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, max(0, len(text) - 1)))
    end = data.draw(st.integers(start, len(text)))
    junk = data.draw(st.sampled_from(["", "\x00", "{", "]]", "\n\n", "9" * 400, "%", "'", "-1", "é", "null", '{"pid": true}']))
    read(PROBES[probe].parser, text[:start] + junk + text[end:], dict(PROBES[probe].options))


@pytest.mark.parametrize("name", probing.known_parsers())
def test_a_long_line_and_a_deep_tree_are_read_in_time(name: str) -> None:
    for text in ("a" * 1_000_000, "[" * 100_000, "x: " * 200_000, " " * 400_000 + "\n" * 1000, "1 " * 200_000):
        for options in options_of(name):
            read(name, text, options)
