"""A header of a person's own, for `vigie logs mine`: what it leaves, and that it never runs for ever."""

import pytest

from vigie.domain.errors import BadUsage
from vigie.interfaces.cli.commands import logs_mine


def test_the_message_is_what_follows_the_header_or_the_group_of_that_name() -> None:
    lines = [b"12:00 INFO one\n12:01 WARN two\nthree"]
    assert b"".join(logs_mine._messages(iter(lines), r"^\S+ [A-Z]+ ")) == b"one\ntwo\nthree\n"
    assert b"".join(logs_mine._messages(iter(lines), r"^\S+ [A-Z]+ (?P<message>.)")) == b"o\nt\nthree\n"


def test_an_expression_that_tries_for_ever_is_stopped_with_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs_mine, "_HEADER_S", 0.1)
    with pytest.raises(BadUsage) as caught:
        list(logs_mine._messages(iter([b"fine\n" + b"a" * 60 + b"!\n"]), r"^(?:a+)+$"))
    assert (caught.value.key, caught.value.values["line"]) == ("cli.slow_header", 1)
