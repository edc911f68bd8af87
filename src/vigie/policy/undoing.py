"""Taking a step back: its undo lines, one after the other, each with intent and result like any action."""

from vigie.domain.action import ActionRecord, Outcome
from vigie.domain.fact import Value
from vigie.domain.happening import Happening
from vigie.policy import audit
from vigie.policy.audit import Trail
from vigie.policy.crash import crash_point
from vigie.policy.looking import look, orphans_end
from vigie.policy.redaction import redact
from vigie.policy.scene import Scene, Task
from vigie.tools.transports.transport import GRACE_S


async def undo(scene: Scene, task: Task) -> ActionRecord:
    """Take a step back; one that was never begun, or that changed nothing, needs nothing.

    Raises:
        Transient: the host was lost; the next call goes on where this one stopped.
    """
    trail = await Trail.of(scene.memory, task.action.id)
    began, undone = trail.first(audit.INTENT), trail.first(audit.UNDONE)
    if undone is not None:
        return audit.record_of(undone)
    if began is None:
        return task.record(Outcome.SKIPPED, "never_begun")
    if not task.action.step.undo:
        return task.record(Outcome.SKIPPED, "no_undo")
    before = str(began.body["witness"])
    await scene.tell(audit.UNDOING, {"action": task.action.id, "line": redact(task.action.step.line)}, ref=task.action.id)
    await _wait_for(scene, task, task.action.id)
    started = await Trail.of(scene.memory, _ref(task, 0))
    if not started.rows and await _witness(scene, task) == before:
        return await _ended(scene, task, Outcome.UNDONE, "nothing_to_undo")
    for index, line in enumerate(task.action.step.undo):
        if not await _undo_line(scene, task, index, line):
            is_back = await _witness(scene, task) == before
            return await _ended(scene, task, Outcome.UNDONE if is_back else Outcome.FAILED, "" if is_back else "undo_failed")
    return await _ended(scene, task, Outcome.UNDONE, "")


async def _undo_line(scene: Scene, task: Task, index: int, line: str) -> bool:
    """Run one undo line once; return whether it did its work."""
    ref = _ref(task, index)
    trail = await Trail.of(scene.memory, ref)
    ended, began = trail.first(audit.UNDO_RESULT), trail.first(audit.UNDO_INTENT)
    if ended is not None:
        return bool(ended.body["done"])
    if began is not None and await _took_effect(scene, task, ref, began):
        await scene.tell(audit.UNDO_RESULT, _body(task, line, done=True, found_done=True), ref=ref)
        return True
    before = str(began.body["witness"]) if began is not None else await _witness(scene, task)
    await scene.tell(audit.UNDO_INTENT, _body(task, line, witness=before), ref=ref)
    crash_point("after_undo_intent")
    completed = await scene.transport.run(
        line,
        timeout_s=task.action.step.timeout_s,
        stdin=task.feeds.get(line),
        mark=ref,
        cap_bytes=scene.limits.output_bytes,
    )
    crash_point("after_undo")
    done = completed.rc == 0
    if completed.rc is None:
        done = await _witness(scene, task) != before
    await scene.tell(audit.UNDO_RESULT, {**_body(task, line, done=done), **audit.completed_body(completed)}, ref=ref)
    return done


async def _took_effect(scene: Scene, task: Task, ref: str, began: Happening) -> bool:
    await _wait_for(scene, task, ref)
    return await _witness(scene, task) != began.body["witness"]


async def _wait_for(scene: Scene, task: Task, mark: str) -> None:
    async def settled() -> bool:
        return True

    limits = scene.limits
    limit_s = task.action.step.timeout_s + GRACE_S
    await orphans_end(scene.transport, scene.host, mark, limit_s=limit_s, settle_s=limits.orphan_settle_s, is_done=settled)


async def _witness(scene: Scene, task: Task) -> str:
    return (await look(scene.read, scene.host, task.action.step)).witness


async def _ended(scene: Scene, task: Task, outcome: Outcome, detail: str) -> ActionRecord:
    record = task.record(outcome, detail)
    await scene.tell(audit.UNDONE, {**audit.record_body(record)}, ref=record.id)
    return record


def _ref(task: Task, index: int) -> str:
    return f"{task.action.id}/undo/{index}"


def _body(task: Task, line: str, **more: bool | str) -> dict[str, Value]:
    return {"action": task.action.id, "line": redact(line), "plan_hash": task.plan.hash, **more}
