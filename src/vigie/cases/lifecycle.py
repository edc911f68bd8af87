"""Drives a case through its life: which phase comes next, within which limits, and what answers when a phase does not.

open → understand → diagnose → plan → approve → back_up → act → verify → (roll_back → diagnose | report) → learn → watch.
The life itself is deterministic: `durable.py` replays it. Everything that can differ happens inside its named steps, which may
run twice and therefore look at the case's row first.
"""

import logging
from collections.abc import Callable
from functools import partial

from vigie.agents.registry import Registry
from vigie.cases import diagnosing, ending, mending
from vigie.cases.limits import TRY_S, Attempts, Failure, Gone
from vigie.cases.phase import Answer, Handler, Wait
from vigie.cases.steps import Steps
from vigie.cases.team import Team
from vigie.cases.work import Work, says, told
from vigie.clock import Clock
from vigie.domain.case import Case, CaseState, Phase
from vigie.domain.errors import VigieError
from vigie.domain.fact import Value
from vigie.memory.memory import Memory
from vigie.policy.crash import crash_point
from vigie.policy.limits import Limits

logger = logging.getLogger(__name__)

WAITING = "waiting"
GONE = "gone"

_HANDLERS: dict[Phase, Handler] = {
    Phase.OPEN: diagnosing.open_case,
    Phase.UNDERSTAND: diagnosing.understand,
    Phase.DIAGNOSE: diagnosing.diagnose,
    Phase.PLAN: mending.plan,
    Phase.APPROVE: mending.approve,
    Phase.BACK_UP: mending.back_up,
    Phase.ACT: mending.act,
    Phase.VERIFY: mending.verify,
    Phase.ROLL_BACK: mending.roll_back,
    Phase.REPORT: ending.report,
    Phase.LEARN: ending.learn,
    Phase.WATCH: ending.watch,
}
# What a phase may still take when the case's own time is over; together less than the 15 s after which the answer is due.
_GRACE_S: dict[Phase, float] = {
    Phase.ACT: 4.0,
    Phase.ROLL_BACK: 5.0,
    Phase.REPORT: 3.0,
    Phase.LEARN: 1.0,
    Phase.WATCH: 1.0,
}
_CRASH_POINTS = {
    Phase.OPEN: "after_open",
    Phase.DIAGNOSE: "after_diagnose",
    Phase.PLAN: "after_plan",
    Phase.VERIFY: "after_verify",
    Phase.REPORT: "after_report",
}
_HOSTLESS = frozenset({Phase.REPORT, Phase.LEARN, Phase.WATCH})


class Lifecycle:
    """The lives of this process's cases."""

    def __init__(
        self,
        memory: Memory,
        team: Callable[[str], Team],
        clock: Clock,
        attempts: Attempts | None = None,
        *,
        limits: Limits | None = None,
    ) -> None:
        """Take what every life needs.

        Args:
            memory: of all tenants.
            team: makes the team that works a tenant's cases.
            clock: the only one.
            attempts: tries and breakers, shared by all cases of the process.
            limits: how much one case may do.
        """
        self._memory = memory
        self._team = team
        self._clock = clock
        self._attempts = attempts or Attempts(clock)
        self._limits = limits or Limits()
        self._works: dict[tuple[str, str], Work] = {}

    async def live(self, tenant: str, case: str, leg: int, steps: Steps) -> str:
        """Live one leg: until the case is closed, or a person is waited for."""
        key = (tenant, case)
        try:
            at = await steps("enter", partial(self._enter, key, leg))
            while at in _PHASES:
                at = await steps(at, partial(self._pass, key, leg, Phase(at)))
            return at
        finally:
            if (work := self._works.pop(key, None)) is not None:
                await work.let_go()

    async def _enter(self, key: tuple[str, str], leg: int) -> str:
        try:
            return _place((await self._work(key, leg)).case)
        except Gone:
            return GONE

    async def _pass(self, key: tuple[str, str], leg: int, phase: Phase) -> str:
        try:
            work = await self._work(key, leg)
            if work.case.phase is not phase or work.case.state is CaseState.WAITING:
                return _place(work.case)  # it ended before the crash, and its end was not noted
            team = self._team(key[0])
            if (agent := await self._resting(team.registry, phase)) is not None:
                await work.tell("case.paused", agent=agent, phase=phase.value, says=_named(phase))
                await work.change(state=CaseState.WAITING)
                return WAITING
            await work.tell("case.phase", phase=phase.value, says=_named(phase))
            answer = await self._answer(work, team, phase)
            await self._move(work, answer)
        except Gone:
            return GONE
        if phase in _CRASH_POINTS:
            crash_point(_CRASH_POINTS[phase])
        return _place(work.case)

    async def _answer(self, work: Work, team: Team, phase: Phase) -> Answer:
        if phase not in _HOSTLESS and not await work.take_turn():
            failure: Answer | Failure = Failure("case.out_of_time", {"phase": phase.value})
        else:
            failure = await self._within_limits(work, team, phase)
        if not isinstance(failure, Failure):
            return failure
        await work.tell("case.fallback", phase=phase.value, says=_named(phase), why=told(failure))
        return await _FALLBACKS.get(phase, ending.give_up)(work, failure)

    async def _within_limits(self, work: Work, team: Team, phase: Phase) -> Answer | Failure:
        ends_s = self._clock.monotonic_s() + max(work.left_s, _GRACE_S.get(phase, 0.0))

        async def retrying(attempt: int, error: VigieError) -> None:
            await work.tell("case.retry", phase=phase.value, says=_named(phase), attempt=attempt, why=told(error))

        return await self._attempts.run(
            phase.value,
            lambda: _HANDLERS[phase](work, team),
            try_s=max(TRY_S[phase], mending.longest_step_s(work) if phase is Phase.ACT else 0.0),
            left_s=lambda: ends_s - self._clock.monotonic_s(),
            host=work.case.host,
            retrying=retrying,
        )

    async def _move(self, work: Work, answer: Answer) -> None:
        if isinstance(answer, Wait):
            await work.change(phase=answer.phase, state=CaseState.WAITING, approval=answer.approval)
        elif answer is Phase.CLOSED:
            await ending.close(work)
        else:
            await work.change(phase=answer)

    async def _resting(self, registry: Registry, phase: Phase) -> str | None:
        return None if phase is Phase.ROLL_BACK else await registry.resting(phase)

    async def _work(self, key: tuple[str, str], leg: int) -> Work:
        if (work := self._works.get(key)) is not None:
            return work
        memory = self._memory.of(key[0])
        case = await memory.cases.get(key[1])
        if case.leg != leg:
            raise Gone
        return self._works.setdefault(key, Work(memory, self._clock, case, self._limits.budget()))


_PHASES = frozenset(phase.value for phase in Phase if phase is not Phase.CLOSED)
_FALLBACKS = diagnosing.FALLBACKS | mending.FALLBACKS | ending.FALLBACKS


def _named(phase: Phase) -> dict[str, Value]:
    return says(f"phase.names.{phase.value}")


def _place(case: Case) -> str:
    return WAITING if case.state is CaseState.WAITING else case.phase.value
