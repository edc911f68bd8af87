"""Rows of the journal as sentences, for reports: only those that tell something to whoever was not there."""

from collections.abc import Sequence

from vigie import i18n
from vigie.domain.happening import Happening
from vigie.i18n import Language
from vigie.reasoning.values import filled

# How it was worked out, not what happened.
_WORKINGS = frozenset(
    (
        "case.check", "case.odds", "case.phase", "case.looked", "case.retry", "case.reported", "host.read", "host.identified",
        "host.fetched", "backup.reading", "action.intent", "action.result", "action.undo_intent", "action.undo_result",
    )
)  # fmt: skip


def told(happenings: Sequence[Happening], language: Language) -> list[tuple[Happening, str]]:
    """Return the rows worth telling, each with its sentence."""
    found = [(row, sentence(row, language)) for row in happenings if row.kind not in _WORKINGS]
    return [(row, words) for row, words in found if words is not None]


def sentence(happening: Happening, language: Language) -> str | None:
    """Return a row's sentence; None for a kind that has none."""
    area, _, name = happening.kind.partition(".")
    if not i18n.has(f"{area}.happenings.{name}"):
        return None
    return filled(i18n.area_of(language, area)[f"happenings.{name}"], happening.body, language)
