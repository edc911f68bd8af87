"""Every program model is tried on its own examples, and on the golden lines of `golden/`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from vigie import i18n
from vigie.domain.action import EffectClass
from vigie.policy import models
from vigie.policy.effects import RANK
from vigie.policy.shell import classify

NAMES = sorted(models.names())
GOLDEN = Path(__file__).parent / "golden"
HARMLESS = (EffectClass.SAFE_READ, EffectClass.REVERSIBLE)


def examples(name: str) -> Iterator[tuple[EffectClass, str]]:
    found = (models.tree_of(name) or {}).get("examples") or {}
    assert isinstance(found, dict)
    for level, lines in found.items():
        for line in lines:
            yield EffectClass(level), line


def golden(level: EffectClass) -> list[str]:
    """Return the lines of a class; `# ` begins a heading."""
    lines = (GOLDEN / f"{level}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("# ")]


def wrong(expected: EffectClass, line: str) -> str | None:
    judged = classify(line)
    if judged.effect_class is expected:
        return None
    return f"{line}: {judged.effect_class} instead of {expected}, by {[f'{effect}: {effect.why}' for effect in judged.found]}"


def test_every_example_of_a_model_has_the_class_the_model_says() -> None:
    assert not [found for name in NAMES for level, line in examples(name) if (found := wrong(level, line))]


def test_every_model_is_well_formed_and_tried_both_ways() -> None:
    for name in NAMES:
        tree = models.tree_of(name)
        assert tree is not None
        assert models.model_of(name) is not None, name
        if "same_as" in tree:
            assert set(tree) == {"same_as"}, name
            continue
        assert str(tree["about"]).endswith("."), name
        assert any(level is not EffectClass.SAFE_READ for level, _ in examples(name)), name


def test_there_are_models_for_what_a_host_runs() -> None:
    assert len(NAMES) >= 250


def test_every_judgement_gives_its_reasons_in_both_languages() -> None:
    for name in NAMES:
        for _, line in examples(name):
            judged = classify(line)
            assert judged.effects
            for language in i18n.LANGUAGES:
                assert all(judged.because(language)), line
            assert all(i18n.has(f"effect.{effect.why}") for effect in judged.found), line


def test_the_golden_lines_have_their_class() -> None:
    assert not [found for level in EffectClass for line in golden(level) if (found := wrong(level, line))]


def test_no_golden_line_that_is_dangerous_is_let_through() -> None:
    risky = [line for level in (EffectClass.DANGEROUS, EffectClass.FORBIDDEN) for line in golden(level)]
    assert len(risky) >= 1000
    assert not [line for line in risky if RANK[classify(line).effect_class] < RANK[EffectClass.DANGEROUS]]


def test_hardly_a_golden_line_that_is_harmless_is_flagged() -> None:
    harmless = [line for level in HARMLESS for line in golden(level)]
    assert len(harmless) >= 1000
    flagged = [line for line in harmless if classify(line).effect_class not in HARMLESS]
    assert len(flagged) <= len(harmless) * 0.02


@pytest.mark.parametrize("name", ["php8.2", "python3.11", "pip3.12", "php-fpm8.1", "gcc-12", "perl5.36"])
def test_a_name_with_a_version_is_the_same_program(name: str) -> None:
    assert models.model_of(name) is not None


@pytest.mark.parametrize("name", ["test2", "ls1", "echo3", "x"])
def test_a_name_with_a_number_behind_it_is_another_program(name: str) -> None:
    assert models.model_of(name) is None


def test_a_model_with_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown keys"):
        models._model("x", {"operands": "read", "operand": "read"}, models.Model())


def test_a_verb_that_needs_a_value_is_refused_without_one() -> None:
    with pytest.raises(ValueError, match="needs a value"):
        models._model("x", {"options": {"-o": "overwrite"}}, models.Model())
