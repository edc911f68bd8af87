"""A row of the journal as a sentence in the reader's language, and as the event that streams carry."""

from collections.abc import Mapping
from typing import Any

from vigie import i18n
from vigie.domain.fact import Value
from vigie.domain.happening import Happening
from vigie.i18n import LANGUAGES, Language


class _Known(dict[str, object]):
    """The sentence's values; one that the row does not have is shown as a dash, so that an old row can always be read."""

    def __missing__(self, key: str) -> str:
        return "–"


def sentence(happening: Happening, language: Language) -> str:
    """Return the row's sentence; a kind without one is told by its name."""
    area, _, name = happening.kind.partition(".")
    key = f"{area}.happenings.{name}"
    if not i18n.has(key):
        return happening.kind
    template = i18n.area_of(language, area)[f"happenings.{name}"]
    return template.format_map(_Known(_values(happening.body, language)))


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


def _values(body: Mapping[str, Value], language: Language) -> dict[str, object]:
    return {name: _in_words(value, language) for name, value in body.items()}


def _in_words(value: Value, language: Language) -> object:
    if isinstance(value, dict) and set(value) <= set(LANGUAGES) and value:
        return value.get(language) or next(iter(value.values()))
    if isinstance(value, list):
        return ", ".join(str(_in_words(each, language)) for each in value)
    if isinstance(value, float):
        return f"{value:.3g}"
    return "–" if value is None else value
