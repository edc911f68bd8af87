"""What a request was understood to be, and what it is understood against: the inventory and what was said before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from vigie.i18n import Language
from vigie.knowledge.requests import Intent

Kind = Literal["command", "clarify", "refuse", "watch", "history", "none"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One way a request may be meant."""

    intent: str
    slots: Mapping[str, str] = field(default_factory=dict)
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """What an earlier request of the same conversation was: what a follow-up leans on."""

    kind: Kind
    intent: str | None = None
    slots: Mapping[str, str] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Inventory:
    """What there is: the hosts by name, those that share a group or a tag, and the services that were seen on them."""

    hosts: tuple[str, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    services: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Understood:
    """A request, understood.

    `slots` are the things it names, by slot; `things` the same by kind, for what comes after. `targets` are the hosts that its
    own words name. `shell`: it is a shell line itself. `embedded` are shell lines found inside it, for the policy to judge.
    `question` says what to ask (a key of the catalogue) with `asked` as its values; `share` is how much of it was explained.
    """

    kind: Kind
    language: Language
    intent: Intent | None = None
    slots: Mapping[str, str] = field(default_factory=dict)
    things: Mapping[str, str] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    question: str | None = None
    asked: Mapping[str, str] = field(default_factory=dict)
    shell: str | None = None
    embedded: tuple[str, ...] = ()
    share: float = 0.0
    undo: bool = False
