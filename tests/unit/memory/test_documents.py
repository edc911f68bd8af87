"""Whatever the nouns hold, they come back as they were."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.domain.fact import Fact, Source
from vigie.memory.cases import full_id, plain
from vigie.memory.documents import from_text, to_text
from vigie.memory.schema import instant_text

TEXT = st.text(st.characters())  # lone surrogates and NUL included
# Lone surrogates do not come in names: bytes of the world are decoded with what is wrong in them replaced.
NAMES = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
INSTANTS = st.datetimes(timezones=st.just(UTC))


@given(VALUES, TEXT, INSTANTS)
def test_a_fact_comes_back_as_it_was(value: object, words: str, at: datetime) -> None:
    fact = Fact("f-1", "web", "host", words, value, at, Source(words, words))  # type: ignore[arg-type]  # hypothesis knows no JSON
    text = to_text(fact)
    assert from_text(Fact, text) == fact
    assert text.isascii()
    assert "\0" not in text


@given(VALUES)
def test_numbers_stay_what_they_are(value: object) -> None:
    fact = Fact("f-1", "web", "host", "x", value, datetime(2026, 3, 1, tzinfo=UTC), Source("x"))  # type: ignore[arg-type]
    assert repr(from_text(Fact, to_text(fact)).value) == repr(value)


def test_an_older_document_reads_with_todays_defaults() -> None:
    fact = Fact("f-1", "web", "host", "x", 1, datetime(2026, 3, 1, tzinfo=UTC), Source("x"), probe="p")
    older = json.loads(to_text(fact))
    del older["probe"], older["source"]["excerpt"]
    assert from_text(Fact, json.dumps({**older, "gone": 1})) == Fact("f-1", "web", "host", "x", 1, fact.at, Source("x"))


@given(INSTANTS, INSTANTS)
def test_instants_sort_as_text_as_they_do_in_time(one: datetime, other: datetime) -> None:
    assert (instant_text(one) < instant_text(other)) == (one < other)
    assert datetime.fromisoformat(instant_text(one)) == one


def test_an_instant_is_written_in_utc_and_needs_a_zone() -> None:
    paris = timezone(timedelta(hours=2))
    assert instant_text(datetime(2026, 7, 1, 12, tzinfo=paris)) == "2026-07-01T10:00:00.000000+00:00"
    with pytest.raises(ValueError, match="time zone"):
        instant_text(datetime(2026, 7, 1, 12))  # noqa: DTZ001


@pytest.mark.parametrize(("typed", "stored"), [("12", "C-12"), ("c-12", "C-12"), (" C-7\n", "C-7"), ("x", "X"), ("", "")])
def test_a_case_is_called_as_people_type_it(typed: str, stored: str) -> None:
    assert full_id(typed) == stored


@given(TEXT)
def test_words_are_searched_without_capitals_accents_or_what_no_database_takes(words: str) -> None:
    found = plain(words)
    assert "\0" not in found
    assert found.encode().decode() == found == plain(found)


def test_accents_and_capitals_do_not_matter() -> None:
    assert plain("Réseau COUPÉ") == plain("reseau coupe")
