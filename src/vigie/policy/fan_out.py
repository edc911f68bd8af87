"""One line on many hosts: written down once before and once after; a change goes to one host first, and stops where it fails.

A part of the gate, as `acting.py` is: nobody else is given hands. Reads run everywhere at once. Of a change each host has rows of
its own too, so that after a crash or a cut the next order knows where it was begun and never seen to end.
"""

import asyncio
import secrets
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, NoReturn

from vigie.clock import Clock
from vigie.domain.action import Completed, EffectClass
from vigie.domain.approval import Approval, Decision
from vigie.domain.errors import NeedsApproval, Permanent, Refused, Transient, VigieError
from vigie.domain.fact import Value
from vigie.domain.fleet import Ending, HostAnswer, Order, Outlook, Progress
from vigie.domain.host import Host
from vigie.policy import audit
from vigie.policy.effects import Judgement
from vigie.policy.limits import Limits
from vigie.policy.looking import orphans_end
from vigie.policy.permission import Say, say
from vigie.policy.redaction import redact
from vigie.policy.shell import classify
from vigie.tools.hands import Hands

if TYPE_CHECKING:
    from vigie.memory.memory import TenantMemory

INTENT = "fleet.intent"
RESULT = "fleet.result"
BEGUN = "fleet.begun"
ENDED = "fleet.ended"
ASKED = "fleet.asked"
APPROVED = "fleet.approved"
_AT_ONCE = 256
# All outputs of one order together, and the least that each host may say.
_OUTPUT_BYTES = 64 * 1024 * 1024
_OUTPUT_BYTES_MIN = 16 * 1024
_APPROVAL_S = 300.0
_LEASE_S = 60.0


class FanOut:
    """Runs orders on the hosts of one tenant."""

    def __init__(self, memory: "TenantMemory", hands: Hands, clock: Clock, limits: Limits) -> None:
        """Stand behind the gate."""
        self._memory = memory
        self._hands = hands
        self._clock = clock
        self._limits = limits

    async def outlook(self, order: Order, hosts: Sequence[Host]) -> Outlook:
        """Say what an order would do, and whom it would ask."""
        judged = classify(order.line)
        outlook = Outlook(order, judged.effect_class, judged.effects, judged.reasons)
        if judged.effect_class in (EffectClass.SAFE_READ, EffectClass.FORBIDDEN):
            return outlook
        said = {host.name: say(judged.effect_class, host.autonomy) for host in hosts}
        unseen = tuple([host.name for host in hosts if await self._unseen(order, host) is not None])
        # Where it was begun once and never seen to end, nothing goes by itself: a person looks first.
        asking = tuple(name for name, word in said.items() if word is Say.ASK or (word is Say.RUN and name in unseen))
        refusing = tuple(name for name, word in said.items() if word is Say.REFUSE)
        return replace(outlook, asking=asking, refusing=refusing, unseen=unseen)

    async def run(
        self,
        order: Order,
        hosts: Sequence[Host],
        *,
        actor: str,
        approved: str | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> list[HostAnswer]:
        """Run an order and return how it ended on each host, in the order's own order.

        Args:
            order: what to run.
            hosts: those that the order names.
            actor: who gives it.
            approved: the hash that a person agreed to, after it was shown to them.
            progress: is told how far it has come, first once it is written down that it begins.

        Raises:
            NeedsApproval: a person must agree first; the request is written down, and expires.
            Refused: the line is forbidden; nothing was run.
            Permanent: what was agreed to is another order, was used before, or is too old.
        """
        judged = classify(order.line)
        if judged.effect_class is EffectClass.FORBIDDEN:
            await self._refuse(judged, order, actor)
        outlook = await self.outlook(order, hosts)
        if outlook.needs_approval:
            await self._agreed(order, actor, approved)
        run = _Run(order, judged, actor, secrets.token_hex(4), outlook.refusing, progress)
        body: dict[str, Value] = {**run.body(), "hosts": list(order.hosts), "effects": [redact(each) for each in judged.effects]}
        await self._memory.journal.append(INTENT, actor=actor, body=body, ref=run.id)
        run.tell()
        is_read = judged.effect_class is EffectClass.SAFE_READ
        await (self._read(run, hosts) if is_read else self._change(run, hosts))
        answers = [run.answers.get(name) or HostAnswer(name, Ending.NOT_STARTED) for name in order.hosts]
        ends = {ending.value: [each.host for each in answers if each.ending is ending] for ending in Ending}
        told: dict[str, Value] = {**run.body(), **{ending: [*names] for ending, names in ends.items()}}
        counts = {f"{ending}_count": len(names) for ending, names in ends.items()}
        await self._memory.journal.append(RESULT, actor=actor, body={**told, **counts}, ref=run.id)
        return answers

    # Reads: everywhere at once.

    async def _read(self, run: "_Run", hosts: Sequence[Host]) -> None:
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(host: Host) -> None:
            async with turns:
                run.begin()
                run.end(await self._line(run, host, mark=None), began=True)

        async with asyncio.TaskGroup() as group:
            for host in hosts:
                group.create_task(one(host))

    # Changes: a canary, then by turns, until something does not end well.

    async def _change(self, run: "_Run", hosts: Sequence[Host]) -> None:
        for name in run.refusing:
            run.end(HostAnswer(name, Ending.REFUSED, error=Refused("gate.observed", host=name, line=redact(run.order.line))))
        rest = deque(host for host in hosts if host.name not in run.refusing)
        canaries = deque(rest.popleft() for _ in range(min(max(run.order.canary, 0), len(rest))))
        await self._turn(run, canaries, 1, stop_after=1)
        if not run.failures:
            await self._turn(run, rest, max(run.order.width, 1), stop_after=max(run.order.stop_after, 1))

    async def _turn(self, run: "_Run", rest: deque[Host], width: int, *, stop_after: int) -> None:
        async def worker() -> None:
            while rest and run.failures < stop_after:
                run.begin()
                run.end(await self._on_one(run, rest.popleft()), began=True)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(width, len(rest))):
                group.create_task(worker())

    async def _on_one(self, run: "_Run", host: Host) -> HostAnswer:
        """Change one host: alone there, after a look at what an earlier try may have left running."""
        holder, lease = f"fleet-{run.id}", f"host:{host.name}"
        fence = await self._memory.leases.take(lease, holder, run.order.timeout_s + _LEASE_S)
        if fence is None:
            return HostAnswer(host.name, Ending.NOT_STARTED, error=Transient("fleet.busy", host=host.name))
        try:
            before = await self._unseen(run.order, host)
            if before is not None and not await self._is_over(run, host, before):
                return HostAnswer(host.name, Ending.NOT_STARTED, error=Transient("fleet.still_running", host=host.name))
            await self._tell(run, BEGUN, host)
            answer = await self._line(run, host, mark=_mark(run.id, host.name))
            if answer.ending is Ending.UNKNOWN:
                await self._is_over(run, host, run.id)
            seen = audit.completed_body(answer.completed) if answer.completed is not None else {}
            await self._tell(run, ENDED, host, outcome=answer.ending.value, **seen)
        finally:
            await self._memory.leases.release(lease, holder, fence)
        return answer

    async def _is_over(self, run: "_Run", host: Host, run_id: str) -> bool:
        """Wait for what a run that was lost from sight may still be doing on a host; False while it does."""

        async def is_done() -> bool:
            return False

        try:
            way = await self._hands.on(host)
            limit_s = run.order.timeout_s
            return await orphans_end(way, host, _mark(run_id, host.name), limit_s=limit_s, settle_s=limit_s, is_done=is_done)
        except VigieError:
            return False

    async def _unseen(self, order: Order, host: Host) -> str | None:
        """Return the run of this very line on this host that was begun and never seen to end."""
        last: str | None = None
        for row in await self._memory.journal.of_ref(_ref(order, host.name)):
            is_open = row.kind == BEGUN or (row.kind == ENDED and row.body["outcome"] == Ending.UNKNOWN.value)
            last = str(row.body["run"]) if is_open else None
        return last

    async def _tell(self, run: "_Run", kind: str, host: Host, **more: Value) -> None:
        body: dict[str, Value] = {**run.body(), "host": host.name, **more}
        await self._memory.journal.append(kind, actor=run.actor, body=body, ref=_ref(run.order, host.name))

    # One line on one host.

    async def _line(self, run: "_Run", host: Host, *, mark: str | None) -> HostAnswer:
        share_bytes = max(_OUTPUT_BYTES // max(len(run.order.hosts), 1), _OUTPUT_BYTES_MIN)
        cap_bytes = min(self._limits.output_bytes, share_bytes)
        try:
            way = await self._hands.on(host)
            completed = await way.run(run.order.line, timeout_s=run.order.timeout_s, mark=mark, cap_bytes=cap_bytes)
        except Permanent as error:
            return HostAnswer(host.name, Ending.UNREACHABLE, error=error)
        except Transient as error:
            return HostAnswer(host.name, _lost(mark, error), error=error)
        return HostAnswer(host.name, _ending(completed, mark), completed)

    # Permission.

    async def _refuse(self, judged: Judgement, order: Order, actor: str) -> NoReturn:
        line, hosts = redact(judged.line), ", ".join(order.hosts)
        body: dict[str, Value] = {
            "host": hosts,
            "line": line,
            "class": judged.effect_class.value,
            "reasons": [redact(reason) for reason in judged.reasons],
            "rule": "gate.forbidden",
        }
        await self._memory.journal.append(audit.REFUSED, actor=actor, body=body)
        raise Refused("gate.forbidden", host=hosts, line=line, effect_class=body["class"], reasons=" ".join(judged.reasons))

    async def _agreed(self, order: Order, actor: str, approved: str | None) -> None:
        """Use up a person's agreement to exactly this order, or ask for it."""
        asked = f"fleet-{order.hash}"
        now = self._clock.now()
        waiting = await self._memory.approvals.waiting(asked)
        if approved is not None and approved != order.hash:
            raise Permanent("fleet.other_order", hash=approved[:12])
        if waiting is None or waiting.expires_at <= now:
            waiting, approved = await self._ask(order, asked, actor), None
        if approved is None:
            raise NeedsApproval("fleet.needs_approval", waiting.id, hosts=", ".join(order.hosts), line=redact(order.line))
        await self._memory.approvals.decide(waiting.id, Decision.APPROVED, actor, approved, now)
        await self._memory.approvals.use(waiting.id, approved, now)
        body: dict[str, Value] = {"approval": waiting.id, "line": redact(order.line), "hosts": list(order.hosts)}
        await self._memory.journal.append(APPROVED, actor=actor, body=body)

    async def _ask(self, order: Order, asked: str, actor: str) -> Approval:
        now = self._clock.now()
        ends = now + timedelta(seconds=_APPROVAL_S)
        approval = Approval(f"F-{secrets.token_hex(4)}", asked, ", ".join(order.hosts), order.hash, now, ends)
        await self._memory.approvals.save(approval)
        body: dict[str, Value] = {"approval": approval.id, "line": redact(order.line), "hosts": list(order.hosts)}
        await self._memory.journal.append(ASKED, actor=actor, body=body)
        return approval


@dataclass
class _Run:
    """An order at work."""

    order: Order
    judged: Judgement
    actor: str
    id: str
    refusing: tuple[str, ...]
    progress: Callable[[Progress], None] | None
    answers: dict[str, HostAnswer] = field(default_factory=dict)
    failures: int = 0
    running: int = 0

    def begin(self) -> None:
        """Note that a host's turn has come."""
        self.running += 1
        self.tell()

    def end(self, answer: HostAnswer, *, began: bool = False) -> None:
        """Note how it ended on a host, whose turn had come where it `began`."""
        self.answers[answer.host] = answer
        self.failures += answer.ending in (Ending.FAILED, Ending.UNREACHABLE, Ending.UNKNOWN)
        self.running -= began
        self.tell()

    def tell(self) -> None:
        """Tell how far it has come, where somebody listens."""
        if self.progress is not None:
            ended = Counter(answer.ending for answer in self.answers.values())
            self.progress(Progress(ended, self.running, len(self.order.hosts) - len(self.answers) - self.running))

    def body(self) -> dict[str, Value]:
        """Return what each row of it says."""
        return {
            "run": self.id,
            "line": redact(self.order.line),
            "class": self.judged.effect_class.value,
            "count": len(self.order.hosts),
        }


def _ending(completed: Completed, mark: str | None) -> Ending:
    if completed.rc is None and not completed.killed:
        return Ending.UNREACHABLE if mark is None else Ending.UNKNOWN
    return Ending.DONE if completed.rc == 0 and not completed.killed else Ending.FAILED


def _lost(mark: str | None, error: Transient) -> Ending:
    """Return what became of a line whose host was lost: one that may change something may have begun, if it was tried at all."""
    is_tried = mark is not None and error.values.get("sent") is True
    return Ending.UNKNOWN if is_tried else Ending.UNREACHABLE


def _mark(run_id: str, host: str) -> str:
    return f"fleet-{run_id}:{host}"


def _ref(order: Order, host: str) -> str:
    return f"fleet:{sha256(order.line.encode()).hexdigest()[:16]}:{host}"
