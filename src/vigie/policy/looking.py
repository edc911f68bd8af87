"""Looking at the world around a step: its witness, its goal, and processes that a crash left running."""

import asyncio
import hashlib
import shlex
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from vigie.domain.action import Completed, Step
from vigie.domain.errors import Transient
from vigie.domain.host import Host
from vigie.policy.limits import Limits
from vigie.tools.shell import MARK, checked_mark
from vigie.tools.transports.transport import Transport

_LOOK_S = 20.0
_PATIENCE_S = (0.1, 0.2, 0.5, 1.0, 2.0)

ReadLines = Callable[[Sequence[str]], Awaitable[list[Completed]]]


@dataclass(frozen=True, slots=True)
class View:
    """What was seen: the witness as a digest and in words, and whether the goal is reached."""

    witness: str
    seen: Completed
    goal: bool


async def look(read: ReadLines, host: Host, step: Step) -> View:
    """Read a step's witness and goal.

    Raises:
        Transient: the answer did not come.
    """
    witness, goal = await read([step.witness, step.goal])
    for completed in (witness, goal):
        if completed.rc is None or completed.killed:
            raise Transient("host.no_answer", host=host.name, line=completed.line)
    return View(digest(witness), witness, goal.rc == 0)


def digest(completed: Completed) -> str:
    """Return what tells two answers apart."""
    return hashlib.sha256(b"%d\n" % (completed.rc or 0) + completed.stdout).hexdigest()


async def goal_comes(read: ReadLines, host: Host, step: Step, limits: Limits) -> bool:
    """Wait for a step's goal: a service that was started needs a moment."""
    loop = asyncio.get_running_loop()
    ends_s = loop.time() + limits.goal_wait_s
    tries = 0
    while not (await look(read, host, step)).goal:
        if loop.time() >= ends_s:
            return False
        await _pause(tries)
        tries += 1
    return True


async def orphans_end(
    transport: Transport, host: Host, mark: str, *, limit_s: float, settle_s: float, is_done: Callable[[], Awaitable[bool]]
) -> bool:
    """Wait until nothing that carries `mark` runs any more; False when something still does.

    A step that started a service leaves its mark on it for ever: once the step shows as done, it is waited for no longer
    than `settle_s`.
    """
    loop = asyncio.get_running_loop()
    started_s = loop.time()
    tries = 0
    while await _is_running(transport, host, mark):
        waited_s = loop.time() - started_s
        if waited_s >= limit_s:
            return False
        if waited_s >= settle_s and await is_done():
            return True
        await _pause(tries)
        tries += 1
    return True


async def _is_running(transport: Transport, host: Host, mark: str) -> bool:
    line = f"grep -lszxF -e {shlex.quote(f'{MARK}={checked_mark(mark)}')} /proc/[0-9]*/environ; true"
    answer = await transport.run(line, timeout_s=_LOOK_S)
    if answer.rc is None or answer.killed:
        raise Transient("host.no_answer", host=host.name, line=line)
    return bool(answer.stdout.strip())


async def _pause(tries: int) -> None:
    await asyncio.sleep(_PATIENCE_S[min(tries, len(_PATIENCE_S) - 1)])
