"""Effects: what a command does to the world, each with the class it calls for.

`shell.py` finds them, `Judgement` carries them; their sentences are in the catalogue's area `effect`.
"""

from dataclasses import dataclass
from functools import cached_property

from vigie import i18n
from vigie.domain.action import EffectClass
from vigie.i18n import Language

SAFE, REVERSIBLE, DANGEROUS, FORBIDDEN = EffectClass


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect. `kind` and `what` are its name (`write(/etc/hosts, overwrite)`); `why` is the key of its reason."""

    kind: str
    what: str
    level: EffectClass
    why: str

    def __str__(self) -> str:
        return f"{self.kind}({self.what})" if self.what else self.kind


@dataclass(frozen=True)
class Judgement:
    """What a line may do. `found` are its effects, `effects` their names, `reasons` the rules that decided, in English."""

    line: str
    effect_class: EffectClass
    found: tuple[Effect, ...]

    @cached_property
    def effects(self) -> tuple[str, ...]:
        """Return the effects by name, each once."""
        return tuple(dict.fromkeys(str(effect) for effect in self.found)) or ("read",)

    @cached_property
    def reasons(self) -> tuple[str, ...]:
        """Return the rules that decided, in English."""
        return self.because("en")

    def because(self, language: Language) -> tuple[str, ...]:
        """Return the rules that decided: those of the effects that reach the line's class."""
        deciding = [effect for effect in self.found if effect.level is self.effect_class]
        if not deciding:
            return (i18n.text(language, "effect.reads"),)
        return tuple(
            dict.fromkeys(i18n.text(language, f"effect.{effect.why}", what=effect.what or effect.kind) for effect in deciding)
        )


RANK = {level: rank for rank, level in enumerate(EffectClass)}


def judgement(line: str, found: list[Effect]) -> Judgement:
    """Return the judgement of a line: its class is the strictest of its effects."""
    level = max((effect.level for effect in found), key=RANK.__getitem__, default=SAFE)
    return Judgement(line, level, tuple(found))
