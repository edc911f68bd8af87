"""Reporter: writes what happened, for people."""

from collections.abc import Sequence
from typing import ClassVar

from vigie.agents.agent import Agent, capability
from vigie.domain.case import Case, Phase
from vigie.domain.happening import Happening
from vigie.i18n import LANGUAGES, Language
from vigie.policy.redaction import redact
from vigie.reasoning import report


class Reporter(Agent):
    """Writes from the case and its journal only; every claim stands on a fact."""

    name = "reporter"
    description: ClassVar[dict[Language, str]] = {
        "en": "Writes the report: what happened, why, what was done, what was checked and what was not.",
        "fr": "Rédige le rapport : ce qui s’est passé, pourquoi, ce qui a été fait, vérifié, et ce qui ne l’a pas été.",
    }
    phases = (Phase.REPORT,)

    @capability
    async def report(self, case: Case, happenings: Sequence[Happening]) -> dict[str, str]:
        """Return the report of a case in every language, as Markdown."""
        return {
            language: redact(report.report(case, happenings, language, knowledge=self._bench.knowledge)) for language in LANGUAGES
        }
