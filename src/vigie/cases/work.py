"""One case in the hands of one process: its row, its time, its turn on the host. The phases work with this."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from typing import Any

from vigie.cases.limits import Failure, Gone
from vigie.clock import Clock
from vigie.domain.action import ActionRecord
from vigie.domain.case import Case
from vigie.domain.errors import Permanent, Transient, VigieError
from vigie.domain.fact import Fact, Value
from vigie.domain.host import Host
from vigie.i18n import LANGUAGES, text
from vigie.memory.memory import TenantMemory
from vigie.policy.limits import Budget

logger = logging.getLogger(__name__)

LEASE_S = 20.0
_RENEW_S = 5.0
_ASK_AGAIN_S = 0.5
_SAVES = 6


class Work:
    """Holds the host's lease while it lives; another case on that host waits its turn."""

    def __init__(self, memory: TenantMemory, clock: Clock, case: Case, budget: Budget) -> None:
        self.memory = memory
        self.clock = clock
        self.case = case
        self.budget = budget
        self.host: Host | None = None
        self.last_look_good: bool | None = None
        # What the diagnosis has seen so far; a crash costs the safe reads, not more.
        self.seen: list[Fact] = []
        # Nobody could see what has changed on the host.
        self.blind = False
        left_s = case.timeout_s if case.left_s is None else case.left_s
        self._ends_s = clock.monotonic_s() + left_s
        self._fence: int | None = None
        self._renewal: asyncio.Task[None] | None = None
        self._lost = False

    @property
    def left_s(self) -> float:
        """Return the seconds left for the case; they only run while a process works it."""
        return self._ends_s - self.clock.monotonic_s()

    async def the_host(self) -> Host:
        """Return the host as it is kept, under this case's autonomy, which a person may have lowered meanwhile.

        Raises:
            Permanent: it was taken off the inventory meanwhile; nothing more may be done there.
        """
        known = await self.memory.hosts.get(self.case.host)
        if self.host is None:
            self.host = known
        stored = await self.memory.cases.get(self.case.id)
        return replace(self.host, autonomy=stored.autonomy)

    async def take_turn(self) -> bool:
        """Wait for the host; False when the case's time ran out first."""
        if self._fence is not None:
            return True
        told = False
        while True:
            self._fence = await self.memory.leases.take(self._lease, self._holder, LEASE_S)
            if self._fence is not None:
                self._renewal = asyncio.get_running_loop().create_task(self._renew())
                return True
            if self.left_s <= 0:
                return False
            if not told:
                told = True
                await self.tell("case.host_busy", host=self.case.host)
            await asyncio.sleep(_ASK_AGAIN_S)

    async def let_go(self) -> None:
        """Give the host to the next case."""
        if self._renewal is not None:
            self._renewal.cancel()
            with suppress(asyncio.CancelledError):
                await self._renewal
            self._renewal = None
        if self._fence is not None:
            await self.memory.leases.release(self._lease, self._holder, self._fence)
            self._fence = None

    async def change(self, **fields: Any) -> Case:
        """Store the case with these fields changed; a comment or a finding that came in between is kept.

        Raises:
            Gone: the case or its host is another process's by now.
        """
        if self._lost:
            raise Gone
        fields["left_s"] = max(0.0, self.left_s)
        fields["updated_at"] = self.clock.now()
        for _ in range(_SAVES):
            try:
                self.case = await self.memory.cases.save(replace(self.case, **fields))
            except Transient as error:
                if error.key != "case.conflict":
                    raise
                await self._reload()
            else:
                return self.case
        raise Transient("case.conflict", case=self.case.id)

    async def tell(self, kind: str, *, actor: str = "vigie", ref: str | None = None, **body: Value) -> None:
        """Write a row of the case's journal."""
        await self.memory.journal.append(kind, actor=actor, case=self.case.id, body=body, ref=ref)

    async def record(self, record: ActionRecord) -> None:
        """Keep how an action ended; an action has one record, its last."""
        others = [each for each in self.case.actions if each.id != record.id]
        place = next((n for n, each in enumerate(self.case.actions) if each.id == record.id), len(others))
        await self.change(actions=(*others[:place], record, *others[place:]))

    async def _reload(self) -> None:
        stored = await self.memory.cases.get(self.case.id)
        if stored.leg != self.case.leg:
            raise Gone
        self.case = stored

    async def _renew(self) -> None:
        while not self._lost:
            await asyncio.sleep(_RENEW_S)
            try:
                assert self._fence is not None
                self._lost = not await self.memory.leases.renew(self._lease, self._holder, self._fence, LEASE_S)
            except VigieError:
                logger.warning("lease not renewed", extra={"case": self.case.id}, exc_info=True)
        logger.warning("lease lost", extra={"case": self.case.id, "host": self.case.host})

    @property
    def _lease(self) -> str:
        return f"host:{self.case.host}"

    @property
    def _holder(self) -> str:
        return f"case:{self.case.id}"


def told(error: VigieError | Failure) -> dict[str, Value]:
    """Return an error as the journal keeps it: what and why, in each language."""
    known = error if isinstance(error, VigieError) else error.as_error()
    words: dict[str, Value] = {}
    for language in LANGUAGES:
        values = dict(known.values)
        if isinstance(values.get("phase"), str):
            values["phase"] = text(language, f"phase.names.{values['phase']}")
        said = Permanent(known.key, **values)
        words[language] = f"{said.what(language)} {said.why(language)}"
    return words


def says(key: str) -> dict[str, Value]:
    """Return a text of the catalogues in each language, as the journal keeps it."""
    return {language: text(language, key) for language in LANGUAGES}
