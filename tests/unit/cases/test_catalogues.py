"""Every sentence that the lives of cases and the team use is there, in both languages, with the same slots."""

import re
from pathlib import Path

import pytest

import vigie
from vigie import i18n
from vigie.domain.case import CaseState, Phase

SOURCES = Path(vigie.__file__).parent
AREAS = ("case", "agent", "phase")
SLOT = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("area", AREAS)
def test_both_languages_say_the_same_things(area: str) -> None:
    en, fr = i18n.area_of("en", area), i18n.area_of("fr", area)
    assert set(en) == set(fr)
    slots = [{key: set(SLOT.findall(words)) for key, words in texts.items()} for texts in (en, fr)]
    assert slots[0] == slots[1]


def test_every_phase_and_state_has_a_name() -> None:
    assert all(i18n.has(f"phase.names.{phase.value}") for phase in Phase)
    assert all(i18n.has(f"case.states.{state.value}") for state in CaseState)


def _used(pattern: str) -> set[str]:
    files = [*(SOURCES / "cases").glob("*.py"), *(SOURCES / "agents").glob("*.py")]
    return {key for file in files for key in re.findall(pattern, file.read_text(encoding="utf-8"))}


def test_every_error_raised_has_its_words() -> None:
    used = _used(r"(?:Permanent|Transient|BadUsage|Failure)\(\s*\"([a-z]+\.[a-z_]+)\"")
    assert used
    for key in used:
        area, _, name = key.partition(".")
        assert all(i18n.has(f"{area}.errors.{name}.{part}") for part in ("what", "why", "next")), key


def test_every_happening_told_has_its_sentence() -> None:
    used = _used(r"\.tell\(\s*\"([a-z]+\.[a-z_]+)\"") | _used(r"append\(\s*\"([a-z]+\.[a-z_]+)\"")
    assert "case.closed" in used
    for kind in used:
        area, _, name = kind.partition(".")
        assert i18n.has(f"{area}.happenings.{name}"), kind
