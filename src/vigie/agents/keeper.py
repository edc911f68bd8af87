"""Keeper: saves what a plan will touch, and puts it back."""

from typing import ClassVar

from vigie.agents.agent import Agent, capability
from vigie.domain.action import ActionRecord, Backup, Plan
from vigie.domain.case import Phase
from vigie.domain.host import Host
from vigie.i18n import Language


class Keeper(Agent):
    """Nothing is touched before its backup was read back and compared."""

    name = "keeper"
    description: ClassVar[dict[Language, str]] = {
        "en": "Saves what a plan will touch, proves that the copy is good, and puts it back when asked.",
        "fr": "Sauvegarde ce qu’un plan va toucher, prouve que la copie est bonne, et la remet en place si besoin.",
    }
    phases = (Phase.BACK_UP,)

    @capability
    async def back_up(self, host: Host, plan: Plan, *, case: str) -> Backup | None:
        """Save everything that a plan names; None when it loses nothing."""
        return await self._bench.gate.back_up(host, plan, case=case, actor=f"agent:{self.name}")

    @capability
    async def restore(self, host: Host, backup: str) -> list[ActionRecord]:
        """Put a backup back."""
        return await self._bench.gate.restore(host, backup, actor=f"agent:{self.name}", approval=None)
