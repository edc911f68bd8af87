"""Archivist: keeps what a closed case taught, so that the next one of its kind is found sooner."""

from typing import ClassVar

from vigie.agents.agent import Agent, capability
from vigie.domain.case import Case, CaseState, Phase
from vigie.domain.lesson import Lesson
from vigie.i18n import Language, language_of
from vigie.reasoning import complaint


class Archivist(Agent):
    """A lesson raises odds next time; it is never evidence and widens no right."""

    name = "archivist"
    description: ClassVar[dict[Language, str]] = {
        "en": "Remembers which cause was behind which words, and which remedy worked.",
        "fr": "Retient quelle cause se cachait derrière quels mots, et quel remède a marché.",
    }
    phases = (Phase.LEARN,)

    @capability
    async def learn(self, case: Case) -> list[Lesson]:
        """Keep the lessons of an ended case; learning twice is learning once."""
        words = complaint.understand(
            case.ticket, case.findings, language_of(case.language), lexicons=self._bench.knowledge.lexicons
        ).words
        leader = case.verdict.leader if case.verdict else None
        remedy = case.plan.remedy if case.plan else None
        worked = [(label, remedy if leader and label == leader.label else None, True) for label in case.labels]
        if leader is not None and case.rolled_back and leader.label not in case.labels and case.ending is CaseState.ESCALATED:
            worked.append((leader.label, remedy, False))
        lessons = [
            Lesson(f"{case.id}-{label}", case.host, label, words, used, did, case.id, self._bench.clock.now())
            for label, used, did in worked
        ]
        for lesson in lessons:
            await self._bench.memory.lessons.save(lesson)
        return lessons
