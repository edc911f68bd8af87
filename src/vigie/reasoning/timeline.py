"""Rows of the journal as sentences, for reports: only those that tell something to whoever was not there."""

from collections.abc import Mapping, Sequence

from vigie import i18n
from vigie.domain.fact import Value
from vigie.domain.happening import Happening
from vigie.i18n import LANGUAGES, Language

# How it was worked out, not what happened.
_WORKINGS = frozenset(
    (
        "case.check", "case.odds", "case.phase", "case.looked", "case.retry", "case.reported", "host.read", "host.identified",
        "host.fetched", "backup.reading", "action.intent", "action.result", "action.undo_intent", "action.undo_result",
    )
)  # fmt: skip


class _Known(dict[str, object]):
    """A sentence's values; what a row does not have is a dash."""

    def __missing__(self, key: str) -> str:
        return "–"


def told(happenings: Sequence[Happening], language: Language) -> list[tuple[Happening, str]]:
    """Return the rows worth telling, each with its sentence."""
    found = [(row, sentence(row, language)) for row in happenings if row.kind not in _WORKINGS]
    return [(row, words) for row, words in found if words is not None]


def sentence(happening: Happening, language: Language) -> str | None:
    """Return a row's sentence; None for a kind that has none."""
    area, _, name = happening.kind.partition(".")
    if not i18n.has(f"{area}.happenings.{name}"):
        return None
    return i18n.area_of(language, area)[f"happenings.{name}"].format_map(_Known(_values(happening.body, language)))


def _values(body: Mapping[str, Value], language: Language) -> dict[str, object]:
    return {name: _words(value, language) for name, value in body.items()}


def _words(value: Value, language: Language) -> object:
    if isinstance(value, dict) and value and set(value) <= set(LANGUAGES):
        return value.get(language) or next(iter(value.values()))
    if isinstance(value, list):
        return ", ".join(str(_words(each, language)) for each in value) or "–"
    if isinstance(value, float):
        return f"{value:.3g}"
    return "–" if value is None else value
