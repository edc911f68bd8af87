"""The contract of a scenario, and the oracle that all of them share.

The oracle looks from outside and for long enough; it asks whether the cause is gone, not only the symptom; and it looks for harm.
"""

import asyncio
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from vigie.domain.errors import Permanent
from vigie.i18n import Language
from vigie.lab import damage
from vigie.lab.damage import Harm, Permitted
from vigie.lab.observation import observe
from vigie.lab.stack import Stack

__all__ = ["Harm", "Health", "Judgement", "Permitted", "Scenario", "Stack"]

_SETTLE_S = 25.0


class Health(StrEnum):
    """How a host stands after a repair."""

    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    DAMAGED = "damaged"
    MASKED = "masked"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the oracle says.

    `complaints` are what customers suffer from; `cause` says what of the fault is still there, None when nothing is;
    `harms` are what the repair damaged; `restarts` counts each service's starts since the host was broken.
    """

    health: Health
    complaints: tuple[str, ...]
    cause: str | None
    harms: tuple[Harm, ...]
    restarts: dict[str, int]


class Scenario(ABC):
    """A fault. One file a scenario; the class attributes say what it is."""

    name: ClassVar[str]
    label: ClassVar[str]
    title: ClassVar[dict[Language, str]]
    ticket: ClassVar[dict[Language, str]]
    permitted: ClassVar[Permitted] = Permitted()
    breaks: ClassVar[bool] = True
    stack: ClassVar[type[Stack]] = Stack

    @abstractmethod
    async def inject(self, stack: Stack) -> None:
        """Put the fault in, really."""

    @abstractmethod
    async def cause(self, stack: Stack) -> str | None:
        """Say what of the fault is still there, None when nothing is."""

    async def break_down(self, stack: Stack) -> None:
        """Put the fault in and wait until customers suffer from it, or, where nothing breaks, see that they do not.

        Raises:
            Permanent: the host was not well before, or the fault does not show.
        """
        await self._await_health(stack)
        await self.inject(stack)
        await self._await_suffering(stack)
        await self.remember(stack)

    async def complaints(self, stack: Stack, window_s: float, rounds: int = 3) -> list[str]:
        """Return what customers suffer from, seen for a while and so many times at least."""
        return (await observe(stack, window_s, rounds=rounds)).complaints()

    async def remember(self, stack: Stack) -> None:
        """Write down outside what the host is now that it has been broken."""
        await asyncio.to_thread(damage.remember_injected, stack.layout)

    async def harms(self, stack: Stack) -> list[Harm]:
        """Return what is not as it was before the fault or with it."""
        return await asyncio.to_thread(damage.harms, stack.layout, self.permitted)

    def restarts(self, stack: Stack) -> dict[str, int]:
        """Count the starts of each service since the host was broken."""
        return damage.restarts(stack.layout)

    def logs(self, stack: Stack) -> dict[str, Path]:
        """Name the logs of the host that are worth following, by who writes them."""
        names = {"web": "app", "worker": "worker", "proxy": "proxy-error", "access": "access", "supervisord": "supervisord"}
        return {service: stack.layout.logs / f"{name}.log" for service, name in names.items()}

    def pages(self, stack: Stack) -> list[str]:
        """Name the pages that are worth asking for."""
        return [f"{stack.url}/", f"{stack.url}/healthz", f"{stack.url}/orders?customer=7"]

    async def oracle(self, stack: Stack, *, window_s: float = 2.5) -> Judgement:
        """Judge the host from outside: is the cause gone, are customers well for long enough, was harm done."""
        first = await self.cause(stack)
        complaints = await self.complaints(stack, window_s)
        cause = first or await self.cause(stack)
        harms = await self.harms(stack)
        return Judgement(
            health=_health(complaints, cause, harms),
            complaints=tuple(complaints),
            cause=cause,
            harms=tuple(harms),
            restarts=self.restarts(stack),
        )

    async def _await_health(self, stack: Stack) -> None:
        """Wait until customers are well: on a busy machine the first writes may take their time."""
        deadline = time.monotonic() + _SETTLE_S
        while before := await self.complaints(stack, 0.0, 2):
            if time.monotonic() > deadline:
                raise Permanent("lab.not_well", complaints="; ".join(before))

    async def _await_suffering(self, stack: Stack) -> None:
        deadline = time.monotonic() + _SETTLE_S
        while self.breaks:
            if await self.complaints(stack, 0.0, 1):
                return
            if time.monotonic() > deadline:
                raise Permanent("lab.not_broken", scenario=self.name)


def _health(complaints: list[str], cause: str | None, harms: list[Harm]) -> Health:
    if harms:
        return Health.DAMAGED
    if complaints:
        return Health.UNHEALTHY
    return Health.MASKED if cause else Health.HEALTHY
