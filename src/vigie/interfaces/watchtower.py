"""Keeps watch: follows logs, asks for pages, repeats standing checks; what they show becomes findings, and findings cases."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vigie.domain.finding import Finding
from vigie.interfaces.settings import LogFile

if TYPE_CHECKING:
    from vigie.cases.desk import Desk
    from vigie.clock import Clock
    from vigie.memory.memory import TenantMemory
    from vigie.policy.gate import Gate


class Watchtower:
    """One home's watch. A held host's findings gather until somebody asks for them; the others open cases at once."""

    def __init__(
        self, memory: "TenantMemory", desk: "Desk", gate: "Gate", clock: "Clock", sources: Sequence[LogFile] = ()
    ) -> None:
        self._memory = memory

    async def run(self) -> None:
        """Watch until cancelled."""
        await asyncio.Event().wait()

    def hold(self, host: str) -> None: ...

    async def follow_log(self, host: str, service: str | None, path: Path) -> None: ...

    def follow_page(self, host: str, url: str, every_s: float) -> None: ...

    async def gathered(self, host: str, timeout_s: float) -> list[Finding]:
        return []

    async def forget(self, host: str) -> None: ...
