"""In which language a request is answered; both catalogues say the same things."""

import re

import pytest

from vigie import i18n
from vigie.interfaces.api.language import accepted

AREAS = ("api", "cli", "doctor", "inventory")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        ("en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("de-DE,de;q=0.9,fr;q=0.5", "fr"),
        ("en;q=0.1,fr;q=0.2", "fr"),
        ("de", "en"),
        ("", "en"),
        (";;;q=x,,", "en"),
    ],
)
def test_the_browser_s_first_choice_among_ours_wins(header: str, language: str) -> None:
    assert accepted(header) == language


@pytest.mark.parametrize("area", AREAS)
def test_both_languages_have_the_same_sentences(area: str) -> None:
    assert set(i18n.area_of("en", area)) == set(i18n.area_of("fr", area))


@pytest.mark.parametrize("area", AREAS)
def test_both_languages_fill_the_same_slots(area: str) -> None:
    english, french = i18n.area_of("en", area), i18n.area_of("fr", area)
    differing = [key for key in english if _slots(english[key]) != _slots(french[key])]
    assert differing == []


def _slots(sentence: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", sentence))
