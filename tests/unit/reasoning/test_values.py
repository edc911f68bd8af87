"""Values of a row in its sentence: as the reader writes them."""

from datetime import timedelta, timezone

import pytest

from vigie import i18n
from vigie.domain.fact import Value
from vigie.i18n import LANGUAGES, Language
from vigie.knowledge import library
from vigie.reasoning.values import filled, moment


@pytest.mark.parametrize(("language", "said"), [("en", "sure at 96%"), ("fr", "sûr à 96\u202f%")])
def test_confidence_is_a_percentage(language: Language, said: str) -> None:
    template = {"en": "sure at {confidence}", "fr": "sûr à {confidence}"}[language]
    assert filled(template, {"confidence": 0.958}, language) == said


def test_a_number_has_the_mark_of_its_language() -> None:
    body: dict[str, Value] = {"seconds": 6.25, "count": 3}
    assert filled("{seconds}/{count}", body, "fr") == "6,25/3"
    assert filled("{seconds}/{count}", body, "en") == "6.25/3"


def test_an_instant_is_short_and_names_its_zone() -> None:
    zone = timezone(timedelta(hours=2), "CEST")
    assert moment("2026-07-25T12:15:30.123456+00:00", zone) == "2026-07-25 14:15 CEST"
    assert filled("until {expires_at}", {"expires_at": "2026-07-25T12:15:30.123456+00:00"}, "en") == "until 2026-07-25 12:15 UTC"
    assert filled("{expires_at}", {"expires_at": "some day"}, "en") == "some day"


@pytest.mark.parametrize("language", LANGUAGES)
def test_areas_and_symptoms_have_names(language: Language) -> None:
    lexicons = library.load().lexicons
    known = i18n.area_of(language, "diagnosis")
    for kind in ("areas", "symptoms"):
        for key in (*lexicons[kind].concepts, "none"):
            assert f"{kind}.{key}" in known
    sentence = filled("{areas}; {symptoms}", {"areas": ["db", "mine"], "symptoms": []}, language)
    assert sentence == f"{known['areas.db']}, mine; {known['symptoms.none']}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_check_says_what_it_is_about(language: Language) -> None:
    slots = {slot for probe in library.load().probes.values() for slot in probe.slots}
    assert {slot for slot in slots if f"of.{slot}" not in i18n.area_of(language, "diagnosis")} == set()


def test_what_a_row_does_not_have_is_a_dash() -> None:
    assert filled("{a} {b}", {"b": None}, "en") == "– –"
