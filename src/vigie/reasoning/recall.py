"""What was true here before: raises the odds of what to look at first, and never decides.

A poisoned memory costs at most a check: its boost is small, and verdicts are taken without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from vigie.domain.lesson import Lesson
from vigie.reasoning.complaint import Complaint

_BOOST_MOST = 3.0
_BOOST_LEAST = 0.5
_ALIKE_FROM = 0.15
_SHOWN_MOST = 3


@dataclass(frozen=True, slots=True)
class Recalled:
    """A past case that resembles this one; `likeness` is 0..1, `shared` are the words in common."""

    lesson: Lesson
    likeness: float
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Boosts:
    """Factors on the odds by label, each between a half and three, and the cases they come from."""

    factors: dict[str, float] = field(default_factory=dict)
    recalled: tuple[Recalled, ...] = ()

    def of(self, cause: str, label: str) -> float:
        """Return the factor for a cause; a label with variables is known by its fixed part."""
        del cause
        if label in self.factors:
            return self.factors[label]
        fixed = label.split("{", maxsplit=1)[0]
        return max((factor for known, factor in self.factors.items() if fixed != label and known.startswith(fixed)), default=1.0)


def similar(lessons: Sequence[Lesson], complaint: Complaint, *, host: str | None = None) -> Boosts:
    """Return what past cases with like words say; one host's own history counts double."""
    recalled: list[Recalled] = []
    for lesson in lessons:
        shared = sorted(set(lesson.words) & set(complaint.words))
        either = set(lesson.words) | set(complaint.words)
        likeness = len(shared) / len(either) if either else 0.0
        if host is not None and lesson.host == host:
            likeness = min(1.0, 2 * likeness + 0.1)
        if likeness >= _ALIKE_FROM:
            recalled.append(Recalled(lesson, likeness, tuple(shared)))
    recalled.sort(key=lambda one: (-one.likeness, one.lesson.id))
    factors: dict[str, float] = {}
    for one in recalled:
        swing = 1.0 + 2.0 * one.likeness if one.lesson.worked else 1.0 - 0.5 * one.likeness
        factors[one.lesson.label] = factors.get(one.lesson.label, 1.0) * swing
    limited = {label: max(_BOOST_LEAST, min(_BOOST_MOST, factor)) for label, factor in factors.items()}
    return Boosts(limited, tuple(recalled[:_SHOWN_MOST]))
