"""Every program model is tried on its own examples."""

import pytest

from vigie import i18n
from vigie.domain.action import EffectClass
from vigie.policy import programs
from vigie.policy.shell import classify


def _examples() -> list[tuple[str, str, str]]:
    found = []
    for name in sorted(programs.names()):
        tree = programs.tree_of(name) or {}
        examples = tree.get("examples") or {}
        assert isinstance(examples, dict)
        found += [(name, level, line) for level, lines in examples.items() for line in lines]
    return found


@pytest.mark.parametrize(("name", "level", "line"), _examples(), ids=lambda value: str(value)[:60])
def test_an_example_of_a_model_has_the_class_the_model_says(name: str, level: str, line: str) -> None:
    judgement = classify(line)
    assert judgement.effect_class is EffectClass(level), [f"{effect}: {effect.why}" for effect in judgement.found]


@pytest.mark.parametrize("name", sorted(programs.names()))
def test_a_model_is_well_formed_and_tried_both_ways(name: str) -> None:
    tree = programs.tree_of(name)
    assert tree is not None
    assert programs.model_of(name) is not None
    if "same_as" in tree:
        assert set(tree) == {"same_as"}
        return
    examples = tree["examples"]
    assert isinstance(examples, dict)
    assert str(tree["about"]).endswith(".")
    assert set(examples) & {"dangerous", "forbidden", "reversible-change"}
    assert set(examples) <= {level.value for level in EffectClass}
    assert "safe-read" in examples or set(examples) & {"dangerous", "forbidden"}


@pytest.mark.parametrize(("name", "level", "line"), _examples(), ids=lambda value: str(value)[:60])
def test_every_judgement_gives_its_reasons_in_both_languages(name: str, level: str, line: str) -> None:
    judgement = classify(line)
    assert judgement.reasons
    assert judgement.effects
    for language in i18n.LANGUAGES:
        assert all(judgement.because(language))
    for effect in judgement.found:
        assert i18n.has(f"effect.{effect.why}")


def test_a_model_with_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown keys"):
        programs._model("x", {"operands": "read", "operand": "read"}, programs.Model())


def test_a_verb_that_needs_a_value_is_refused_without_one() -> None:
    with pytest.raises(ValueError, match="needs a value"):
        programs._model("x", {"options": {"-o": "overwrite"}}, programs.Model())
