"""A sentence kept in both languages until somebody reads it."""

from collections.abc import Mapping
from dataclasses import dataclass

from vigie import i18n
from vigie.i18n import Language
from vigie.knowledge.models import Both
from vigie.reasoning.wording import said


@dataclass(frozen=True, slots=True)
class Saying:
    """One sentence, twice."""

    en: str
    fr: str

    @classmethod
    def of(cls, text: Both, values: Mapping[str, str]) -> "Saying":
        """Fill a sentence of knowledge."""
        return cls(said(text, "en", values), said(text, "fr", values))

    def text(self, language: Language) -> str:
        """Return it for a reader."""
        return self.fr if language == "fr" else self.en


def saying(key: str, **values: object) -> Saying:
    """Fill a sentence of the catalogue, area `diagnosis`."""
    return Saying(i18n.text("en", f"diagnosis.{key}", **values), i18n.text("fr", f"diagnosis.{key}", **values))
