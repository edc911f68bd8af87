"""The shapes of what is known about requests: concepts (words of both languages) and intents (what can be asked for).

An intent's `patterns` are sets of concepts: `a|b` either, `a?` welcome but not needed, `!a` never, `<kind>` something of that
kind was named (`<kind>?`: may be). Order does not matter. Its `lines` are templates as in `models.py`, the first that fits the
host's family and service manager wins.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from vigie.knowledge.models import Both, Frozen, Name

Effect = Literal["read", "change", "refuse", "watch", "history", "talk", "vague", "undo", "repeat"]
Words = Mapping[Literal["en", "fr"], tuple[str, ...]]


class Concepts(Frozen):
    """Ideas by name with the words that say them, lower case and without accents.

    `word*` stands for every word that begins so; several words are a phrase. `weights` say how much an idea tells of what is
    wanted, 1 where nothing is said.
    """

    name: Name
    concepts: Mapping[str, Words]
    weights: Mapping[str, float] = Field(default_factory=dict)


class ServiceUnit(Frozen):
    """What a service is called on the hosts whose system matches `os` (a regular expression, searched); no `os`: anywhere."""

    unit: str
    os: str = ""


class ServiceNames(Frozen):
    """Services by the name people use: the words that mean it, its unit and its package where they are called otherwise."""

    name: Name
    services: Mapping[str, "NamedService"]


class NamedService(Frozen):
    """One service. `words` are what people call it beside its name; `concepts` what it is."""

    words: tuple[str, ...] = ()
    units: tuple[ServiceUnit, ...] = ()
    package: str | None = None
    version: str | None = None


class AskedSlot(Frozen):
    """A thing that an intent needs to know.

    `kind` says where it is found in the words, `default` what silence means; an `optional` one may stay unknown.
    """

    kind: str
    default: str | None = None
    optional: bool = False


class AskedLine(Frozen):
    """One way to do it: on hosts of these families, under these managers, when these slots were named (empty: any)."""

    line: str
    families: tuple[str, ...] = ()
    managers: tuple[str, ...] = ()
    given: tuple[str, ...] = ()


class Intent(Frozen):
    """Something that people ask for.

    `answer` names the parser that makes a sentence of the output. `next` are intents that fit afterwards, `choices` those
    among which a vague request is asked to choose. `deepen`: the answer's key → the read that tells more. `witness` and `goal`
    are as in `domain.action.Step`; `undo` takes it back. `gentle` is the intent that does nearly the same without a break.
    Patterns of what is refused are made of the words of `hazards/`, and hold wherever a clause has them all; one of the ideas
    in `excused` makes the clause harmless.
    """

    name: Name
    effect: Effect
    title: Both
    patterns: tuple[str, ...]
    slots: dict[str, AskedSlot] = Field(default_factory=dict)
    lines: tuple[AskedLine, ...] = ()
    answer: str | None = None
    next: tuple[Name, ...] = ()
    choices: tuple[Name, ...] = ()
    deepen: dict[str, Name] = Field(default_factory=dict)
    witness: str | None = None
    goal: str | None = None
    undo: tuple[str, ...] = ()
    gentle: Name | None = None
    interrupts: bool = False
    excused: tuple[str, ...] = ()
    timeout_s: float = 20.0

    @model_validator(mode="after")
    def _can_be_done(self) -> "Intent":
        if self.effect in ("read", "change") and not self.lines:
            raise ValueError("a read or a change has lines")
        if self.effect == "vague" and len(self.choices) < 2:
            raise ValueError("a vague request has choices")
        return self

    def titled(self, language: Literal["en", "fr"], slots: Mapping[str, str]) -> str:
        """Return the title with what was named in it, a default or the kind of thing where nothing was."""
        values = {name: slot.default or f"<{slot.kind}>" for name, slot in self.slots.items()} | dict(slots)
        title: str = getattr(self.title, language)
        return title.format_map(values)
