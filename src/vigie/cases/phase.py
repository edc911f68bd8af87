"""What a phase is to the lifecycle: a function of the case at work and the team, whose answer says where to go."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from vigie.cases.limits import Failure
from vigie.cases.team import Team
from vigie.cases.work import Work
from vigie.domain.case import Phase


@dataclass(frozen=True, slots=True)
class Wait:
    """A person decides; the case goes on at `phase` afterwards."""

    phase: Phase
    approval: str | None


Answer: TypeAlias = Phase | Wait
Handler: TypeAlias = Callable[[Work, Team], Awaitable[Answer]]
Fallback: TypeAlias = Callable[[Work, Failure], Awaitable[Answer]]
