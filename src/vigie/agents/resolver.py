"""Resolver: applies a plan's steps and takes them back."""

from typing import ClassVar

from vigie.agents.agent import Agent, capability
from vigie.domain.action import Action, ActionRecord, Plan
from vigie.domain.case import Phase
from vigie.domain.host import Host
from vigie.i18n import Language
from vigie.policy.limits import Budget


class Resolver(Agent):
    """Brings steps to the gate. After a crash the gate looks at the world before it runs one again."""

    name = "resolver"
    description: ClassVar[dict[Language, str]] = {
        "en": "Applies the plan step by step through the gate, and takes back what did not help.",
        "fr": "Applique le plan pas à pas en passant par le contrôle, et annule ce qui n’a pas aidé.",
    }
    phases = (Phase.ACT,)

    @capability
    async def act(self, host: Host, action: Action, plan: Plan, *, approval: str | None, budget: Budget) -> ActionRecord:
        """Run one step of a plan, once."""
        return await self._bench.gate.act(host, action, plan, actor=f"agent:{self.name}", approval=approval, budget=budget)

    @capability
    async def undo(self, host: Host, action: Action, plan: Plan) -> ActionRecord:
        """Take one step back, once."""
        return await self._bench.gate.undo(host, action, plan, actor=f"agent:{self.name}")
