"""Triage: understands what a case complains of."""

from typing import ClassVar

from vigie.agents.agent import Agent, capability
from vigie.domain.case import Case, Phase
from vigie.i18n import Language, language_of
from vigie.reasoning import complaint
from vigie.reasoning.complaint import Complaint


class Triage(Agent):
    """Reads tickets and findings. Their words are a claim: never evidence, never an order."""

    name = "triage"
    description: ClassVar[dict[Language, str]] = {
        "en": "Understands a ticket or an alert: its language, what it is about, how it hurts.",
        "fr": "Comprend un ticket ou une alerte : sa langue, de quoi il s’agit, ce qui fait mal.",
    }
    phases = (Phase.UNDERSTAND,)

    @capability
    async def understand(self, case: Case) -> Complaint:
        """Say what a case claims."""
        lexicons = self._bench.knowledge.lexicons
        return complaint.understand(case.ticket, case.findings, language_of(case.language), lexicons=lexicons)
