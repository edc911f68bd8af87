"""Planner: chooses the remedy of a cause and fills it from facts."""

from typing import ClassVar

from vigie.agents.agent import Agent, capability
from vigie.domain.action import Plan
from vigie.domain.case import Case, Phase
from vigie.domain.host import Host
from vigie.i18n import Language
from vigie.reasoning import planning


class Planner(Agent):
    """Takes remedies from knowledge; where none fits what was seen, it says so."""

    name = "planner"
    description: ClassVar[dict[Language, str]] = {
        "en": "Chooses the remedy for the cause, with its backup, its checks and the way back.",
        "fr": "Choisit le remède de la cause, avec sa sauvegarde, ses contrôles et le chemin de retour.",
    }
    phases = (Phase.PLAN,)

    @capability
    async def plan(self, host: Host, case: Case) -> Plan | None:
        """Return what would mend the leading cause of a case; None when no remedy fits."""
        if case.verdict is None or case.verdict.leader is None:
            return None
        return planning.plan(self._bench.knowledge, case.verdict.leader, case.facts, case.changes, host)
