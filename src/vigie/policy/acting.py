"""Running a step so that a crash at any moment neither repeats nor loses it: intent, run, result; after a crash, look first."""

from vigie.domain.action import ActionRecord, Completed, EffectClass, Outcome
from vigie.domain.errors import Permanent
from vigie.domain.fact import Value
from vigie.domain.host import Autonomy
from vigie.policy import audit
from vigie.policy.crash import crash_point
from vigie.policy.looking import View, goal_comes, look, orphans_end
from vigie.policy.redaction import redact
from vigie.policy.scene import Scene, Task
from vigie.tools.transports.transport import GRACE_S

_COMPLETES = (EffectClass.SAFE_READ, EffectClass.REVERSIBLE)
# A host that loses the connection at every try is given up; crashes of our own are not counted.
_TRIES_BLIND = 3


async def run(scene: Scene, task: Task, *, before: str | None = None, attempt: int = 1, blind: int = 0) -> ActionRecord:
    """Run a step and write how it ended.

    Args:
        scene: where.
        task: what.
        before: the witness from before the first attempt; None when this is the first.
        attempt: counts the runs of this action.
        blind: how many of them ended unseen.

    Raises:
        Transient: the host was lost; the intent stays open, and the next call looks at the world.
        Permanent: the way in is shut.
    """
    step = task.action.step
    view = None if before is not None else await look(scene.read, scene.host, step)
    before = before if view is None else view.witness
    assert before is not None
    await scene.tell(audit.INTENT, _intent_body(task, before, attempt, view), ref=task.action.id)
    crash_point("after_intent")
    try:
        completed = await scene.transport.run(
            step.line,
            timeout_s=step.timeout_s,
            stdin=task.stdin,
            mark=task.action.id,
            cap_bytes=scene.limits.output_bytes,
        )
    except Permanent:
        await _ended(scene, task, Outcome.FAILED, "not_started", {})
        raise
    crash_point("after_act")
    if completed.rc is None and not completed.killed and blind < _TRIES_BLIND:
        return await recover(scene, task, before, attempt, blind + 1)
    outcome, detail = await _judge(scene, task, completed, before)
    return await _ended(scene, task, outcome, detail, audit.completed_body(completed))


async def recover(scene: Scene, task: Task, before: str, attempts: int, blind: int = 0) -> ActionRecord:
    """Find out what became of a step whose end was not seen, and go on from there.

    Raises:
        Transient: the host does not answer.
    """
    step = task.action.step
    await scene.tell(audit.RECOVERING, {"action": task.action.id, "line": redact(step.line)}, ref=task.action.id)
    ended, view = await _after_orphans(scene, task, before)
    changed = view.witness != before
    if changed and view.goal:
        return await _ended(scene, task, Outcome.DONE, "found_done", {"found_done": True})
    if not ended:
        return await _ended(scene, task, Outcome.UNKNOWN, "still_running", {})
    if scene.host.autonomy is Autonomy.OBSERVE:
        return await _ended(scene, task, Outcome.UNKNOWN, "observed", {})
    if changed and task.judgement.effect_class not in _COMPLETES:
        return await _ended(scene, task, Outcome.UNKNOWN, "half_done", {})
    return await run(scene, task, before=before, attempt=attempts + 1, blind=blind)


async def _judge(scene: Scene, task: Task, completed: Completed, before: str) -> tuple[Outcome, str]:
    if completed.rc is None or completed.killed:
        ended, view = await _after_orphans(scene, task, before)
        if view.witness != before:
            return (Outcome.DONE, "found_done") if view.goal else (Outcome.UNKNOWN, "half_done")
        return (Outcome.FAILED, "timed_out") if ended else (Outcome.UNKNOWN, "still_running")
    if completed.rc != 0:
        return Outcome.FAILED, "failed"
    if await goal_comes(scene.read, scene.host, task.action.step, scene.limits):
        return Outcome.DONE, ""
    return Outcome.FAILED, "goal_not_reached"


async def _after_orphans(scene: Scene, task: Task, before: str) -> tuple[bool, View]:
    """Wait for what still runs of a step; return whether it ended, and what is seen then."""
    step = task.action.step

    async def is_done() -> bool:
        view = await look(scene.read, scene.host, step)
        return view.goal and view.witness != before

    ended = await orphans_end(
        scene.transport,
        scene.host,
        task.action.id,
        limit_s=step.timeout_s + GRACE_S,
        settle_s=scene.limits.orphan_settle_s,
        is_done=is_done,
    )
    return ended, await look(scene.read, scene.host, step)


async def _ended(scene: Scene, task: Task, outcome: Outcome, detail: str, more: dict[str, Value]) -> ActionRecord:
    record = task.record(outcome, detail)
    await scene.tell(audit.RESULT, {**audit.record_body(record), **more}, ref=record.id)
    crash_point("after_result")
    return record


def _intent_body(task: Task, before: str, attempt: int, view: View | None) -> dict[str, Value]:
    record = task.record(Outcome.UNKNOWN)
    seen: dict[str, Value] = {} if view is None else {"witness_seen": audit.excerpt(view.seen.stdout), "goal_before": view.goal}
    return {
        "action": record.id,
        "line": record.command,
        "class": record.effect_class.value,
        "effects": list(record.effects),
        "plan_hash": task.plan.hash,
        "index": task.action.index,
        "remedy": task.plan.remedy,
        "approval": task.approval,
        "witness": before,
        "attempt": attempt,
        **seen,
    }
