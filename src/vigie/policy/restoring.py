"""Putting a backup back: each path compared, put, and compared again; what is as it was is left alone."""

import uuid
from collections.abc import Sequence
from dataclasses import replace

from vigie.domain.action import Action, ActionRecord, Backup, Outcome, Plan
from vigie.policy import audit, backups
from vigie.policy.backups import Saved
from vigie.policy.crash import crash_point
from vigie.policy.scene import Scene, Task
from vigie.policy.shell import classify

CAUSE = "backup.restore"


def plan_of(backup: Backup, contents: Sequence[tuple[Saved, str]]) -> Plan:
    """Return what restoring a backup would do; its hash covers every byte, since artefacts are named by their content."""
    steps = tuple(replace(saved.restoring(), stdin=artefact) for saved, artefact in contents)
    return Plan(
        id=f"restore-{backup.id}",
        host=backup.host,
        cause=CAUSE,
        remedy=None,
        slots={"backup": backup.id},
        steps=steps,
        backups=tuple(saved.path for saved, _ in contents),
    )


def tasks_of(backup: Backup, plan: Plan, contents: Sequence[tuple[Saved, str]], approval: str | None) -> list[Task]:
    """Return the actions of a restore; each call makes new ones, since restoring twice is harmless."""
    turn = uuid.uuid4().hex[:8]
    return [
        Task(
            Action(f"{backup.id}-R{turn}-{index}", backup.case, backup.host, step, plan.hash, index),
            plan,
            classify(step.line),
            saved.content,
            approval,
        )
        for index, (step, (saved, _)) in enumerate(zip(plan.steps, contents, strict=True))
    ]


async def restore(scene: Scene, task: Task, saved: Saved) -> ActionRecord:
    """Put one path back as it was saved.

    Raises:
        Transient: the host was lost; restoring again is safe.
        Permanent: what is there now cannot be told.
    """
    if await backups.now(scene, saved.path) == saved:
        return task.record(Outcome.DONE, "already_so")
    record = task.record(Outcome.UNKNOWN)
    body = {**audit.record_body(record), "plan_hash": task.plan.hash, "index": task.action.index, "approval": task.approval}
    await scene.tell(audit.RESTORE_INTENT, body, ref=task.action.id)
    crash_point("after_intent")
    step = task.action.step
    completed = await scene.transport.run(
        step.line,
        timeout_s=step.timeout_s,
        stdin=saved.content if saved.kind in ("file", "folder") else None,
        mark=task.action.id,
    )
    crash_point("after_act")
    # A folder keeps what came since: only that the archive was unpacked can be told.
    is_back = completed.rc == 0 if saved.kind == "folder" else await backups.now(scene, saved.path) == saved
    record = task.record(Outcome.DONE) if is_back else task.record(Outcome.FAILED, "not_restored")
    await scene.tell(audit.RESULT, {**audit.record_body(record), **audit.completed_body(completed)}, ref=record.id)
    crash_point("after_result")
    return record
