"""What every agent that is discovered promises."""

import inspect
from typing import get_type_hints

import pytest

from vigie.agents.agent import Agent
from vigie.agents.registry import plain, released
from vigie.domain.case import Phase
from vigie.i18n import LANGUAGES

KINDS = sorted(released().values(), key=lambda kind: kind.name)
# Phases that no agent works: the desk's own, and the ends.
ALONE = {Phase.CLOSED}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
class TestEveryAgent:
    def test_has_a_name_of_its_own(self, kind: type[Agent]) -> None:
        assert kind.name
        assert kind.name == kind.name.lower()
        assert [other for other in KINDS if plain(other.name) == plain(kind.name)] == [kind]

    def test_says_in_every_language_what_it_is_for(self, kind: type[Agent]) -> None:
        assert set(kind.description) == set(LANGUAGES)
        assert all(said.strip().endswith(".") for said in kind.description.values())

    def test_its_file_and_class_say_what_they_are(self, kind: type[Agent]) -> None:
        assert inspect.getdoc(kind)
        assert inspect.getdoc(inspect.getmodule(kind))

    def test_can_be_asked_something(self, kind: type[Agent]) -> None:
        assert kind.capabilities()

    def test_its_capabilities_are_typed_and_described(self, kind: type[Agent]) -> None:
        for capability in kind.capabilities():
            assert capability.says, capability.name
            function = getattr(kind, capability.name)
            parameters = [name for name in inspect.signature(function).parameters if name != "self"]
            assert set(parameters) <= set(get_type_hints(function)), capability.name

    def test_is_found_however_its_name_is_written(self, kind: type[Agent]) -> None:
        title = "".join(word.capitalize() for word in kind.name.split("_"))
        ways = (
            kind.name,
            kind.name.upper(),
            f"real-{kind.name}",
            f"Real{title}Agent",
            f"{kind.name}_agent",
            kind.name.replace("_", "-"),
        )
        assert {plain(way) for way in ways} == {plain(kind.name)}

    def test_keeps_nothing_of_its_own(self, kind: type[Agent]) -> None:
        own = [name for name, value in vars(kind).items() if isinstance(value, dict | list | set) and name != "description"]
        assert [name for name in own if not name.startswith("__")] == []


def test_every_phase_that_thinks_or_acts_belongs_to_an_agent() -> None:
    worked = {phase for kind in KINDS for phase in kind.phases}
    assert {Phase.UNDERSTAND, Phase.DIAGNOSE, Phase.PLAN, Phase.BACK_UP, Phase.ACT, Phase.VERIFY, Phase.REPORT} <= worked
    assert not worked & ALONE
