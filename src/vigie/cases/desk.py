"""The desk: everything that the interfaces may ask of cases."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from vigie.agents.bench import Bench
from vigie.agents.registry import Registry
from vigie.cases.intake import Intake
from vigie.cases.lifecycle import Lifecycle
from vigie.cases.schedule import Sampler, Schedule
from vigie.cases.team import Team
from vigie.cases.work import told
from vigie.clock import Clock
from vigie.domain.action import Plan
from vigie.domain.approval import Approval, Decision
from vigie.domain.baseline import Baseline, Change
from vigie.domain.case import Case, CaseKind, CaseState, Phase
from vigie.domain.errors import Permanent, Transient
from vigie.domain.finding import Finding
from vigie.domain.happening import Happening
from vigie.domain.host import DEFAULT_TENANT, Autonomy
from vigie.memory.memory import Memory
from vigie.policy.limits import Limits
from vigie.policy.redaction import redact

if TYPE_CHECKING:
    from vigie.cases.durable import Durable
    from vigie.knowledge.library import Knowledge
    from vigie.policy.gate import Gate

logger = logging.getLogger(__name__)

_INTAKE_S = 20.0
_LOOK_AGAIN_S = 0.2
_TAKE_OVER_EVERY_S = 3.0
_Decided = Literal[Decision.APPROVED, Decision.REJECTED]
_LEGS_MOST = 50
_SWEEP_EVERY_S = 86400.0
_LIVE = frozenset({"PENDING", "ENQUEUED", "DELAYED"})


class Desk:
    """The cases of one tenant in this process. The engine is opened when it is first needed: reading a case does not."""

    def __init__(
        self,
        memory: Memory,
        *,
        gate: "Gate",
        knowledge: "Knowledge",
        registry: Registry,
        clock: Clock,
        tenant: str = DEFAULT_TENANT,
        limits: Limits | None = None,
    ) -> None:
        self._memory = memory
        self._store = memory.of(tenant)
        self._clock = clock
        self._intake = Intake(self._store, clock)
        self._team = Team.of(Bench(gate, knowledge, self._store, clock, (str(memory.home),)), registry)
        self._life = Lifecycle(memory, self._team_of, clock, limits=limits or Limits())
        self._durable: Durable | None = None
        self._opening = asyncio.Lock()

    def _team_of(self, tenant: str) -> Team:
        if tenant != self._store.tenant:
            raise Permanent("case.other_tenant", tenant=tenant)
        return self._team

    async def open(
        self,
        host: str,
        *,
        ticket: str | None = None,
        findings: Sequence[Finding] = (),
        autonomy: Autonomy | None = None,
        timeout_s: float = 300.0,
        language: str = "en",
        kind: CaseKind | None = None,
    ) -> Case:
        """Return the case about this: a new one, or the one that this trouble already has.

        Raises:
            Permanent: there is no such host.
        """
        known = await self._store.hosts.get(host)
        asked = self._intake.ask(
            known, ticket=ticket, findings=findings, autonomy=autonomy, timeout_s=timeout_s, language=language, kind=kind
        )
        door, me = f"intake:{known.name}", f"{id(asyncio.current_task())}-{self._clock.now().isoformat()}"
        while (fence := await self._store.leases.take(door, me, _INTAKE_S)) is None:  # noqa: ASYNC110  # held by another process
            await asyncio.sleep(0.05)
        try:
            return await self._intake.take(asked, known)
        finally:
            await self._store.leases.release(door, me, fence)

    async def request(self, plan: Plan, *, ticket: str, title: str, language: str, timeout_s: float = 300.0) -> Case:
        """Open a case for a change that a person asked for: it begins where the plan is allowed, or waits for an approval.

        Raises:
            Permanent: there is no such host.
        """
        host = await self._store.hosts.get(plan.host)
        asked = self._intake.ask(
            host, ticket=ticket, findings=(), autonomy=None, timeout_s=timeout_s, language=language, kind=CaseKind.REQUEST
        )
        return await self._intake.open(replace(asked, title=title, plan=plan, phase=Phase.APPROVE), host)

    async def work(self, case_id: str) -> Case:
        """Work a case in this process, or join whoever works it, until it is closed or waits for a person."""
        case = await self.get(case_id)
        await self.start(case.id)
        next_look_s = self._clock.monotonic_s() + _TAKE_OVER_EVERY_S
        while not _is_still(case := await self.get(case.id)):
            await asyncio.sleep(_LOOK_AGAIN_S)
            if self._clock.monotonic_s() >= next_look_s:
                next_look_s = self._clock.monotonic_s() + _TAKE_OVER_EVERY_S
                await (await self._engine()).take_over()
                await self._see_to(await self.get(case.id))
        return case

    async def start(self, case_id: str) -> None:
        """See that a case is being worked, in the background; so is whatever a dead process left."""
        await self.carry_on()
        await self._see_to(await self.get(case_id))

    async def carry_on(self) -> "list[str]":
        """Take up, in the background, every case that a dead process left or nothing holds back any more; return their ids."""
        engine = await self._engine()
        await engine.take_over()
        unended = await self._store.cases.list(states=(CaseState.WORKING, CaseState.WAITING), limit=1000)
        return [case.id for case in unended if await self._see_to(case)]

    async def lives_here(self, case_id: str) -> bool:
        """Say whether this process works the case now."""
        case = await self.get(case_id)
        return self._durable is not None and self._durable.runs_here(case.tenant, case.id, case.leg)

    async def keep_carrying_on(self) -> None:
        """Carry on for as long as a server runs: other processes die at any time. Runs until cancelled."""
        sweep_at_s = 0.0
        while True:
            try:
                await self.carry_on()
                if self._clock.monotonic_s() >= sweep_at_s:
                    sweep_at_s = self._clock.monotonic_s() + _SWEEP_EVERY_S
                    await (await self._engine()).sweep(now=self._clock.now())
            except Transient:
                logger.warning("cases not carried on", exc_info=True)
            await asyncio.sleep(_TAKE_OVER_EVERY_S)

    async def approve(self, case_id: str, *, plan_hash: str, by: str) -> Case:
        """Let a plan be done, exactly as it was shown.

        Raises:
            Permanent: the case waits for nothing, the plan is another, or the time to answer is over.
        """
        case, approval = await self._asked(case_id)
        if approval.decision is not Decision.APPROVED or approval.plan_hash != plan_hash:
            await self._decide(case, approval, Decision.APPROVED, by, plan_hash)
            await self._tell(case, "case.approved", by, approval, hash=plan_hash)
        return await self._go_on(case)

    async def reject(self, case_id: str, *, by: str, reason: str = "") -> Case:
        """Refuse a plan; what was done of it is taken back, and the case goes to a person.

        Raises:
            Permanent: the case waits for nothing, or it was decided before.
        """
        case, approval = await self._asked(case_id)
        await self._decide(case, approval, Decision.REJECTED, by, approval.plan_hash)
        await self._tell(case, "case.rejected", by, approval, reason=redact(reason))
        return await self._go_on(case)

    async def lower(self, host: str, autonomy: Autonomy) -> None:
        """Take from the open cases of a host the autonomy that it no longer has."""
        for case in await self._store.cases.list(states=(CaseState.WORKING, CaseState.WAITING), host=host, limit=1000):
            while case.autonomy.goes_beyond(autonomy) and case.phase is not Phase.CLOSED:
                with suppress(Transient):  # whoever works it saved in between
                    await self._store.cases.save(replace(case, autonomy=autonomy))
                case = await self.get(case.id)  # noqa: PLW2901  # as it is now

    async def comment(self, case_id: str, *, by: str, text: str) -> Case:
        """Write a person's words into the case."""
        case = await self.get(case_id)
        await self._store.journal.append("case.commented", actor=_person(by), case=case.id, body={"text": redact(text)})
        return case

    async def get(self, case_id: str) -> Case:
        """Return a case.

        Raises:
            Permanent: there is none.
        """
        return await self._store.cases.get(case_id)

    async def timeline(self, case_id: str, after: int = 0) -> "list[Happening]":
        """Return what happened in a case after a number, oldest first."""
        case = await self.get(case_id)
        found: list[Happening] = []
        while page := await self._store.journal.read(found[-1].seq if found else after, case=case.id, limit=1000):
            found += page
        return found

    async def take_baseline(self, host: str) -> Baseline:
        """Record what should not change unnoticed on a host."""
        return await self._team.monitor.take_baseline(await self._team.monitor.meet(await self._store.hosts.get(host)))

    async def diff(self, host: str) -> "list[Change]":
        """Return what has changed on a host since its last baseline.

        Raises:
            Permanent: there is no baseline of it.
        """
        known = await self._store.hosts.get(host)
        if await self._store.baselines.latest(known.name) is None:
            raise Permanent("case.no_baseline", host=known.name)
        return await self._team.monitor.changes(await self._team.monitor.meet(known), case=None)

    def schedule(self, pipeline: Sampler, sink: Callable[[Finding], Awaitable[None]]) -> Schedule:
        """Return what repeats the standing watches, feeding their samples to `pipeline` and their findings to `sink`."""
        return Schedule(self._store, self._team.monitor, pipeline, sink, self._clock)

    async def close(self) -> None:
        """Let the steps in flight end, and leave the rest to the next process."""
        if self._durable is not None:
            await self._durable.close()
            self._durable = None

    async def _engine(self) -> "Durable":
        async with self._opening:
            if self._durable is None:
                # The engine costs a second to import: only who works a case pays for it.
                from vigie.cases.durable import Durable

                engine = Durable(self._memory.home, self._life.live, database_url=self._memory.database_url)
                await engine.launch()
                self._durable = engine
        return self._durable

    async def _see_to(self, case: Case) -> bool:
        """See that a leg of the case lives somewhere; return whether this started one."""
        if case.phase is Phase.CLOSED or (case.state is CaseState.WAITING and not await self._may_go_on(case)):
            return False
        engine = await self._engine()
        if case.state is CaseState.WAITING:
            case = await self._next_leg(case, left_s=case.timeout_s)
        status = await engine.status(case.tenant, case.id, case.leg)
        if status in _LIVE:
            return False
        if status is not None and case.leg >= _LEGS_MOST:
            await self._give_up(case)
            return False
        if status is not None:
            logger.warning("leg ended before its case", extra={"case": case.id, "leg": case.leg, "status": status})
            case = await self._next_leg(case)
        await engine.start(case.tenant, case.id, case.leg)
        return True

    async def _give_up(self, case: Case) -> None:
        """Close a case whose legs end again and again before it does: something is broken that no new leg will mend."""
        logger.error("case given up", extra={"case": case.id, "leg": case.leg})
        why = told(Permanent("case.bug", phase=case.phase.value, seen="leg"))
        await self._store.journal.append("case.failed", actor="vigie", case=case.id, body={"why": why})
        with suppress(Transient):
            await self._store.cases.save(replace(case, state=CaseState.FAILED, phase=Phase.CLOSED, updated_at=self._clock.now()))

    async def _may_go_on(self, case: Case) -> bool:
        if case.approval is None:
            return await self._team.registry.resting(case.phase) is None
        approval = await self._store.approvals.get(case.approval)
        return approval.decision in (Decision.APPROVED, Decision.USED, Decision.REJECTED)

    async def _next_leg(self, case: Case, **fields: float | Phase | None) -> Case:
        now = self._clock.now()
        try:
            return await self._store.cases.save(
                replace(case, leg=case.leg + 1, state=CaseState.WORKING, updated_at=now, **fields)  # type: ignore[arg-type]  # by name
            )
        except Transient:
            return await self.get(case.id)  # another process has started it

    async def _go_on(self, case: Case) -> Case:
        if self._durable is not None:
            await self._see_to(case)
        return await self.get(case.id)

    async def _asked(self, case_id: str) -> tuple[Case, Approval]:
        case = await self.get(case_id)
        if case.state is not CaseState.WAITING or case.approval is None:
            raise Permanent("case.not_waiting", case=case.id, state=case.state.value)
        return case, await self._store.approvals.get(case.approval)

    async def _decide(self, case: Case, approval: Approval, decision: _Decided, by: str, plan_hash: str) -> None:
        try:
            await self._store.approvals.decide(approval.id, decision, _person(by), plan_hash, self._clock.now())
        except Permanent as error:
            if error.key == "approval.expired":
                # Too much may have changed since it was shown: the case looks again, and asks again.
                again = replace(case, phase=Phase.DIAGNOSE, approval=None, plan=None, verdict=None, facts=())
                await self._next_leg(again, left_s=case.timeout_s)
            raise

    async def _tell(self, case: Case, kind: str, by: str, approval: Approval, **body: str) -> None:
        await self._store.journal.append(kind, actor=_person(by), case=case.id, body={**body}, ref=approval.id)

    # Last, because it hides the type of that name from what would come after it.
    async def list(
        self,
        *,
        states: Sequence[CaseState] | None = None,
        host: str | None = None,
        text: str | None = None,
        limit: int = 100,
        before: str | None = None,
    ) -> "list[Case]":
        """Return cases, newest first."""
        return await self._store.cases.list(states=states, host=host, text=text, limit=limit, before=before)


def _person(name: str) -> str:
    return name if ":" in name else f"person:{name}"


def _is_still(case: Case) -> bool:
    return case.phase is Phase.CLOSED or case.state is CaseState.WAITING
