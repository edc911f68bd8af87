"""Every scenario says what it is in both languages, and nothing the host shows names its cure."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from vigie import i18n
from vigie.i18n import LANGUAGES
from vigie.lab.damage import Harm
from vigie.lab.demo import DEFAULT, Demo
from vigie.lab.scenarios.scenario import Health, Scenario

ALL = list(Demo.scenarios(every=True).values())
LABEL = re.compile(r"(web|app|db|cache|queue|host|network|security|deploy|backup)(\.[a-z0-9_]+){1,2}|no_fault")


def test_the_default_scenario_comes_first() -> None:
    assert ALL[0].name == DEFAULT
    assert {scenario.name for scenario in ALL} >= {"bad_release", "wrong_setting", "port_taken", "full_quota", "false_alarm"}


@pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: scenario.name)
def test_a_scenario_is_described_in_both_languages(scenario: Scenario) -> None:
    assert set(scenario.title) == set(scenario.ticket) == set(LANGUAGES)
    assert LABEL.fullmatch(scenario.label)


@pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: scenario.name)
def test_a_ticket_tells_the_symptom_and_not_the_cause(scenario: Scenario) -> None:
    words = set(re.findall(r"\w+", " ".join(scenario.ticket.values()).lower()))
    assert not words & {"index", "release", "upstream", "port", "trace", "lock", "locked", "transaction", "quota"}


def test_both_languages_know_the_same_sentences() -> None:
    assert i18n.area_of("en", "lab").keys() == i18n.area_of("fr", "lab").keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_judgement_and_every_harm_has_its_sentence(language: i18n.Language) -> None:
    source = (Path(__file__).parents[3] / "src/vigie/lab/damage.py").read_text(encoding="utf-8")
    kinds = set(re.findall(r'Harm\("(\w+)"', source)) | {"config", "release", "program", "permission"}
    assert {field.name for field in fields(Harm)} == {"kind", "detail"}
    for key in [*(f"lab.demo.{health}" for health in Health), *(f"lab.harms.{kind}" for kind in kinds)]:
        assert i18n.text(language, key)


def test_every_step_of_the_demonstration_has_its_sentence() -> None:
    source = (Path(__file__).parents[3] / "src/vigie/lab/demo.py").read_text(encoding="utf-8")
    for key in re.findall(r'"(lab\.demo\.\w+)"', source):
        assert i18n.has(key)
