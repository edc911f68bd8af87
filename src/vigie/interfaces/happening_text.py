"""A row of the journal as a sentence in the reader's language, and as the event that streams carry."""

from typing import Any

from vigie import i18n
from vigie.domain.fact import Value
from vigie.domain.fleet import Ending
from vigie.domain.happening import Happening
from vigie.i18n import Language
from vigie.reasoning.values import filled


def sentence(happening: Happening, language: Language) -> str:
    """Return the row's sentence, its instants in this machine's zone; a kind without one is told by its name."""
    area, _, name = happening.kind.partition(".")
    key = f"{area}.happenings.{name}"
    if not i18n.has(key):
        return happening.kind
    body = {**happening.body, **_ended(happening, language)} if area == "fleet" else happening.body
    return filled(i18n.area_of(language, area)[f"happenings.{name}"], body, language, zone=None)


def _ended(happening: Happening, language: Language) -> dict[str, Value]:
    """Return how an order ended on a host, or on all of them: each ending that there was, with its number."""
    named = {ending.value: i18n.text(language, f"fleet.endings.{ending.value}") for ending in Ending}
    counts = {word: happening.body.get(f"{name}_count") for name, word in named.items()}
    told = ", ".join(f"{word} ({count})" for word, count in counts.items() if count)
    return {"ended": told, "outcome": named.get(str(happening.body.get("outcome")), "–")}


def event(happening: Happening, language: Language) -> dict[str, Any]:
    """Return what a live timeline is sent for the row."""
    return {
        "seq": happening.seq,
        "at": happening.at.isoformat(),
        "case": happening.case,
        "kind": happening.kind,
        "actor": happening.actor,
        "text": sentence(happening, language),
        "body": happening.body,
    }
