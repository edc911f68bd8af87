"""The only door to hosts: what is read is safe, what is changed is allowed, and each is on the disk before it happens.

`permission.py` says who decides, `acting.py` runs a step so that no crash repeats or loses it, `undoing.py` takes it back,
`backups.py` saves what it touches.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

from vigie.clock import Clock
from vigie.domain.action import Action, ActionRecord, Backup, Completed, EffectClass, Plan, Step
from vigie.domain.approval import Decision
from vigie.domain.errors import NeedsApproval, Permanent, Refused, VigieError
from vigie.domain.fact import Value
from vigie.domain.happening import Happening
from vigie.domain.host import Autonomy, Host
from vigie.policy import acting, audit, backups, identity, restoring, undoing
from vigie.policy.audit import Trail
from vigie.policy.effects import Judgement
from vigie.policy.enforcement import Enforcement, is_enforced
from vigie.policy.fan_out import FanOut
from vigie.policy.limits import Budget, Limits
from vigie.policy.permission import Say, check_same, say
from vigie.policy.redaction import redact
from vigie.policy.scene import Scene, Task
from vigie.policy.shell import classify
from vigie.policy.terminals import Terminals
from vigie.tools import http
from vigie.tools.hands import Hands
from vigie.tools.http import Fetched

if TYPE_CHECKING:
    from vigie.knowledge.library import Knowledge
    from vigie.memory.memory import TenantMemory

_NOBODY = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A line that only reads. `stdin` is a script of ours or data for it; `probe` says which probe asks."""

    line: str
    stdin: bytes | None = None
    timeout_s: float = 20.0
    probe: str | None = None


class Gate:
    """One tenant's door; never waits for a person: it says `NeedsApproval` and is asked again."""

    def __init__(
        self,
        memory: "TenantMemory",
        hands: Hands,
        *,
        clock: Clock,
        render: Callable[[Plan], tuple[Step, ...]],
        limits: Limits,
        knowledge: "Knowledge | None" = None,
    ) -> None:
        """Stand before the hosts.

        Args:
            memory: where everything is written down first.
            hands: the ways to the hosts.
            clock: for approvals and budgets.
            render: makes a plan's steps anew from its remedy and slots alone; what it does not give is not of knowledge.
            limits: how much may be done.
            knowledge: tells service managers apart; None: no manager is looked for.
        """
        self._memory = memory
        self._hands = hands
        self._clock = clock
        self._render = render
        self._limits = limits
        self._knowledge = knowledge
        self._terminals = Terminals(memory, hands, clock)

    @property
    def fleet(self) -> FanOut:
        """Return the way to many hosts at once."""
        return FanOut(self._memory, self._hands, self._clock, self._limits)

    @property
    def terminals(self) -> Terminals:
        """Return the terminals that people have open."""
        return self._terminals

    @property
    def enforcement(self) -> Enforcement:
        """Return the way to the gates on the hosts themselves."""
        return Enforcement(self._memory, self._hands)

    async def identify(self, host: Host, *, actor: str) -> Host:
        """Return the host with its system, manager and status as they are now.

        Raises:
            Transient: it cannot be reached.
            Permanent: the way in is shut.
        """
        lines = identity.lines(self._knowledge, host)
        answers = await self.read(host, [Reading(line) for line in lines], actor=actor)
        known = identity.identified(host, answers, self._knowledge)
        notes = (await self._hands.on(host)).notes()
        known = replace(known, options={**known.options, **notes})
        await self._memory.journal.append(
            "host.identified", actor=actor, body={"host": known.name, "os": known.os or "?", "manager": known.manager or "?"}
        )
        return known

    async def read(
        self, host: Host, readings: Sequence[Reading], *, actor: str, case: str | None = None, observing: bool = False
    ) -> list[Completed]:
        """Run safe reads, several at once, and return their raw answers in order; redact them before they are kept.

        `observing`: with the key that can only read what is listed, on a host that has a gate of its own.

        Raises:
            Refused: one of them does more than read; none was run.
            Transient: the host cannot be reached.
            Permanent: the way in is shut.
        """
        for reading in readings:
            judgement = classify(reading.line, stdin=reading.stdin)
            if judgement.effect_class is not EffectClass.SAFE_READ:
                await self._refuse("gate.not_a_read", judgement, host, actor, case)
        if not readings:
            return []
        probes = sorted({reading.probe for reading in readings if reading.probe})
        body: dict[str, Value] = {
            "host": host.name,
            "lines": [redact(reading.line) for reading in readings],
            "count": len(readings),
            "probes": [*probes],
        }
        await self._memory.journal.append("host.read", actor=actor, case=case, body=body)
        transport = await self._hands.on(host, only_reads=observing and is_enforced(host))
        turns = asyncio.Semaphore(self._limits.reads_at_once)

        async def one(reading: Reading) -> Completed:
            async with turns:
                return await transport.run(
                    reading.line, timeout_s=reading.timeout_s, stdin=reading.stdin, cap_bytes=self._limits.output_bytes
                )

        return await _together([one(reading) for reading in readings])

    async def back_up(self, host: Host, plan: Plan, *, case: str, actor: str) -> Backup | None:
        """Save what a plan touches, read it back and compare; None when the plan names nothing to save.

        Raises:
            Permanent: something could not be saved so that it can be put back (`backup.*`).
            Transient: the host was lost.
        """
        if plan.host != host.name:
            raise Refused("gate.other_host", host=host.name, planned=plan.host)
        if not plan.backups:
            return None
        return await backups.back_up(await self._scene(host, case, actor), plan)

    async def act(
        self, host: Host, action: Action, plan: Plan, *, actor: str, approval: str | None, budget: Budget
    ) -> ActionRecord:
        """Run one step of a plan; called again after a crash or a lost host, it looks first and never repeats.

        Raises:
            NeedsApproval: a person must decide.
            Refused: the policy says never, or the step is not the one that was shown.
            Permanent: precondition, backup, approval or budget do not hold, or the way in is shut.
            Transient: the host was lost.
        """
        trail = await Trail.of(self._memory, action.id)
        ended = trail.record()
        if ended is not None:
            return ended
        task = await self._task(host, action, plan, actor)
        scene = await self._scene(host, action.case, actor, task.feeds)
        began = trail.first(audit.INTENT)
        if began is not None:
            await self._check_begun(began, task, host, actor)
            return await acting.recover(scene, task, str(began.body["witness"]), trail.count(audit.INTENT))
        return await acting.run(scene, await self._permitted(scene, task, approval, budget))

    async def undo(self, host: Host, action: Action, plan: Plan, *, actor: str) -> ActionRecord:
        """Take one step back with its own undo lines, as they were shown with it.

        Raises:
            Refused: an undo line is forbidden, the host is only observed, or the plan was altered.
            Transient: the host was lost; called again, it goes on.
        """
        task = await self._task(host, action, plan, actor)
        for line in action.step.undo:
            judgement = classify(line, stdin=task.feeds.get(line))
            if judgement.effect_class is EffectClass.FORBIDDEN:
                await self._refuse("gate.forbidden", judgement, host, actor, action.case)
        began = (await Trail.of(self._memory, action.id)).first(audit.INTENT)
        if began is not None:
            await self._check_begun(began, task, host, actor)
        if host.autonomy is Autonomy.OBSERVE:
            await self._refuse("gate.observed", task.judgement, host, actor, action.case)
        return await undoing.undo(await self._scene(host, action.case, actor, task.feeds), task)

    async def restore(self, host: Host, backup_id: str, *, actor: str, approval: str | None) -> list[ActionRecord]:
        """Put a backup back, path by path.

        A person's own order is their decision; what is there now is saved first. A case may roll itself back. Anything else
        needs an approval of exactly this restore.

        Raises:
            NeedsApproval: a person must decide.
            Refused: another host, an observed host, or a path that is never written.
            Permanent: the backup is not what was saved.
        """
        backup = await self._memory.backups.get(backup_id)
        contents = await backups.contents(self._memory, backup)
        plan = restoring.plan_of(backup, contents)
        tasks = restoring.tasks_of(backup, plan, contents, approval)
        if backup.host != host.name:
            raise Refused("gate.other_host", host=host.name, planned=backup.host)
        for task in tasks:
            match say(task.judgement.effect_class, host.autonomy):
                case Say.REFUSE:
                    key = "gate.forbidden" if task.judgement.effect_class is EffectClass.FORBIDDEN else "gate.observed"
                    await self._refuse(key, task.judgement, host, actor, backup.case)
        scene = await self._scene(host, backup.case, actor)
        if approval is not None:
            await self._use(scene, plan, approval, index=None)
        elif actor.startswith("person:"):
            await backups.back_up(scene, plan)
        elif not await self._is_roll_back(backup):
            raise NeedsApproval("gate.needs_approval", _NOBODY, host=host.name, line=redact(plan.steps[0].line))
        return [await restoring.restore(scene, task, saved) for task, (saved, _) in zip(tasks, contents, strict=True)]

    async def fetch(
        self, url: str, *, actor: str, case: str | None = None, timeout_s: float = 10.0, method: str = "GET"
    ) -> Fetched:
        """Ask for a URL from our own side, only to look.

        Raises:
            Refused: it is no http(s) URL, or the method may change something.
        """
        if urlsplit(url).scheme not in ("http", "https") or method not in ("GET", "HEAD"):
            raise Refused("gate.not_a_fetch", url=redact(url), method=method)
        await self._memory.journal.append("host.fetched", actor=actor, case=case, body={"url": redact(url), "method": method})
        return await http.fetch(url, timeout_s=timeout_s, method=method)

    # What `act` asks before it lets a step pass.

    async def _permitted(self, scene: Scene, task: Task, approval: str | None, budget: Budget) -> Task:
        """Return the task, with the approval that was used, when it may run now."""
        action, plan = task.action, task.plan
        intents = await audit.rows_of(self._memory, action.case, audit.INTENT)
        used = None
        match say(task.judgement.effect_class, scene.host.autonomy):
            case Say.REFUSE:
                is_forbidden = task.judgement.effect_class is EffectClass.FORBIDDEN
                key = "gate.forbidden" if is_forbidden else "gate.observed"
                await self._refuse(key, task.judgement, scene.host, scene.actor, action.case)
            case Say.ASK:
                if approval is None and not self._is_vouched(scene.host, task):
                    await self._ask(task)
                used = approval
        budget.check(intents, self._clock.now())
        if plan.backups and await backups.proved(self._memory, action.case, plan) is None:
            raise Permanent("backup.not_proved", path=plan.backups[0])
        if not any(row.body["plan_hash"] == plan.hash for row in intents):
            await self._check_precondition(scene, plan)
        if used is not None:
            await self._use(scene, plan, used, index=action.index, intents=intents)
        return replace(task, approval=used)

    def _is_vouched(self, host: Host, task: Task) -> bool:
        """Say whether a dangerous step may run alone: a known remedy's to the letter, with a way back or nothing to lose."""
        plan = task.plan
        if host.autonomy is not Autonomy.ACT or plan.remedy is None or not (plan.backups or plan.loses_nothing):
            return False
        try:
            rendered = self._render(plan)
        except VigieError:
            return False
        return rendered == plan.steps

    async def _check_precondition(self, scene: Scene, plan: Plan) -> None:
        """Read the plan's precondition once more, just before its first step."""
        if not plan.precondition:
            return
        for answer in await scene.read(plan.precondition):
            if answer.rc != 0:
                raise Permanent("gate.precondition", host=scene.host.name, line=redact(answer.line))

    async def _use(
        self, scene: Scene, plan: Plan, approval_id: str, *, index: int | None, intents: Sequence[Happening] = ()
    ) -> None:
        """Use an approval up for a plan; its later steps find it used by this very plan."""
        approval = await self._memory.approvals.get(approval_id)
        if approval.host != scene.host.name or approval.case != scene.case:
            raise Refused("gate.approval_elsewhere", approval=approval_id, host=approval.host)
        if approval.plan_hash != plan.hash:
            raise Permanent("approval.hash", approval=approval_id, case=approval.case)
        if approval.decision is Decision.WAITING:
            raise NeedsApproval(
                "gate.needs_approval", approval_id, host=scene.host.name, line=redact(plan.steps[index or 0].line)
            )
        if approval.decision is not Decision.USED or index is None:
            await self._memory.approvals.use(approval_id, plan.hash, self._clock.now())
            return
        if any(row.body["approval"] == approval_id and row.body["index"] == index for row in intents):
            raise Permanent("approval.decided", approval=approval_id, case=approval.case)

    async def _ask(self, task: Task) -> NoReturn:
        waiting = await self._memory.approvals.waiting(task.action.case)
        asked = waiting.id if waiting is not None and waiting.plan_hash == task.plan.hash else _NOBODY
        raise NeedsApproval("gate.needs_approval", asked, host=task.action.host, line=redact(task.action.step.line))

    async def _is_roll_back(self, backup: Backup) -> bool:
        """Say whether the backup's own case has acted since it was taken, with the plan it was taken for."""
        rows = await audit.rows_of(self._memory, backup.case, backups.TAKEN, audit.INTENT)
        taken = next((row for row in rows if row.kind == backups.TAKEN and row.body["backup"] == backup.id), None)
        if taken is None:
            return False
        since = [row for row in rows if row.kind == audit.INTENT and row.seq > taken.seq]
        return any(row.body["plan_hash"] == taken.body["plan_hash"] for row in since)

    async def _check_begun(self, began: Happening, task: Task, host: Host, actor: str) -> None:
        """See that what was begun under this id is what is asked for now."""
        if began.body["plan_hash"] != task.plan.hash:
            values = {"action": task.action.id}
            await self._refuse("gate.plan_altered", task.judgement, host, actor, task.action.case, values)

    async def _task(self, host: Host, action: Action, plan: Plan, actor: str) -> Task:
        stdin = await self._stdin(action.step.stdin)
        judgement = classify(action.step.line, stdin=stdin)
        try:
            check_same(host, action, plan)
        except Refused as error:
            await self._refuse(error.key, judgement, host, actor, action.case, error.values)
        feeds = {line: fed for line, name in action.step.feeds.items() if (fed := await self._stdin(name)) is not None}
        return Task(action, plan, judgement, stdin, feeds=feeds)

    async def _stdin(self, source: str | None) -> bytes | None:
        """Return what a line reads: an artefact, or `script:NAME` of the knowledge."""
        if source is None:
            return None
        kind, _, name = source.partition(":")
        if kind != "script":
            return await self._memory.artefacts.get(source)
        scripts = self._knowledge.scripts if self._knowledge is not None else {}
        if name not in scripts:
            raise Permanent("gate.no_script", script=name)
        return scripts[name].source

    async def _scene(self, host: Host, case: str, actor: str, feeds: Mapping[str, bytes] | None = None) -> Scene:
        async def read(lines: Sequence[str]) -> list[Completed]:
            readings = [Reading(line, stdin=(feeds or {}).get(line)) for line in lines]
            return await self.read(host, readings, actor=actor, case=case)

        return Scene(self._memory, await self._hands.on(host), read, self._limits, host, case, actor)

    async def _refuse(
        self,
        key: str,
        judgement: Judgement,
        host: Host,
        actor: str,
        case: str | None,
        values: Mapping[str, object] | None = None,
    ) -> NoReturn:
        """Write the refusal down, and refuse."""
        line = redact(judgement.line)
        body: dict[str, Value] = {
            "host": host.name,
            "line": line,
            "class": judgement.effect_class.value,
            "reasons": [redact(reason) for reason in judgement.reasons],
            "rule": key,
        }
        await self._memory.journal.append(audit.REFUSED, actor=actor, case=case, body=body)
        told = {
            "host": host.name,
            "line": line,
            "effect_class": judgement.effect_class.value,
            "reasons": " ".join(judgement.reasons),
        }
        raise Refused(key, **told | dict(values or {}))


async def _together(reads: "Sequence[Coroutine[None, None, Completed]]") -> list[Completed]:
    """Run reads of one host at once; the first that loses it ends the others, which would only wait for the same silence."""
    tasks = [asyncio.ensure_future(read) for read in reads]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
