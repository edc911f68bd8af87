"""The examples that program models carry, tried: a model that is not what its examples say is not to be trusted."""

from collections.abc import Iterable
from dataclasses import dataclass

from vigie.domain.action import EffectClass
from vigie.i18n import Language
from vigie.policy import models
from vigie.policy.effects import Judgement
from vigie.policy.shell import classify


@dataclass(frozen=True, slots=True)
class Tried:
    """One example of a program's model, and what became of it."""

    program: str
    expected: EffectClass
    judged: Judgement

    @property
    def holds(self) -> bool:
        """Say whether the line has the class that the model says."""
        return self.judged.effect_class is self.expected

    def because(self, language: Language) -> tuple[str, ...]:
        """Return what decided."""
        return self.judged.because(language)


def tried(programs: Iterable[str]) -> list[Tried]:
    """Classify the examples of some programs' models."""
    return [
        Tried(name, EffectClass(level), classify(line))
        for name in programs
        for level, line in models.examples_of(models.tree_of(name) or {})
    ]
