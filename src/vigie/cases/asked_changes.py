"""A change that was asked for in words: one case a host, begun at its approval; `conversation.py` shows what comes of it."""

import asyncio
from collections.abc import Sequence

from vigie.cases.asked_lines import AskedLine, AskedLines
from vigie.cases.desk import Desk
from vigie.cases.requested_change import plan_of
from vigie.clock import Clock
from vigie.domain.case import Case, CaseState
from vigie.domain.exchange import Exchange, Ran
from vigie.domain.host import Autonomy
from vigie.i18n import LANGUAGES, language_of
from vigie.knowledge.library import Knowledge
from vigie.memory.memory import TenantMemory
from vigie.policy.gate import Gate
from vigie.reasoning.commands import understanding
from vigie.reasoning.commands.request import Understood

# How long an answer waits to learn whether a change that was started waits for an approval.
_SETTLE_S = 4.0
_CHANGE_S = 600.0


class AskedChanges:
    """Opens the cases of asked changes and works or starts them."""

    def __init__(
        self, memory: TenantMemory, desk: Desk, gate: Gate, knowledge: Knowledge, clock: Clock, lines: AskedLines
    ) -> None:
        self._memory = memory
        self._desk = desk
        self._gate = gate
        self._knowledge = knowledge
        self._clock = clock
        self._lines = lines

    async def results(self, asked: Exchange, understood: Understood, lines: Sequence[AskedLine], *, wait: bool) -> list[Ran]:
        """Open one case a host; the first decides whether the others are begun.

        Args:
            asked: the exchange so far.
            understood: what was understood.
            lines: one a host.
            wait: work each to its end or its approval; else it is started.
        """
        results: list[Ran] = []
        for each in lines:
            if each.host.autonomy is Autonomy.OBSERVE:
                results.append(Ran(each.host.name, each.line, None, "", "", 0.0, "refused"))
                continue
            results.append(await self._worked(asked, understood, each, wait=wait))
            if results[-1].outcome not in ("done", "waiting", "started"):
                results += [Ran(rest.host.name, rest.line, None, "", "", 0.0, "not_started") for rest in lines[len(results) :]]
                break
        return results

    async def _worked(self, asked: Exchange, understood: Understood, each: AskedLine, *, wait: bool) -> Ran:
        began_s = self._clock.monotonic_s()
        host = each.host
        if host.manager is None and each.line.startswith("systemctl"):
            host = await self._gate.identify(host, actor=f"person:{asked.person}")
            await self._memory.hosts.save(host)
            each = self._lines.of(understood, host)
            if host.manager is None:
                return Ran(host.name, each.line, None, "", "", 0.0, "assumed")
        title: dict[str, str] = {
            language: understood.intent.titled(language, asked.slots) if understood.intent else each.line
            for language in LANGUAGES
        }
        intent = None if understood.undo else understood.intent
        services = understanding.of(self._knowledge).services
        plan = plan_of(each.line, intent, asked.slots, host, self._knowledge, services, self._clock.now(), title)
        case = await self._desk.request(
            plan, ticket=asked.text, title=title[language_of(asked.language)], language=asked.language, timeout_s=_CHANGE_S
        )
        if wait:
            case = await self._desk.work(case.id)
        else:
            await self._desk.start(case.id)
            case = await self._settled(case)
        outcome = _outcome(case)
        seconds = round(self._clock.monotonic_s() - began_s, 3)
        rc = 0 if outcome in ("done", "waiting", "started") else 1
        return Ran(host.name, each.line, rc, "", "", seconds, outcome, case.id)

    async def _settled(self, case: Case) -> Case:
        """Give a change that was started a moment to end or to ask."""
        ends_s = self._clock.monotonic_s() + _SETTLE_S
        while case.state is CaseState.WORKING and self._clock.monotonic_s() < ends_s:
            await asyncio.sleep(0.1)
            case = await self._memory.cases.get(case.id)
        return case


def _outcome(case: Case) -> str:
    match case.state:
        case CaseState.WAITING:
            return "waiting"
        case CaseState.RESOLVED:
            return "done"
        case CaseState.WORKING:
            return "started"
        case _:
            return "failed"
