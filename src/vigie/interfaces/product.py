"""The product as the demonstration drives it: the same services as everything else."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from vigie.domain.baseline import Baseline
from vigie.domain.case import Case, CaseState, Phase
from vigie.domain.happening import Happening
from vigie.domain.host import Host
from vigie.i18n import Language
from vigie.interfaces import hosts
from vigie.interfaces.services import Services
from vigie.lab.demo import LogSource, PageCheck

_ACTOR = "person:owner"
_LOOK_AGAIN_S = 0.2
_TIMEOUT_S = 300.0


class ShownProduct:
    """Implements `vigie.lab.demo.Product`."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._told: dict[str, int] = {}

    async def enrol(self, host: Host) -> Host:
        """Take a host in, and find out what it is."""
        known = await self._services.gate.identify(host, actor=_ACTOR)
        await self._services.store.hosts.save(known)
        body = {"host": known.name, "address": known.address, "status": known.status.value}
        await self._services.store.journal.append("inventory.added", actor=_ACTOR, body={**body})
        return known

    async def take_baseline(self, host: str) -> Baseline:
        """Record what should not change unnoticed."""
        return await self._services.desk.take_baseline(host)

    async def watch(self, host: str, logs: Sequence[LogSource], pages: Sequence[PageCheck]) -> None:
        """Begin to watch; findings gather until `next_case`."""
        tower = self._services.watchtower
        tower.hold(host)
        for log in logs:
            await tower.follow_log(host, log.service, log.path)
        for page in pages:
            tower.follow_page(host, page.url, page.every_s)

    async def next_case(self, host: str, *, language: Language, timeout_s: float) -> str | None:
        """Open the case of the findings gathered, as soon as there is one, and begin to work it; None in time."""
        findings = await self._services.watchtower.gathered(host, timeout_s)
        if not findings:
            return None
        case = await self._services.desk.open(host, findings=findings, language=language, timeout_s=_TIMEOUT_S)
        await self._services.desk.start(case.id)
        return case.id

    async def submit_ticket(self, host: str, ticket: str, *, language: Language) -> str:
        """Hand a ticket in; return the id of its case, which is the open one of the same trouble if there is one."""
        case = await self._services.desk.open(host, ticket=ticket, language=language, timeout_s=_TIMEOUT_S)
        await self._services.desk.start(case.id)
        return case.id

    async def follow(self, case_id: str) -> AsyncIterator[Happening]:
        """Yield what happens in a case that was not yet told, live, until it ends or waits for a person."""
        journal = self._services.store.journal
        after = self._told.get(case_id, 0)
        while True:
            is_still = _is_still(await self.case(case_id))
            while page := await journal.read(after, case=case_id):
                for happening in page:
                    after = self._told[case_id] = happening.seq
                    yield happening
            if is_still:
                return
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def case(self, case_id: str) -> Case:
        """Return a case."""
        return await self._services.desk.get(case_id)

    async def cases(self, host: str) -> list[str]:
        """Return the ids of all cases of a host."""
        return [case.id for case in await self._services.desk.list(host=host)]

    async def forget(self, host: str) -> None:
        """Stop watching a host and take it off the inventory; its cases stay."""
        await self._services.watchtower.forget(host)
        await hosts.remove(self._services, host, actor=_ACTOR)


def _is_still(case: Case) -> bool:
    return case.phase is Phase.CLOSED or case.state is CaseState.WAITING
