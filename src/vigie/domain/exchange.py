"""One exchange of a conversation: what a person asked in words, what it was understood to be, and what came of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from vigie.domain.fact import Value

ExchangeKind = Literal["command", "clarify", "refuse", "watch", "history", "none"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way a request may be meant: an intent, its slots and targets, and what it is called in the asker's language."""

    intent: str
    title: str
    slots: dict[str, str] = field(default_factory=dict)
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ran:
    """What a line gave on one host; `rc` None where it did not run or its end was not seen. Texts are free of secrets."""

    host: str
    command: str
    rc: int | None
    stdout: str
    stderr: str
    seconds: float
    outcome: str = ""
    case: str | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """`number` counts a tenant's exchanges. `dry`: nothing was sent to a host. `waits`: a person's approval is awaited.

    `command` and `effect_class` are the first target's line and the strictest class of all. `understand_s` is what it took to
    understand, `total_s` until the answer, `saved_s` what asking saved over doing it by hand (`usage.py`).
    """

    person: str
    session: str
    at: datetime
    text: str
    kind: ExchangeKind
    language: str
    number: int = 0
    intent: str | None = None
    slots: dict[str, str] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    command: str | None = None
    effect_class: str | None = None
    reason: str | None = None
    question: str | None = None
    choices: tuple[Proposal, ...] = ()
    suggestions: tuple[Proposal, ...] = ()
    results: tuple[Ran, ...] = ()
    answer: str = ""
    dry: bool = False
    waits: bool = False
    understand_s: float = 0.0
    total_s: float = 0.0
    facts: dict[str, Value] = field(default_factory=dict)
    saved_s: float = 0.0

    @property
    def ended_well(self) -> tuple[Ran, ...]:
        """Return what ran to a good end; a change that waits or still goes on has none yet."""
        return tuple(ran for ran in self.results if ran.rc == 0 and ran.outcome in ("read", "done"))

    @property
    def succeeded(self) -> bool:
        """Say whether it was answered as asked."""
        return self.kind != "command" or self.dry or self.waits or all(ran.rc == 0 for ran in self.results)
