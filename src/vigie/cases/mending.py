"""The second half of a life: plan, ask, save, act, verify, and take back what did not help."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from vigie.agents.verifier import told as told_twice
from vigie.cases.ending import escalate, fail_or_escalate
from vigie.cases.limits import Failure
from vigie.cases.phase import Answer, Fallback, Wait
from vigie.cases.team import Team
from vigie.cases.work import Work, told
from vigie.domain.action import Action, ActionRecord, Outcome, Plan
from vigie.domain.approval import Approval, Decision
from vigie.domain.case import CaseState, Phase
from vigie.domain.diagnosis import Hypothesis
from vigie.domain.errors import NeedsApproval, Permanent
from vigie.domain.host import Autonomy
from vigie.policy.crash import crash_point
from vigie.policy.shell import classify

APPROVAL_S = 24 * 3600.0
REPAIRS = 3
# Below this a further repair could not be verified any more.
_WORTH_ANOTHER_S = 20.0
_TOUCHED = frozenset({Outcome.DONE, Outcome.FAILED, Outcome.UNKNOWN})


def longest_step_s(work: Work) -> float:
    """Return how long the plan's slowest step may take; a step is not cut off before its own limit."""
    return max((step.timeout_s + 5.0 for step in work.case.plan.steps), default=0.0) if work.case.plan else 0.0


async def plan(work: Work, team: Team) -> Answer:
    """Choose the remedy of the cause that was found."""
    made = await team.planner.plan(await work.the_host(), work.case)
    if made is None or await _was_done(work, made):
        await work.tell("case.no_plan", actor="agent:planner", label=_label(work))
        return await escalate(work, Permanent("case.no_remedy", label=_label(work)))
    await work.change(plan=made)
    await work.tell(
        "case.planned",
        actor="agent:planner",
        hash=made.hash,
        remedy=made.remedy,
        lines=[step.line for step in made.steps],
        explanation=dict(made.explanation),
    )
    return Phase.APPROVE


async def _was_done(work: Work, made: Plan) -> bool:
    """Say whether this very plan was carried out in this case before: doing it again would be doing nothing."""
    return any([await _fate(work, action) is not None for action in actions_of(work, made)])


async def approve(work: Work, _team: Team) -> Answer:
    """Go on alone where the host's autonomy allows it, else ask a person, and take their answer."""
    if work.case.approval is not None:
        approval = await work.memory.approvals.get(work.case.approval)
        if approval.plan_hash == _plan(work).hash and approval.decision in (Decision.APPROVED, Decision.USED):
            return Phase.BACK_UP
        if approval.decision is Decision.REJECTED:
            return await _refused(work)
    match work.case.autonomy:
        case Autonomy.OBSERVE:
            return await escalate(work, Permanent("case.observe_only"))
        case Autonomy.PROPOSE:
            return await ask(work)
        case Autonomy.ACT:
            return Phase.BACK_UP


async def _refused(work: Work) -> Answer:
    is_touched = await _is_touched(work)
    for action in actions_of(work, _plan(work)):
        if await _fate(work, action) is None:
            judged = classify(action.step.line)
            await work.record(
                ActionRecord(
                    action.id,
                    action.step.line,
                    action.host,
                    judged.effect_class,
                    judged.effects,
                    bool(action.step.undo or _plan(work).backups),
                    Outcome.REFUSED,
                )
            )
    answer = await escalate(work, Permanent("case.rejected"))
    return Phase.ROLL_BACK if is_touched else answer


async def ask(work: Work) -> Wait:
    """Ask a person about exactly this plan; asking twice is asking once."""
    made = _plan(work)
    waiting = await work.memory.approvals.waiting(work.case.id)
    now = work.clock.now()
    if waiting is None or waiting.plan_hash != made.hash or waiting.expires_at <= now:
        waiting = Approval(
            id=f"{work.case.id}-{made.hash[:8]}-{work.case.leg}",
            case=work.case.id,
            host=made.host,
            plan_hash=made.hash,
            asked_at=now,
            expires_at=now + timedelta(seconds=APPROVAL_S),
        )
        await work.memory.approvals.save(waiting)
        await work.tell("case.waiting", ref=waiting.id, hash=made.hash, expires_at=waiting.expires_at.isoformat())
    return Wait(Phase.APPROVE, waiting.id)


async def back_up(work: Work, team: Team) -> Answer:
    """Save everything that the plan touches, and prove it, before anything is touched."""
    made = _plan(work)
    if await _is_touched(work):
        return Phase.ACT  # what a backup would save now is no longer what was there before
    saved = await team.keeper.back_up(await work.the_host(), made, case=work.case.id)
    if saved is not None and saved.id not in work.case.backups:
        await work.change(backups=(*work.case.backups, saved.id))
        await work.tell(
            "case.backed_up", actor="agent:keeper", ref=saved.id, backup=saved.id, items=[what for what, _ in saved.items]
        )
    return Phase.ACT


async def act(work: Work, team: Team) -> Answer:
    """Run the plan's steps one after the other; each is looked at before it is run again."""
    made = _plan(work)
    for action in actions_of(work, made):
        if await _fate(work, action) is Outcome.DONE:
            continue
        if work.left_s <= 0:
            return await _act_failed(work, Failure("case.out_of_time", {"phase": Phase.ACT.value}))
        try:
            record = await team.resolver.act(await work.the_host(), action, made, approval=work.case.approval, budget=work.budget)
        except NeedsApproval:
            return await ask(work)
        except Permanent as error:
            await work.tell("case.not_acted", actor="agent:resolver", ref=action.id, line=action.step.line, why=told(error))
            return Phase.ROLL_BACK if await _is_touched(work) else await _next_or_escalate(work, error)
        await work.record(record)
        if record.outcome is not Outcome.DONE:
            return Phase.ROLL_BACK
    return Phase.VERIFY


async def verify(work: Work, team: Team) -> Answer:
    """Look from outside, long enough, whether the trouble is gone and nothing else has changed."""
    if work.case.verdict is None:
        # A change that a person asked for mends nothing: that its step reached its goal is all there is to see.
        await work.change(verified=True, ending=CaseState.RESOLVED)
        await work.tell("case.done_as_asked", actor="agent:verifier", lines=[step.line for step in _plan(work).steps])
        return Phase.REPORT
    made, leader = _plan(work), _leader(work)
    work.last_look_good = None

    async def looked(good: bool) -> None:
        work.last_look_good = good

    seen = await team.verifier.verify(await work.the_host(), work.case, made, leader, looked=looked)
    if not seen.helped or seen.broken:
        await work.tell(
            "case.not_better",
            actor="agent:verifier",
            still=[told_twice(each) for each in seen.still],
            broken=[told_twice(each) for each in seen.broken],
        )
        return Phase.ROLL_BACK
    await work.change(verified=True, labels=tuple(dict.fromkeys((*work.case.labels, leader.label))))
    await work.tell(
        "case.verified",
        actor="agent:verifier",
        label=leader.label,
        seconds=seen.sustained_s,
        good=[told_twice(each) for each in seen.good],
    )
    # What users complain of may be gone while another fault was hidden behind this one: one more look tells.
    await work.change(ending=CaseState.RESOLVED if seen.symptoms_gone else None)
    await work.tell("case.looking_again", actor="agent:diagnostician")
    return Phase.DIAGNOSE


async def roll_back(work: Work, team: Team) -> Answer:
    """Take back everything this plan did; then try the next hypothesis while there is room for it.

    Last first; then the backup is put back; then, in the plan's order, what makes services read what was put back.
    """
    made = _plan(work)
    await work.tell("case.rolling_back", actor="agent:resolver", label=_label(work))
    crash_point("before_rollback")
    actions = actions_of(work, made)
    failed = await _undo(work, team, made, [action for action in reversed(actions) if not action.step.undo_last])
    failed += await _restore(work, team, made)
    failed += await _undo(work, team, made, [action for action in actions if action.step.undo_last])
    await work.change(rolled_back=True, verified=False, tried=tuple(dict.fromkeys((*work.case.tried, made.cause))))
    if failed:
        await work.tell("case.roll_back_failed", actor="agent:resolver", lines=list(failed))
        return await escalate(work, Permanent("case.roll_back_failed", lines="; ".join(failed)))
    await work.tell("case.rolled_back", actor="agent:resolver", label=_label(work))
    if work.case.ending is not None:
        return Phase.REPORT
    return await _next_or_escalate(work, Permanent("case.not_mended", label=_label(work)))


async def _undo(work: Work, team: Team, made: Plan, actions: Sequence[Action]) -> list[str]:
    """Take steps back by their own undo lines; return those that could not be."""
    failed: list[str] = []
    for action in actions:
        if await _fate(work, action) not in _TOUCHED or not action.step.undo:
            continue
        record = await team.resolver.undo(await work.the_host(), action, made)
        await work.record(record)
        failed += [action.step.line] if record.outcome in (Outcome.FAILED, Outcome.UNKNOWN) else []
    return failed


async def _restore(work: Work, team: Team, made: Plan) -> list[str]:
    """Put the backup back where a step that did something has no undo of its own."""
    bare = [action.id for action in actions_of(work, made) if not action.step.undo and await _fate(work, action) in _TOUCHED]
    if not bare or not made.backups or not work.case.backups:
        return []
    records = await team.keeper.restore(await work.the_host(), work.case.backups[-1])
    for record in records:
        await work.record(record)
    failed = [record.command for record in records if record.outcome is not Outcome.DONE]
    if not failed:
        for ended in [each for each in work.case.actions if each.id in bare]:
            await work.record(replace(ended, outcome=Outcome.UNDONE))
    return failed


async def _next_or_escalate(work: Work, error: Permanent) -> Answer:
    """Try the next hypothesis, within the budget of repairs and time; a repair that could not even start is not tried again."""
    if work.case.plan is not None:
        await work.change(tried=tuple(dict.fromkeys((*work.case.tried, work.case.plan.cause))), approval=None)
    if work.case.verdict is not None and len(work.case.tried) < REPAIRS and work.left_s > _WORTH_ANOTHER_S:
        return Phase.DIAGNOSE
    return await escalate(work, error)


def actions_of(work: Work, made: Plan) -> list[Action]:
    """Return the plan's actions; their ids are the same after every restart."""
    return [
        Action(f"{work.case.id}-{made.hash[:10]}-{index}", work.case.id, made.host, step, made.hash, index)
        for index, step in enumerate(made.steps)
    ]


async def _fate(work: Work, action: Action) -> Outcome | None:
    """Return how an action ended; UNKNOWN for one that was begun and whose end nobody saw; None for one never begun."""
    record = next((each for each in work.case.actions if each.id == action.id), None)
    if record is not None:
        return record.outcome
    return Outcome.UNKNOWN if await work.memory.journal.of_ref(action.id) else None


async def _is_touched(work: Work) -> bool:
    return any([await _fate(work, action) in _TOUCHED for action in actions_of(work, _plan(work))])


def _plan(work: Work) -> Plan:
    assert work.case.plan is not None, "a case is past planning without a plan"
    return work.case.plan


def _leader(work: Work) -> Hypothesis:
    assert work.case.verdict is not None
    assert work.case.verdict.leader is not None, "a case is past planning without a cause"
    return work.case.verdict.leader


def _label(work: Work) -> str:
    return work.case.title if work.case.verdict is None else _leader(work).label


async def _no_plan(work: Work, failure: Failure) -> Answer:
    return await fail_or_escalate(work, failure)


async def _act_failed(work: Work, failure: Failure) -> Answer:
    if failure.is_bug:
        await work.change(ending=CaseState.FAILED)
    if await _is_touched(work):
        return Phase.ROLL_BACK
    return await fail_or_escalate(work, failure)


async def _verify_failed(work: Work, failure: Failure) -> Answer:
    if work.left_s <= 0 and work.last_look_good:
        # Every look so far was good, there were just not enough of them: taking the mend back would do harm.
        return await escalate(work, Permanent("case.not_watched_long_enough"))
    if failure.is_bug:
        await work.change(ending=CaseState.FAILED)
    return Phase.ROLL_BACK


async def _roll_back_failed(work: Work, failure: Failure) -> Answer:
    left = [action.step.line for action in actions_of(work, _plan(work)) if await _fate(work, action) in _TOUCHED]
    await work.tell("case.roll_back_failed", actor="agent:resolver", lines=list(left), why=told(failure))
    return await fail_or_escalate(work, failure)


FALLBACKS: dict[Phase, Fallback] = {
    Phase.PLAN: _no_plan,
    Phase.APPROVE: _no_plan,
    Phase.BACK_UP: _no_plan,
    Phase.ACT: _act_failed,
    Phase.VERIFY: _verify_failed,
    Phase.ROLL_BACK: _roll_back_failed,
}
