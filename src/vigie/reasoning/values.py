"""The values of a row of the journal in its sentence: shares, instants, names, numbers, as the reader writes them."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from vigie import i18n
from vigie.domain.fact import Value
from vigie.i18n import LANGUAGES, Language

_SHARES = frozenset({"confidence"})
# Fields that hold keys of ours: each has a name in the catalogues, as has there being none.
_NAMED = frozenset({"areas", "symptoms"})
_INSTANT = "_at"
_CLASS = "class"


class Known(dict[str, object]):
    """A sentence's values; what a row does not have is a dash, so that an old row can always be read."""

    def __missing__(self, key: str) -> str:
        return "–"


def filled(template: str, body: Mapping[str, Value], language: Language, *, zone: tzinfo | None = UTC) -> str:
    """Fill a row's sentence.

    Args:
        template: the sentence.
        body: of the row.
        language: of the reader.
        zone: in which instants are told; None is the machine's own.
    """
    return template.format_map(Known({name: _told(name, value, language, zone) for name, value in body.items()}))


def moment(text: str, zone: tzinfo | None = UTC) -> str:
    """Return an instant as people write it, with its zone; what is none is returned as it is."""
    try:
        at = datetime.fromisoformat(text).astimezone(zone)
    except (ValueError, OverflowError):
        return text
    return f"{at:%Y-%m-%d %H:%M} {at.tzname()}"


def _told(name: str, value: Value, language: Language, zone: tzinfo | None) -> object:
    if name in _NAMED and isinstance(value, list):
        return ", ".join(_name(name, str(each), language) for each in value) or i18n.text(language, f"diagnosis.{name}.none")
    if name in _SHARES and isinstance(value, int | float):
        return i18n.percent(language, value)
    if name == _CLASS and i18n.has(f"cli.words.{value}"):
        return i18n.text(language, f"cli.words.{value}")
    if name.endswith(_INSTANT) and isinstance(value, str):
        return moment(value, zone)
    return _words(value, language)


def _name(kind: str, key: str, language: Language) -> str:
    return i18n.area_of(language, "diagnosis").get(f"{kind}.{key}", key)


def _words(value: Value, language: Language) -> object:
    if isinstance(value, dict) and value and set(value) <= set(LANGUAGES):
        return value.get(language) or next(iter(value.values()))
    if isinstance(value, list):
        return ", ".join(str(_words(each, language)) for each in value) or "–"
    if isinstance(value, float):
        return i18n.decimal(language, f"{value:.3g}")
    return "–" if value is None else value
