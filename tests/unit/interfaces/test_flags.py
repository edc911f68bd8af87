"""`--json`, `--csv` and `--lang` anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.interfaces.cli.flags import split


@pytest.mark.parametrize(
    "arguments",
    [
        ["--json", "--lang", "fr", "host", "ls"],
        ["host", "--json", "ls", "--lang=fr"],
        ["host", "ls", "--lang", "fr_FR.UTF-8", "--json"],
    ],
)
def test_flags_are_taken_wherever_they_stand(arguments: list[str]) -> None:
    flags = split(arguments, "en")
    assert flags.words == ("host", "ls")
    assert (flags.format, flags.language, flags.wrong) == ("json", "fr", None)


def test_after_two_dashes_nothing_is_a_flag() -> None:
    flags = split(["policy", "explain", "--", "--json"], "en")
    assert flags.words == ("policy", "explain", "--", "--json")
    assert flags.format == "human"


def test_a_value_that_looks_like_a_flag_can_be_glued_to_its_option() -> None:
    assert split(["work", "--ticket=--json"], "en").format == "human"


@pytest.mark.parametrize("arguments", [["--lang", "de"], ["--lang"], ["--lang="], ["--json", "--csv"]])
def test_a_wrong_flag_is_kept_to_be_told_in_the_form_that_was_asked_for(arguments: list[str]) -> None:
    assert split(arguments, "fr").wrong is not None
    assert split(arguments, "fr").language == "fr"


def test_a_language_that_was_left_out_swallows_no_other_flag() -> None:
    given = split(["host", "ls", "--lang", "--json"], "fr")
    assert given.format == "json"
    assert given.wrong is not None


def test_bytes_that_are_no_text_are_told_before_anything_is_done() -> None:
    given = split(["work", "--ticket", "caf\udce9", "--json"], "fr")
    assert given.wrong is not None
    assert given.wrong.key == "cli.not_utf8"
    assert given.wrong.what("fr").encode()
    assert given.format == "json"


@given(st.lists(st.text(max_size=8), max_size=8))
def test_splitting_never_fails_and_loses_no_other_word(arguments: list[str]) -> None:
    words = split(arguments, "en").words
    assert all(word in arguments for word in words)
