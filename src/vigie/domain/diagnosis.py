"""What reasoning says: hypotheses with odds, a verdict, and what would decide."""

from dataclasses import dataclass, field
from enum import StrEnum


class VerdictKind(StrEnum):
    """The three honest ends of a diagnosis."""

    CAUSE = "cause"
    NO_FAULT = "no_fault"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A cause bound to things of this host. `probability` is 0..1; `facts_for` and `facts_against` are fact ids."""

    cause: str
    label: str
    slots: dict[str, str]
    probability: float
    facts_for: tuple[str, ...] = ()
    facts_against: tuple[str, ...] = ()
    ruled_out: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a diagnosis stopped. `leader` is set for CAUSE; `deciding_check` names the check that would decide when UNDECIDED.

    `explanation` is Markdown by language, every claim on fact ids.
    """

    kind: VerdictKind
    leader: Hypothesis | None
    hypotheses: tuple[Hypothesis, ...]
    confidence: float
    deciding_check: str | None = None
    explanation: dict[str, str] = field(default_factory=dict)
