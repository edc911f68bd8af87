"""What a host said, without what would drive a screen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.domain.plain import plain


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (b"\x1b[31mred\x1b[0m", "red"),
        (b"\x1b]0;title\x07text\x1b]8;;http://x\x1b\\link", "textlink"),
        (b"a\r\nb\tc\n", "a\nb\tc\n"),
        (b"\xff\xfeok", "\ufffd\ufffdok"),
        ("a\u202ecba\u200b".encode(), "acba"),
        (b"\x1b", ""),
        (b"\x1b[2J\x1b[H\x9b1m|", "\ufffd1m|"),
    ],
)
def test_escapes_go_and_words_stay(said: bytes, shown: str) -> None:
    assert plain(said) == shown


@given(st.binary(max_size=500))
def test_nothing_that_drives_a_terminal_is_left(said: bytes) -> None:
    assert all(char in "\n\t" or char.isprintable() or not char.isascii() for char in plain(said))
    assert "\x1b" not in plain(said)
